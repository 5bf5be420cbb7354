"""
What of a profile a soft prompt is trained on. Reads the store.

Trained on: what the person wrote and gave, and the replies they chose, over the rejected ones
where there were two. Facts are recall's business; style is the soft prompt's. A secret would be
said again by a model that learned it, so what may be no memory is left out here, too.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from itertools import pairwise

from homeward.learning.pipeline import Text
from homeward.policy.exclusions import opts_out_of_memory
from homeward.policy.secrets import contains_secret
from homeward.ports import Tokens
from homeward.prompting.prompt_builder import PromptBuilder
from homeward.taste import strengths_in
from homeward.text.spans import passages
from homeward_store import (
    Category,
    Choice,
    ChoiceSource,
    Origin,
    Profile,
    Purpose,
    Writing,
)
from homeward_store.words.sentences import ENDS, ENDS_UNSPACED

_ASK = "Write the next lines in my words."  # before a writing, which answers no question
_LONGEST = 120  # tokens of a piece; pieces are what is held back and counted in a trial

Refused = Callable[[str], object]
"""Why a text may not be kept as a memory; something false where it may."""


def training_examples(
    profile: Profile,
    tokenize: Callable[[str], Tokens],
    prompts: PromptBuilder,
    *,
    refused: Refused = contains_secret,
) -> Iterator[Text]:
    """
    Writings in pieces, and choices where they may be learned from, oldest first.

    Left out are choices of a kind that the person lets count 0, with their chosen replies, and
    replies that were made of a document's, a tool's or a model's words.

    Guarantees:
        Nothing of a passage, and nothing of a choice, that `refused` names a reason for.

    Raises:
        ConsentRequired: the person does not let writings be learned from.
    """
    strengths = strengths_in(profile)
    found = [*_writings(profile), *_choices(profile, strengths, refused)]
    for _, one in sorted(found, key=lambda dated: dated[0]):
        if isinstance(one, Choice):
            context = prompts.asked(one.prompt)
            chosen = prompts.reply(one.chosen, longest=_LONGEST)
            rejected = prompts.reply(one.rejected, longest=_LONGEST) if one.rejected else ()
            yield Text(f"choice:{one.id}", context, chosen, rejected, strengths[one.source])
        else:
            context = prompts.asked(_ASK)
            for number, piece in enumerate(pieces(permitted_part(one.text, refused), tokenize)):
                ending = prompts.reply(piece, longest=_LONGEST)
                yield Text(f"writing:{one.id}#{number}", context, ending)


def permitted_part(text: str, refused: Refused) -> str:
    """
    Return `text` without the passages that `refused` names a reason for, alone or two in a row.

    Guarantees:
        `refused` names none for what is returned.
    """
    left, spans = text, passages(text)
    words = [" ".join(text[one.start : one.end].split()) for one in spans]
    out = {at for at, one in enumerate(words) if refused(one)}
    for at, (one, following) in enumerate(pairwise(words)):
        # A secret may run over the end of a line, or of a paragraph.
        if not out & {at, at + 1} and refused(f"{one} {following}"):
            out |= {at, at + 1}
    for at in sorted(out, reverse=True):
        left = left[: spans[at].start] + left[spans[at].end :]
    return "" if refused(left) else left


_NO_SPACE_AFTER = ("", "\n", *ENDS_UNSPACED)


def pieces(text: str, tokenize: Callable[[str], Tokens]) -> list[str]:
    """Cut a long text at ends of lines and sentences into pieces of at most about 120 tokens."""
    found: list[str] = []
    room = 0
    for part in re.split(rf"(?<=\n)|(?<=[{ENDS}])\s+|(?<=[{ENDS_UNSPACED}])", text):
        size = len(tokenize(part))
        if not found or size > room:
            found.append("")
            room = _LONGEST
        found[-1] += part if found[-1][-1:] in _NO_SPACE_AFTER else f" {part}"
        room -= size
    return [piece.strip() for piece in found if piece.strip()]


def _writings(profile: Profile) -> Iterator[tuple[datetime, Writing | Choice]]:
    for writing in profile.reading_for(Purpose.LEARN).writings.all():
        if writing.origin is Origin.PERSON:
            yield writing.written_at or writing.added_at, writing


def _choices(
    profile: Profile, strengths: Mapping[ChoiceSource, float], refused: Refused
) -> Iterator[tuple[datetime, Writing | Choice]]:
    if not profile.consent.allows(Purpose.LEARN, Category.CHOICES):
        return
    for choice in profile.reading_for(Purpose.LEARN).choices.all():
        own = choice.origin is Origin.PERSON
        counts = own and choice.source is not ChoiceSource.EQUAL and strengths[choice.source] > 0
        if counts and choice.chosen and not _is_refused(choice, refused):
            yield choice.chosen_at, choice


def _is_refused(choice: Choice, refused: Refused) -> bool:
    texts = (choice.prompt, choice.chosen, choice.rejected)
    return opts_out_of_memory(choice.prompt) or any(refused(text) for text in texts)
