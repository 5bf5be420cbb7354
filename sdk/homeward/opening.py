"""Opens an assistant by name: finds its folder and models, and loads no model yet."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from homeward import paths
from homeward.assistant import Assistant
from homeward.conversation.components import ConversationComponents
from homeward.errors import CannotSee, ModelError
from homeward.learning.controls import Controls
from homeward.learning.soft_prompt_store import TrainingResult
from homeward.model_traits import ModelTraits, traits_of
from homeward.ports import Embedder, LanguageModel, Projector
from homeward.settings import ModelLoaders, Settings
from homeward_store import (
    Keychain,
    Passphrase,
    Profiles,
    RecoveryCode,
    Unlock,
)
from homeward_store.typed import typed


@dataclass(frozen=True, slots=True)
class Created:
    """A new person's assistant, and the code that opens the profile when all else is lost."""

    assistant: Assistant
    recovery_code: RecoveryCode


@typed
def create(
    person: str,
    *,
    unlock: Passphrase | Keychain,
    home: Path | None = None,
    model: str | Path | None = None,
    settings: Settings | None = None,
) -> Created:
    """
    Make a new encrypted profile for `person` and open an assistant on it.

    Show the recovery code once, to be written down: with the passphrase lost, nothing else opens
    the profile.

    Raises:
        ProfileExists: there is one of this name. InvalidValue: the name is not a plain word.
        ModelNotFound: `model` is neither a known name nor a file.
    """
    home = home or paths.home()
    loaders = _loaders(home, model, settings)
    created = profiles(home).create(person, unlock=[unlock])
    assistant = Assistant(created.profile, loaders, settings)
    return Created(assistant, created.recovery_code)


@typed
def open(  # noqa: A001  # `homeward.open` reads as what it does
    person: str,
    *,
    unlock: Unlock,
    home: Path | None = None,
    model: str | Path | None = None,
    settings: Settings | None = None,
) -> Assistant:
    """
    Open the assistant of `person`; never creates one.

    `model` is a name of the catalogue or the path of a GGUF file; by default the small model that
    `homeward models pull` fetches. `home` is the data folder, by default `HOMEWARD_HOME` or the
    platform's own place.

    Raises:
        ProfileMissing: there is none of this name. WrongSecret: `unlock` does not open it.
        ProfileInUse: another program has it open. StoreError: another of its leaves.
        ModelNotFound: `model` is neither a known name nor a file.
    """
    home = home or paths.home()
    loaders = _loaders(home, model, settings)
    return Assistant(profiles(home).open(person, unlock=unlock), loaders, settings)


def people(home: Path | None = None) -> list[str]:
    """Return the names of the profiles in `home`, sorted."""
    return [one.name for one in profiles(home or paths.home()).all()]


def profiles(home: Path) -> Profiles:
    """Return the registry of the profiles in `home`; it knows which names a profile may have."""
    return Profiles(paths.profiles_folder(home))


def _loaders(home: Path, model: str | Path | None, settings: Settings | None) -> ModelLoaders:
    if model is not None:  # a wrong name is said now and not when the first question is asked
        from homeward import models

        models.check_known(home, str(model))
    files = _ModelFiles(home, model, settings or Settings())
    return ModelLoaders(
        language_model=files.language_model,
        embedder=files.embedder,
        embedder_named=files.embedder_named,
        train=files.train,
        projector=files.projector,
        traits=files.traits,
    )


class _ModelFiles:
    """
    Loads the models of a data folder.

    The runtimes take longer to import than a profile takes to open: only when they are needed.
    """

    def __init__(self, home: Path, model: str | Path | None, settings: Settings) -> None:
        self._home, self._model, self._settings = home, model, settings

    def language_model(self) -> LanguageModel:
        from homeward import models
        from homeward.engines.llama import open_model

        name, file, settings = self._name, self._file, self._settings
        known = {one.name: one for one in models.installed(self._home)}
        sha256 = models.unchanged(known[name], file) if name in known else None
        return open_model(
            file, settings.engine, name=file.stem, sha256=sha256, traits=settings.traits
        )

    def traits(self) -> ModelTraits:
        from homeward.engines.llama import describe

        try:
            found = traits_of(describe(self._file, self._settings.engine))
        except ModelError:  # it is not pulled yet; that is said where it is needed
            found = ModelTraits()
        return self._settings.traits(found)

    def embedder(self) -> Embedder:
        from homeward import models

        return self.embedder_named(models.DEFAULT_EMBEDDING)

    def embedder_named(self, name: str) -> Embedder:
        from homeward import models
        from homeward.engines.onnx import open_embedder

        return open_embedder(models.path(self._home, name))

    def train(self, parts: ConversationComponents, controls: Controls) -> TrainingResult:
        from homeward.learning.gradients.gradient import GradientModel
        from homeward.personalization.soft_prompt_training import train_soft_prompt

        file = self._file
        return train_soft_prompt(
            parts.profile,
            parts.model,
            parts.prompts,
            lambda: GradientModel.open(file),
            refused=parts.remembering.not_learned,
            controls=controls,
        )

    def projector(self, language_model: Callable[[], LanguageModel]) -> Projector:
        from homeward import models

        found = models.projector(self._home, self._name)
        if found is None:
            raise CannotSee(f"{self._file.stem} has no projector beside it (mmproj….gguf)")
        return language_model().projector(found)

    @property
    def _name(self) -> str:
        from homeward import models

        return str(self._model or models.DEFAULT_LANGUAGE)

    @property
    def _file(self) -> Path:
        from homeward import models

        return models.path(self._home, self._name)
