"""
Everything that an assistant consists of, by the names that an app reaches it under.

Each part is made when it is first asked for; what is asked of the whole is in `assistant`.
"""

from typing import Self

from homeward.composition import Composition
from homeward.concurrency.lazy import lazy_property
from homeward.events import Events
from homeward.federation import Federation
from homeward.memory.embedder_choice import EmbedderChoice
from homeward.memory.review import MemorySettings, Review
from homeward.model_traits import ModelTraits
from homeward.personalization.attributes import PersonAttributes
from homeward.personalization.bias_audit import Audit
from homeward.personalization.imports import Imports
from homeward.personalization.taste_in_use import TasteService
from homeward.personalization.watching import Watching
from homeward.policy.admission import Gate
from homeward.policy.allowed_origins import AllowedOrigins
from homeward.policy.gate import UseContext
from homeward.policy.rules import RuleStore
from homeward.ports import Embedder, ModelInfo
from homeward.settings import ModelLoaders, Settings
from homeward.tools import Toolbox
from homeward_store import Profile


class AssistantParts:
    """The parts of one assistant. Closing them frees the models and the profile."""

    def __init__(
        self, profile: Profile, loaders: ModelLoaders, settings: Settings | None = None
    ) -> None:
        self.profile = profile
        self.events = Events()
        self._wiring = Composition(profile, loaders, settings or Settings(), self.events)
        self.lock = self._wiring.lock

    @property
    def attributes(self) -> PersonAttributes:
        """The person's attributes by key, as a mutable mapping."""
        return self._wiring.attributes

    @property
    def rules(self) -> RuleStore:
        """The person's rules: what may be used in which use context. They can be edited."""
        return self._wiring.rules

    @property
    def origins(self) -> AllowedOrigins:
        """The web origins whose pages may ask over HTTP; none until the person allows it."""
        return self._wiring.origins

    @property
    def gate(self) -> Gate:
        """The gate, which decides on every surface whether something may be used."""
        return self._wiring.gate

    @property
    def wishes(self) -> MemorySettings:
        """The memory settings: denied topics, and whether memories wait for review."""
        return self._wiring.wishes

    @lazy_property
    def review(self) -> Review:
        """The review queue: memories that wait for the person's approval."""
        return Review(self.profile.memories, self._wiring.remembering)

    @property
    def taste(self) -> TasteService:
        """The taste model: weights learned from choices, their trial and their uses."""
        return self._wiring.taste

    @lazy_property
    def audit(self) -> Audit:
        """The bias audit: would another person get other answers?"""
        return Audit(
            self.profile, self.embedder, lambda: self._wiring.parts_in(UseContext()), self.gate
        )

    @lazy_property
    def tools(self) -> Toolbox:
        """The app's functions that the assistant may call; register them here."""
        return Toolbox()

    @property
    def imports(self) -> Imports:
        """Importing what other programs wrote: files, pipes, another profile's records."""
        return self._wiring.imports

    @property
    def watching(self) -> Watching:
        """The folders that the person gave to be watched, and looking through them."""
        return self._wiring.watching

    @property
    def federation(self) -> Federation:
        """Federated tasks. Nothing leaves the device until the person joins one."""
        return self._wiring.federation

    def load(self) -> None:
        """
        Load both models now instead of when they are first needed.

        Raises:
            ModelNotFound: one was not pulled. ModelCorrupt: a file is damaged.
            CannotFit: it needs more memory than is free. UnsupportedModel: it cannot be used.
        """
        _ = self.embedder, self._wiring.parts

    @property
    def model(self) -> ModelInfo:
        """
        A description of the language model in use. Loads the model.

        Raises:
            ModelNotFound: it was not pulled. ModelCorrupt: its file is damaged.
            CannotFit: it needs more memory than is free. UnsupportedModel: it cannot be used.
        """
        return self._wiring.parts.model.info

    @property
    def traits(self) -> ModelTraits:
        """
        How the language model is talked to, and how its replies are drawn. Loads no model.

        Example:
            me.ask("Tell me a story.", sampling=replace(me.traits.sampling, temperature=0.9))
        """
        return self._wiring.traits

    @property
    def loaded_model(self) -> ModelInfo | None:
        """A description of the language model, if it is loaded; None: nothing has needed it yet."""
        return self._wiring.loaded

    @property
    def embedder(self) -> Embedder:
        """
        The embedder that recall compares meanings with. Loads it.

        Raises:
            ModelNotFound: it was not pulled. ModelCorrupt: its file is damaged.
        """
        return self._wiring.embedder

    @property
    def embedding(self) -> EmbedderChoice:
        """Which embedder the person chose for their memories, and changing it."""
        return self._wiring.embedding

    def close(self) -> None:
        """End conversations, free the models, close the profile. Closing twice is fine."""
        self._wiring.close()
        self.profile.close()
        self.events.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
