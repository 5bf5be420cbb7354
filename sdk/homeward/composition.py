"""
Builds the parts of an assistant, each once and when first needed, and connects them.

Knows which part needs which, and what has to be told when learned state changes; what the parts do
is theirs.
"""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from threading import Lock, RLock
from weakref import WeakSet

from homeward.concurrency.lazy import lazy_property
from homeward.conversation.components import ConversationComponents
from homeward.conversation.context import ContextSelector
from homeward.conversation.conversation import Conversation
from homeward.conversation.prefix_cache import KIND as PREFIX_KIND
from homeward.errors import UnsupportedModel
from homeward.events import Events, Forgotten, MemoryWritten, ModelLoaded, SwitchedOff
from homeward.federation import Federation
from homeward.importing.captions import caption
from homeward.importing.items import Caption
from homeward.learning.soft_prompt_store import SoftPromptStore, sources_of
from homeward.memory.embedder_choice import EmbedderChoice, embed_missing
from homeward.memory.recall import Recall
from homeward.memory.review import MemorySettings
from homeward.memory.writer import MemoryWriter
from homeward.model_traits import ModelTraits
from homeward.personalization.attributes import PersonAttributes
from homeward.personalization.consent_withdrawal import switch_off
from homeward.personalization.denied_topics import switch_off_about
from homeward.personalization.imports import Imports
from homeward.personalization.intake import Intake
from homeward.personalization.learned_style import LearnedStyle
from homeward.personalization.taste_in_use import TasteService
from homeward.personalization.watching import Watching
from homeward.policy.admission import Gate
from homeward.policy.allowed_origins import AllowedOrigins
from homeward.policy.gate import UseContext
from homeward.policy.rules import RuleStore
from homeward.policy.sensitivity import Sensitivity
from homeward.ports import Embedder, ModelInfo
from homeward.prompting.images import ImageEncoder
from homeward.prompting.prompt_builder import PromptBuilder
from homeward.settings import ModelLoaders, Settings
from homeward.taste import TasteTrials, features_for
from homeward.tools import Call, Toolbox
from homeward.tools.toolbox import Confirm
from homeward_store import Memory, Profile, Purpose, Receipt, Selection


