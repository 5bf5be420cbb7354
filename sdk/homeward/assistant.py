"""
`homeward.open` returns an `Assistant`: everything that an app can ask for.

Opening a profile loads no model: the embedder is loaded by the first recall, the language model by
the first question.
"""

import secrets
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from homeward.assistant_parts import AssistantParts
from homeward.concurrency.lazy import lazy_property
from homeward.conversation.conversation import Conversation
from homeward.conversation.exchange import brought
from homeward.conversation.feedback import Feedback
from homeward.conversation.reply import Reply
from homeward.conversation.sources import Sources, sources_of
from homeward.learning.controls import Controls
from homeward.learning.soft_prompt_store import SavedSoftPrompt, TrainingResult
from homeward.memory.fact_extraction import ExtractionResult, extract_facts
from homeward.memory.recall import Match
from homeward.memory.unremembered import Original, Remembered
from homeward.policy.gate import UseContext
from homeward.prompting.prompt import SYSTEM_TEXT
from homeward.sampling import Sampling
from homeward.text.limits import WRITING
from homeward.tools import Call
from homeward.tools.calls import KeptResult, kept_result
from homeward.tools.toolbox import Confirm, nobody
from homeward_store import (
    Choice,
    ChoiceSource,
    Memory,
    MemoryId,
    Origin,
    Receipt,
    Selection,
    TurnId,
)
from homeward_store.typed import doors


