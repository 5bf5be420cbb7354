"""Stores the person's feedback on replies as choices: thumbs, edits and copies."""

from collections.abc import Callable, Iterable
from typing import Protocol

from homeward.conversation.reply import Reply
from homeward_store import Choice, ChoiceSource, Profile, TurnId
from homeward_store.typed import doors


class ReplyReplaceable(Protocol):
    """A conversation whose newest reply can be replaced."""

    @property
    def turn(self) -> TurnId | None:
        """Its last turn."""
        ...

    def settle(self, replied: str) -> None:
        """Make `replied` its reply."""
        ...


@doors
class Feedback:
    """Signals about replies that left a turn: about an incognito one, none is kept."""

    def __init__(
        self,
        profile: Profile,
        prefer: Callable[..., Choice],
        conversations: Callable[[], Iterable[ReplyReplaceable]],
    ) -> None:
        self._profile = profile
        self._prefer = prefer
        self._conversations = conversations

    def rate(self, reply: Reply, *, good: bool) -> Choice | None:
        """Keep that the person found a reply good, or bad."""
        said = reply.text_so_far
        chosen, rejected = (said, "") if good else ("", said)
        return self._keep(reply, chosen, rejected, ChoiceSource.RATING)

    def accept(self, reply: Reply) -> Choice | None:
        """Keep that the person copied or used a reply: weak evidence that they like it."""
        return self._keep(reply, reply.text_so_far, "", ChoiceSource.ACCEPT)

    def edit(self, reply: Reply, text: str) -> Choice | None:
        """
        Keep `text` as what the reply should have been; None where nothing was changed.

        It is kept as a choice, and in the conversation where the reply is the newest.
        """
        choice = self._keep(reply, text, reply.text_so_far, ChoiceSource.EDIT)
        if choice is not None:
            for conversation in self._conversations():
                if conversation.turn == reply.turn:
                    conversation.settle(text)
        return choice

    def _keep(
        self, reply: Reply, chosen: str, rejected: str, source: ChoiceSource
    ) -> Choice | None:
        turn = None if reply.turn is None else self._profile.turns.get(reply.turn)
        if turn is None or chosen == rejected:
            return None
        return self._prefer(
            turn.asked, chosen=chosen, rejected=rejected, source=source, turn=turn.id
        )
