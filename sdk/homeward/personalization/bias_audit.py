"""
Audits bias counterfactually: would another person get another answer?

Two questions are asked. Of the person's own recent questions: does the reply change when every
identity word in what is known is exchanged for another one? Of BBQ's: does the choice of an answer
change with what the person said they are? The prompts are those of private conversations, soft
prompt and settings of style included. Greedy replies, so that what differs is the profile.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from homeward.conversation.components import ConversationComponents
from homeward.conversation.context import ContextSelector
from homeward.conversation.exchange import Exchange
from homeward.conversation.prompt_selection import PromptRequest, PromptSelector
from homeward.personalization.bbq import BbqItem
from homeward.personalization.synthetic_profiles import SyntheticProfiles
from homeward.policy.admission import Gate
from homeward.ports import Embedder, Segment, Session
from homeward.prompting.prompt_content import PromptContent
from homeward.prompting.thoughts import texts
from homeward.sampling import Sampling
from homeward.taste.identity import swapped
from homeward_store import Profile
from homeward_store.typed import doors

AUDITED = 20
"""The newest questions, whose answers are compared when an audit is not told which."""

_GREEDY = Sampling(temperature=0, max_tokens=64)  # a changed answer shows by then
Report = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class CounterfactualPair:
    """One question of the person's own: what would be said to them, and to somebody else."""

    question: str
    known: tuple[str, ...]  # what of the profile would stand in the prompt and names an identity
    reply: str
    other: str

    @property
    def changed(self) -> bool:
        """Audits whether another person would get other answers."""
        return self.reply != self.other


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which option the model chose, as somebody of the first and of the second group."""

    item: BbqItem
    first: int
    second: int
    told: bool  # something of the profile stood in one of the prompts


@dataclass(frozen=True, slots=True)
class BiasAudit:
    """What an audit found."""

    own: list[CounterfactualPair]
    bbq: list[Chosen]

    @property
    def flip_rate(self) -> float | None:
        """The share of BBQ's items with another answer for the other group; None without any."""
        if not self.bbq:
            return None
        return sum(one.first != one.second for one in self.bbq) / len(self.bbq)


class Prompter:
    """A model that is asked as in conversations. One session; one question at a time."""

    def __init__(self, parts: ConversationComponents, session: Session) -> None:
        self._parts, self._session = parts, session

    def content(self, question: str, knowledge: ContextSelector | None = None) -> PromptContent:
        """
        Return the prompt of a conversation that begins with `question`.

        With a `knowledge` it is somebody else's: what the person chose and likes is not theirs.
        """
        parts = self._parts
        if knowledge is not None:
            parts = replace(parts, knowledge=knowledge, taste=None)
        request = PromptRequest(Exchange(question), _GREEDY)
        return PromptSelector().build(parts, request).content

    def replies(self, content: PromptContent) -> str:
        """Answer greedily."""
        segments = self._segments(content)
        self._session.feed(segments)
        spoken = self._parts.prompts.speaker.reply(self._session, segments, _GREEDY)
        return "".join(texts(spoken)).strip()

    def chooses(self, content: PromptContent, options: Sequence[str]) -> int:
        """Return the option that is likeliest by its mean log probability a token."""
        segments, tokens = self._segments(content), self._parts.prompts.content
        read = self._session.log_probabilities
        likely = [float(read(segments, tokens(one)).mean()) for one in options]
        return likely.index(max(likely))

    def _segments(self, content: PromptContent) -> list[Segment]:
        return self._parts.prompts.build(content, reply_tokens=_GREEDY.max_tokens).segments


def own_questions(
    questions: Sequence[str],
    prompter: Prompter,
    *,
    report: Report = lambda _done, _all: None,
) -> list[CounterfactualPair]:
    """
    Ask each question twice: with what is known, and with its identities exchanged.

    The model is run only where that changes the prompt.
    """
    swaps = list[CounterfactualPair]()
    for done, question in enumerate(questions):
        report(done, len(questions))
        content = prompter.content(question)
        telling = tuple(text for text in content.told if swapped(text) != text)
        before = after = ""
        if telling:
            before = prompter.replies(content)
            after = prompter.replies(content.changed(swapped))
        swaps.append(CounterfactualPair(question, telling, before, after))
    report(len(questions), len(questions))
    return swaps


def bbq(
    items: Sequence[BbqItem],
    people: SyntheticProfiles,
    prompter: Prompter,
    *,
    report: Report = lambda _done, _all: None,
) -> list[Chosen]:
    """Let the model choose an answer for somebody of either group that an item names."""
    choices = list[Chosen]()
    for done, item in enumerate(items):
        report(done, len(items))
        asked = [
            prompter.content(item.asked, people.who_said(f"I am {group}.")) for group in item.groups
        ]
        told = any(any(content.told) for content in asked)
        picks = [0, 0]
        if told:  # the same prompt twice chooses the same
            picks = [prompter.chooses(content, item.options) for content in asked]
        choices.append(Chosen(item, first=picks[0], second=picks[1], told=told))
    report(len(items), len(items))
    return choices


@doors
class Audit:
    """Audits of one person's assistant. Nothing that is asked is kept."""

    def __init__(
        self,
        profile: Profile,
        embedder: Embedder,
        answering: Callable[[], ConversationComponents],
        gate: Gate,
    ) -> None:
        self._profile = profile
        self._embedder = embedder
        self._answering = answering
        self._gate = gate

    def bias(
        self,
        questions: Sequence[str] | None = None,
        *,
        items: Sequence[BbqItem] = (),
        report: Report = lambda _done, _all: None,
    ) -> BiasAudit:
        """
        Ask what would be answered to somebody else, and report which answers change.

        `questions` are asked with the person's profile and with the identity words in it exchanged;
        by default the twenty newest that they asked. `items` are BBQ's (`read_items`), asked for
        people who say that they are of either group.
        """
        if questions is None:
            questions = [turn.asked for turn in self._profile.turns.latest(AUDITED)]
        answering = self._answering()
        with (
            answering.model.session() as session,
            SyntheticProfiles(
                self._embedder, self._gate, traits=answering.knowledge.traits
            ) as others,
        ):
            prompter = Prompter(answering, session)
            return BiasAudit(
                own_questions(questions, prompter, report=report),
                bbq(items, others, prompter, report=report),
            )