@doors
class Assistant(AssistantParts):
    """
    A local assistant that knows one person.

    `ask` continues one conversation for as long as the assistant is open; `conversation` opens
    others. Close it, or use it in a `with`, so that the profile is free for others.
    """

    def ask(
        self,
        question: str,
        *,
        sampling: Sampling | None = None,
        personalize: bool = True,
        images: Sequence[Path] = (),
    ) -> Reply:
        """Answer in the assistant's own conversation. Raises what `Conversation.ask` raises."""
        return self._own.ask(question, sampling=sampling, personalize=personalize, images=images)

    def ask_with_tools(
        self, question: str, *, confirm: Confirm = nobody, sampling: Sampling | None = None
    ) -> tuple[list[Call], Reply]:
        """
        Let the model call registered tools, then answer with their results.

        `confirm` is called before each call of a tool that acts; the default declines. Results
        become memories of origin TOOL: quoted as a tool's words, here and when they are recalled.

        Raises:
            As `ask`. An exception of a tool is recorded in its `Call`, and the answer goes without.
        """
        calls = self._wiring.tool_calls(self.tools, question, self._own.use_context, confirm)
        results = [memory for call in calls for memory in call.memories]
        return calls, self._own.ask(question, sampling=sampling, including=results)

    def tool_printed(
        self,
        tool: str,
        printed: str,
        *,
        question: str | None = None,
        use_context: UseContext | None = None,
        incognito: bool = False,
    ) -> KeptResult:
        """
        Take in what a tool of an app printed for a question: words of a tool, never the person's.

        It becomes memories of origin TOOL, unless `incognito`. Only what `use_context` may read is
        returned for the prompt; nothing of a result that may not be remembered, such as a secret.

        Raises:
            InvalidText: it contains NUL or a lone surrogate. InvalidArgument: it is too long.
        """
        kept = self._wiring.intake.tool_result, self._wiring.remembering.refused
        admission = self.gate.asked(question, use_context or UseContext())
        return kept_result(tool, WRITING.check(printed), admission, *kept, incognito=incognito)

    def conversation(
        self,
        name: str | None = None,
        *,
        incognito: bool = False,
        use_context: UseContext | None = None,
        system: str = SYSTEM_TEXT,
        past: Sequence[tuple[str, str]] = (),
    ) -> Conversation:
        """
        Open a new conversation, or continue the one called `name`.

        `incognito`: the conversation may read the profile and writes nothing. `use_context`: who
        reads the replies and what for; by default the person alone. Each use context has its own
        conversation, also under the same name. `system`: the app's own text, placed before what is
        known of the person. `past`: pairs of question and reply from elsewhere; the model sees them
        and they are not recorded. Pairs from another use context, and pairs that the rules deny in
        this one, are left out; so are pairs that no stored turn says, unless the person alone reads
        the replies, in a chat. A pair from this use context keeps its sources, for `forget` and for
        `why`.
        """
        use_context = use_context or UseContext()
        admits = self.gate.asked(None, use_context).admits_text
        make = partial(
            Conversation,
            name=name or secrets.token_hex(8),
            incognito=incognito,
            use_context=use_context,
            system=system,
            past=brought(past, self.profile.turns, use_context, admits=admits),
        )
        return self._wiring.open_conversation(make, use_context)

    def remember(self, text: str) -> Remembered:
        """
        Store `text` word for word as a note, and make memories of it.

        Sentences with a secret or a denied topic, known ones, and a note that is not to be kept
        become no memory: the result's `unremembered` says which and why. Others' words stay theirs.

        Raises:
            InvalidText: the text contains NUL or a lone surrogate. InvalidArgument: it is too long.
        """
        return self._wiring.intake.note(text)

    def write(
        self,
        text: str,
        *,
        title: str | None = None,
        origin: Origin = Origin.PERSON,
        use_context: UseContext | None = None,
    ) -> Remembered:
        """
        Store a text that the person wrote, for style and for knowledge; return its memories.

        `use_context`: the use context of the program that gives the text, if it is not the person.
        Memories that this program may not see do not count as known already: the returned count
        would reveal them.
        """
        visible = None if use_context is None else self.gate.asked(None, use_context).admits
        take = self._wiring.intake.writing
        return take(WRITING.check(text), title=title, origin=origin, visible=visible)

    def unremembered(self, *, limit: int | None = None) -> list[Original]:
        """Return what did not become memories as a whole, newest first; it is never quoted."""
        return self._wiring.intake.unremembered(limit=limit)

    def prefer(
        self,
        prompt: str,
        *,
        chosen: str,
        rejected: str,
        source: ChoiceSource = ChoiceSource.EXPLICIT,
        turn: TurnId | None = None,
    ) -> Choice:
        """
        Store that the person preferred one reply to another.

        `turn`: the turn of the reply; by default the turn that has this reply. If a reply was built
        on the words of a document, tool or model, or repeats them, its origin is theirs: it is
        quoted as such and never trained on.

        Raises:
            InvalidValue: `chosen` and `rejected` are equal. InvalidText: a text cannot be stored.
        """
        return self._wiring.intake.choice(prompt, chosen, rejected, source=source, turn=turn)

    def derive_facts(self) -> ExtractionResult:
        """
        Let the language model extract facts from the turns since the last call.

        A model has to pass a self-test first, which runs once. Every fact quotes words of its turn,
        and the quote is checked. A fact is stored as the assistant's words.
        """
        parts = self._wiring.parts
        return extract_facts(self.profile, parts.remembering, parts.model, parts.prompts)

    def learn(self, controls: Controls | None = None) -> TrainingResult:
        """
        Train a soft prompt on writings and choices, try it, and use it if it wins its trial.

        Training takes minutes of one thread; `controls` pauses, stops and watches it. After a stop
        or a kill, the next call resumes it. Open conversations use the result from then on.

        Raises:
            ConsentRequired: there is no consent to learn from writings. Without consent for
            choices, training leaves choices out.
            TooLittleToLearn: fewer than 24 texts. UnsupportedModel: no gradient for this model.
            SourceForgotten: a text was forgotten meanwhile. The result is discarded; call again to
            train on the remaining texts.
        """
        return self._wiring.learned_style.train(controls or Controls())

    @property
    def learned(self) -> SavedSoftPrompt | None:
        """The soft prompt trained for the language model in use, whether on or off; None: none."""
        return self._wiring.learned_style.current

    @property
    def learned_for_all_models(self) -> list[SavedSoftPrompt]:
        """The soft prompts trained for any language model; each works only with its own model."""
        return self._wiring.learned_style.all()

    def switch_learned(self, *, on: bool) -> SavedSoftPrompt | None:
        """
        Switch the trained soft prompt on or off, whatever its trial showed; None: there is none.

        Raises:
            ConsentRequired: `on`, and there is no consent to learn from what it was trained on.
        """
        return self._wiring.learned_style.switch(on=on)

    def recall(self, question: str, *, use_context: UseContext | None = None) -> list[Match]:
        """
        Return the memories that would be quoted for `question`, best first; often none.

        `use_context`: who would read the reply; by default the person alone. Memories that wait for
        the person's review are left out, and so are outdated ones unless the question is about the
        past.
        """
        admission = self.gate.asked(question, use_context or UseContext())
        return self._wiring.recall.find(
            question, limit=self._wiring.traits.quotes, admits=admission.admits
        )

    def forget(self, what: Selection | Memory | MemoryId) -> Receipt:
        """
        Erase the selected records, their sources and everything derived from them.

        Guarantees:
            As for `Profile.forget`; open conversations continue without the erased records.
        """
        match what:
            case Selection():
                selection = what
            case Memory(id=memory):
                selection = Selection(memories=(memory,))
            case _:
                selection = Selection(memories=(what,))
        return self._wiring.forget(selection)

    def why(self, turn: TurnId) -> Sources:
        """Return the remaining sources of a turn's reply, and what was withheld from it."""
        return sources_of(self.profile, turn)

    def tag(self, memory: MemoryId, *tags: str) -> None:
        """
        Replace a memory's tags, which the gate reads. A memory in review stays in review.

        Raises:
            NotFound: there is no such memory.
        """
        self.review.retag(memory, tags)

    @lazy_property
    def feedback(self) -> Feedback:
        """Feedback on replies: thumbs, edits and copies. Each is stored as a choice."""
        return Feedback(self.profile, self.prefer, lambda: self._wiring.conversations)

    @lazy_property
    def _own(self) -> Conversation:
        return self.conversation()