class Composition:
    """Builds the parts of one assistant when first needed, and keeps its open conversations."""

    def __init__(
        self, profile: Profile, loaders: ModelLoaders, settings: Settings, events: Events
    ) -> None:
        self.profile = profile
        self.loaders = loaders
        self.lock = RLock()  # of what is made when it is first asked for
        self._among = Lock()  # of what follows, and of replacing `parts`; nothing waits inside
        self._conversations: WeakSet[Conversation] = WeakSet()  # a dropped one frees its cache
        self._forgettings = 0
        self._settings = settings
        self._events = events
        switch_off(profile)  # a consent may have ended while no assistant was open
        switch_off_about(profile, self.wishes.denied_topics())  # an app may have denied others
        profile.consent.on_withdrawal(self.withdrawn)

    @lazy_property
    def embedder(self) -> Embedder:
        """The embedder that recall compares meanings with: the person's choice, or the app's."""
        name = self.embedding.name
        if name is None:
            return self.loaders.embedder()
        embedder = self.loaders.embedder_named(name)
        embed_missing(self.profile.memories, embedder)  # said after it was chosen, before this
        return embedder

    @lazy_property
    def embedding(self) -> EmbedderChoice:
        """The person's choice of an embedder."""
        memories, settings = self.profile.memories, self.profile.settings
        return EmbedderChoice(settings, memories, self.loaders.embedder_named)

    @lazy_property
    def rules(self) -> RuleStore:
        """The gate's rules, as the person has them."""
        return RuleStore(self.profile.settings, self._settings.rules)

    @lazy_property
    def origins(self) -> AllowedOrigins:
        """The web origins that the person allowed."""
        return AllowedOrigins(self.profile.settings)

    @lazy_property
    def gate(self) -> Gate:
        """The gate, which decides on every surface what may be used."""
        consents = self.profile.consent.allows
        return Gate(
            self.sensitivity,
            rules=self.rules.all,
            consents=lambda category: consents(Purpose.ANSWER, category),
        )

    @lazy_property
    def wishes(self) -> MemorySettings:
        """The memory settings: denied topics and review."""
        return MemorySettings(
            self.profile.settings, denied=self._settings.denied_topics, changed=self.topics_denied
        )

    @lazy_property
    def federation(self) -> Federation:
        """The federated tasks of the person."""
        return Federation(self.profile, lambda: self.taste)

    @lazy_property
    def taste(self) -> TasteService:
        """The taste model of the person."""
        return TasteService(
            self.profile,
            features_for(self.embedder),
            groups=self.federation.groups,
            answering=lambda: self.parts_in(UseContext()),
            changed=self.reload_learned_state,
        )

    @lazy_property
    def recall(self) -> Recall:
        """The choosing of memories."""
        memories = self.profile.reading_for(Purpose.ANSWER).memories
        return Recall(memories, self.embedder, self._settings.recall)

    @lazy_property
    def sensitivity(self) -> Sensitivity:
        """What tags the things that the gate decides about."""
        return Sensitivity(lambda: self.embedder)

    @lazy_property
    def remembering(self) -> MemoryWriter:
        """The making of memories."""
        return MemoryWriter(
            self.profile.memories,
            self.recall,
            self.sensitivity,
            denied_topics=self.wishes.denied_topics,
            review=self.wishes.review,
            written=self._tell_written,
        )

    @lazy_property
    def intake(self) -> Intake:
        """Stores what the person gives."""
        return Intake(self.profile, lambda: self.remembering, changed=self.reload_learned_state)

    @lazy_property
    def imports(self) -> Imports:
        """Imports what other programs wrote."""
        return Imports(
            self.profile, lambda: self.remembering, self.attributes, caption=self.caption
        )

    @lazy_property
    def watching(self) -> Watching:
        """Keeps what was taken from folders up to date."""
        return Watching(self.profile, self.imports, forget=self.forget)

    @lazy_property
    def attributes(self) -> PersonAttributes:
        """The person's attributes; deleting one forgets it."""
        return PersonAttributes(
            self.profile.attributes,
            self.sensitivity,
            lambda ids: self.forget(Selection(attributes=tuple(ids))),
        )

    def tool_calls(
        self, tools: Toolbox, question: str, use_context: UseContext, confirm: Confirm
    ) -> list[Call]:
        """Let the model call registered tools; their results are kept as memories."""
        made = tools.calls(
            self.parts.model,
            self.parts.prompts,
            question,
            keep=self.intake.tool_result,
            admits=self.gate.asked(question, use_context).admits,
            confirm=confirm,
        )
        return list(made)

    @lazy_property
    def learned_style(self) -> LearnedStyle:
        """The soft prompts that the person trained."""
        return LearnedStyle(
            self.profile,
            self._events,
            train=self.loaders.train,
            components=lambda: self.parts,
            changed=self.reload_learned_state,
        )

    @lazy_property
    def sight(self) -> ImageEncoder:
        """What the language model sees with."""
        return ImageEncoder(lambda: self.loaders.projector(lambda: self.parts.model))

    def caption(self, file: Path) -> Caption:
        """Let the language model say what an image shows; loads it once the image was read."""
        image = self.sight.look_at(file)
        return caption(image, self.parts.model, self.parts.prompts)

    @lazy_property
    def parts(self) -> ConversationComponents:
        """The components that conversations work with. Loads the language model."""
        model = self.loaders.language_model()
        try:
            prompts = PromptBuilder.of(model)
        except UnsupportedModel:
            model.close()
            raise
        self._events.publish(ModelLoaded(model.info.name, model.info.notices))
        attributes = self.profile.reading_for(Purpose.ANSWER).attributes
        return ConversationComponents(
            profile=self.profile,
            model=model,
            prompts=prompts,
            knowledge=ContextSelector(attributes, self.recall, self.gate, traits=model.info.traits),
            remembering=self.remembering,
            sight=self.sight,
            learned=SoftPromptStore(self.profile.blobs).in_use(model.info.sha256),
            taste=self.taste.in_use(model.info.sha256),
            drafting=self._settings.drafting,
        )

    @property
    def loaded(self) -> ModelInfo | None:
        """The language model's description, if it is loaded."""
        parts: ConversationComponents | None = self.__dict__.get("parts")
        return None if parts is None else parts.model.info

    @property
    def traits(self) -> ModelTraits:
        """How the language model is talked to; loads nothing."""
        return self.loaders.traits() if self.loaded is None else self.loaded.traits

    @property
    def conversations(self) -> list[Conversation]:
        """Those that are open now; threads that open others do not change the list."""
        with self._among:
            return list(self._conversations)

    def open_conversation(
        self, make: Callable[[ConversationComponents], Conversation], use_context: UseContext
    ) -> Conversation:
        """
        Open what `make` returns, whatever other threads learn or forget meanwhile.

        Guarantees:
            It answers with what is learned when this returns, and holds nothing that was forgotten
            since it was read.
        """
        with self._among:
            forgettings = self._forgettings
        conversation = make(self.parts_in(use_context))
        with self._among:
            self._conversations.add(conversation)
            if "parts" in self.__dict__:  # or all was closed meanwhile
                conversation.adopt(self.parts_in(use_context))
            is_current = forgettings == self._forgettings
        if not is_current:
            conversation.reload()
        return conversation

    def parts_in(self, use_context: UseContext) -> ConversationComponents:
        """Return the parts without a style that was learned from what `use_context` may not use."""
        parts, memories = self.parts, self.profile.memories
        parts = replace(parts, prompts=parts.prompts.anew())
        if parts.learned is None:
            return parts
        sources = sources_of(parts.learned.record)
        tags = {tag for one in sources for memory in memories.of(*one) for tag in memory.tags}
        admitted = self.gate.asked(None, use_context).admits_tagged(tags)
        return parts if admitted else replace(parts, learned=None)

    def reload_learned_state(self) -> None:
        """Make open and later conversations use the learned states as they are now."""
        if "parts" not in self.__dict__:
            return
        model = self.parts.model.info.sha256
        learned = SoftPromptStore(self.profile.blobs).in_use(model)
        taste = self.taste.in_use(model)
        with self._among:
            parts = replace(self.parts, learned=learned, taste=taste)
            self.__dict__["parts"] = parts
            for conversation in self._conversations:
                conversation.adopt(self.parts_in(conversation.use_context))

    def withdrawn(self, purpose: Purpose, task: str) -> tuple[str, ...]:
        """Switch off what stood on a consent that was withdrawn; return its names."""
        match purpose:
            case Purpose.LEARN:
                went_off = switch_off(self.profile)
                self._use_no_more(went_off)
            case Purpose.CONTRIBUTE:
                went_off = (task,) if self.federation.end_without_consent(task) else ()
            case Purpose.ANSWER:
                went_off = ()
                for conversation in self.conversations:
                    conversation.reload()  # what it holds was laid out while it was allowed
        if went_off:
            self._events.publish(SwitchedOff(went_off))
        return went_off

    def topics_denied(self) -> tuple[str, ...]:
        """Switch off what was learned from texts about a topic denied anew; return its names."""
        went_off = switch_off_about(self.profile, self.wishes.denied_topics())
        if went_off:
            self._use_no_more(went_off)
            self._events.publish(SwitchedOff(went_off))
        return went_off

    def _use_no_more(self, went_off: tuple[str, ...]) -> None:
        if went_off:  # snapshots hold the virtual tokens' keys and values
            self.profile.blobs.trim(PREFIX_KIND, max_bytes=0)
        self.reload_learned_state()

    def forget(self, selection: Selection) -> Receipt:
        """Erase, drop what was derived, and let open conversations continue without it."""
        for conversation in self.conversations:
            conversation.close()
        receipt = self.profile.forget(selection)
        blobs = self.profile.blobs
        if SoftPromptStore(blobs).remove_stale():
            # Snapshots hold the virtual tokens' keys and values: they go with them.
            blobs.trim(PREFIX_KIND, max_bytes=0)
        TasteTrials(blobs).remove_stale()
        self.reload_learned_state()
        for stale in blobs.stale(PREFIX_KIND):
            blobs.remove(stale.kind, stale.cache_key)  # made anew when next needed
        with self._among:
            self._forgettings += 1
        for conversation in self.conversations:
            conversation.reload()
        self._events.publish(Forgotten(receipt.id, receipt.erased))
        return receipt

    def close(self) -> None:
        """End conversations and free the language model."""
        for conversation in self.conversations:
            conversation.close()
        with self._among:
            self._conversations.clear()
        if "parts" in self.__dict__:
            self.parts.model.close()
            del self.__dict__["parts"]
        self.__dict__.pop("sight", None)

    def _tell_written(self, memories: list[Memory]) -> None:
        numbers = tuple(int(memory.id) for memory in memories)
        event = MemoryWritten(numbers, memories[0].source.kind.value)
        self.profile.after_commit(lambda: self._events.publish(event))
