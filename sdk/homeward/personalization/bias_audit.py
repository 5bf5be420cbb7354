"""
A counterfactual audit of bias: would the answer be another one for somebody else?

Two questions are asked. Of the person's own recent questions: does the reply change when every
identity word in what is known is exchanged for another one? Of BBQ's: does the choice of an answer
change with what the person said they are? Both go through the recall and the gate of conversations.
Greedy replies, so that what differs is the profile.
"""

import json
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from homeward.conversation.components import ConversationComponents
from homeward.conversation.context import ContextSelector, SelectedContext
from homeward.memory.recall import Recall
from homeward.memory.writer import MemoryWriter
from homeward.policy.admission import Gate
from homeward.policy.gate import UseContext
from homeward.policy.sensitivity import Sensitivity
from homeward.ports import Embedder, LanguageModel, Sampling, Segment, Session
from homeward.prompting.chat_template import ChatTemplate
from homeward.prompting.prompt import Quote, prefix_segments, question_text, shown, system_text
from homeward.taste.identity import swapped
from homeward_store import Passphrase, Profile, create_profile
from homeward_store.keys.keys import FASTEST
from homeward_store.typed import doors

AUDITED = 20
"""The newest questions, whose answers are compared when an audit is not told which."""

_MOST_TOKENS = 64  # of a reply: a changed answer shows by then
Report = Callable[[int, int], None]


class UnreadableItems(ValueError):
    """A file of questions is not BBQ: the message names the line."""


@dataclass(frozen=True, slots=True)
class CounterfactualPair:
    """One question of the person's own: what would be said to them, and to somebody else."""

    question: str
    known: tuple[str, ...]  # what of the profile would stand in the prompt and names an identity
    reply: str
    other: str

    @property
    def changed(self) -> bool:
        """Whether somebody else would be told something else."""
        return self.reply != self.other


@dataclass(frozen=True, slots=True)
class BbqItem:
    """One BBQ question: answers to choose from, and the two groups that it names."""

    asked: str
    options: tuple[str, ...]
    groups: tuple[str, str]
    right: int


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
    """A model, and prompts as conversations build them. One session; one question at a time."""

    def __init__(self, model: LanguageModel, chat: ChatTemplate, session: Session) -> None:
        self._model, self._chat, self._session = model, chat, session

    def count(self, text: str) -> int:
        """Return how many tokens `text` has."""
        return len(self._model.tokenize(text))

    def replies(self, question: str, known: SelectedContext, change: Callable[[str], str]) -> str:
        """Answer greedily with what is known, each text of it passed through `change`."""
        self._session.feed(self._segments(question, known, change))
        greedy = Sampling(temperature=0, max_tokens=_MOST_TOKENS)
        return "".join(self._session.generate(greedy)).strip()

    def chooses(self, question: str, known: SelectedContext, options: Sequence[str]) -> int:
        """Return the option that is likeliest by its mean log probability a token."""
        segments = self._segments(question, known, lambda text: text)
        tokenize, read = self._model.tokenize, self._session.log_probabilities
        likely = [float(read(segments, tokenize(one)).mean()) for one in options]
        return likely.index(max(likely))

    def _segments(
        self, question: str, known: SelectedContext, change: Callable[[str], str]
    ) -> list[Segment]:
        tokenize = self._model.tokenize
        pairs = [(one.key, change(shown(one.value))) for one in known.attributes]
        quotes = [Quote(one.lead, change(one.text)) for one in known.quotes]
        prefix = prefix_segments(self._chat, tokenize(system_text(pairs)), None)
        asked = tokenize(question_text(question, quotes)) + self._chat.reply_start
        return [*prefix, asked]


def own_questions(
    questions: Sequence[str],
    knowledge: ContextSelector,
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
        known = knowledge.about(question, moment=UseContext(), count=prompter.count)
        texts = [shown(one.value) for one in known.attributes] + [one.text for one in known.quotes]
        telling = tuple(text for text in texts if swapped(text) != text)
        before = after = ""
        if telling:
            before = prompter.replies(question, known, lambda text: text)
            after = prompter.replies(question, known, swapped)
        swaps.append(CounterfactualPair(question, telling, before, after))
    report(len(questions), len(questions))
    return swaps


class SyntheticProfiles:
    """
    Encrypted profiles of people who said one sentence about themselves, gone when this closes.

    A hypothetical person never enters the profile that is audited.
    """

    def __init__(self, embedder: Embedder, gate: Gate) -> None:
        self._embedder, self._gate = embedder, gate
        self._sensitivity = Sensitivity(lambda: embedder)
        self._folder = tempfile.TemporaryDirectory(prefix="homeward-audit-")
        self._people: dict[str, tuple[Profile, ContextSelector]] = {}

    def who_said(self, text: str) -> ContextSelector:
        """Return what is known of somebody who said `text`."""
        if text not in self._people:
            folder = Path(self._folder.name) / str(len(self._people))
            profile = create_profile(folder, unlock=[Passphrase("audit")], cost=FASTEST).profile
            recall = Recall(profile.memories, self._embedder)
            MemoryWriter(profile.memories, recall, self._sensitivity).note(profile.notes.add(text))
            self._people[text] = profile, ContextSelector(profile.attributes, recall, self._gate)
        return self._people[text][1]

    def close(self) -> None:
        """Remove them."""
        for profile, _ in self._people.values():
            profile.close()
        self._folder.cleanup()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self.close()


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
        known = [
            people.who_said(f"I am {group}.").about(
                item.asked, moment=UseContext(), count=prompter.count
            )
            for group in item.groups
        ]
        told = [bool(one.quotes or one.attributes) for one in known]
        picks = [0, 0]
        if any(told):  # the same prompt twice chooses the same
            picks = [prompter.chooses(item.asked, one, item.options) for one in known]
        choices.append(Chosen(item, first=picks[0], second=picks[1], told=any(told)))
    report(len(items), len(items))
    return choices


def read_items(file: Path) -> list[BbqItem]:
    """
    Read BBQ: the published JSON lines, or lines that have `options` and `groups`.

    Raises:
        UnreadableItems: a line is something else.
    """
    return list(_items(file.read_text(encoding="utf-8").splitlines()))


def _items(lines: Iterable[str]) -> Iterator[BbqItem]:
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            yield _item(json.loads(line))
        except (ValueError, KeyError, TypeError) as error:
            raise UnreadableItems(f"line {number} is no BBQ question") from error


def _item(row: Mapping[str, Any]) -> BbqItem:
    if "options" in row:
        options, groups = tuple(row["options"]), list(row["groups"])
    else:
        options = tuple(row[f"ans{at}"] for at in range(3))
        groups = [row["answer_info"][f"ans{at}"][1] for at in range(3)]
    first, second = [group for group in groups if group.lower() != "unknown"]
    asked = f"{row['context']} {row['question']} Choose one: {'; '.join(options)}."
    return BbqItem(asked, options, (_spoken(first), _spoken(second)), int(row["label"]))


def _spoken(group: str) -> str:
    """BBQ writes `nonOld` for "not old"."""
    plain = f"not {group[3:]}" if group.startswith("non") else group
    return plain.lower()


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
            SyntheticProfiles(self._embedder, self._gate) as others,
        ):
            prompter = Prompter(answering.model, answering.chat, session)
            return BiasAudit(
                own_questions(questions, answering.knowledge, prompter, report=report),
                bbq(items, others, prompter, report=report),
            )
