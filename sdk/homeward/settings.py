"""Defines what an app may choose for its assistant, and how its models are loaded."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from homeward.conversation.best_of_n import DRAFTING, BestOfN
from homeward.conversation.components import ConversationComponents
from homeward.engine_settings import EngineSettings
from homeward.errors import CannotSee, ModelNotFound, UnsupportedModel
from homeward.learning.controls import Controls
from homeward.learning.soft_prompt_store import TrainingResult
from homeward.memory.recall import DEFAULT, RecallProfile
from homeward.model_traits import Adjust, ModelTraits, as_in_table
from homeward.policy.gate import DEFAULT_RULES, Rule
from homeward.ports import Embedder, LanguageModel, Projector

Train = Callable[[ConversationComponents, Controls], TrainingResult]


def _cannot_train(*_: object) -> TrainingResult:
    raise UnsupportedModel(
        "this language model was given without its GGUF file, so it cannot be trained"
    )


def _no_other(name: str) -> Embedder:
    raise ModelNotFound(f"this app has no embedder called {name!r} to choose")


def _blind(_: Callable[[], LanguageModel]) -> Projector:
    raise CannotSee("the language model has no projector")


@dataclass(frozen=True, slots=True)
class ModelLoaders:
    """
    Functions that load the models when they are first needed.

    `embedder_named` loads an embedder that the person chose; `embedder` is the app's.
    `projector` loads what the language model reads images with; it raises `CannotSee` if there is
    none, before it loads the model. `traits` tells those of the language model without loading it.
    """

    language_model: Callable[[], LanguageModel]
    embedder: Callable[[], Embedder]
    train: Train = _cannot_train
    projector: Callable[[Callable[[], LanguageModel]], Projector] = _blind
    traits: Callable[[], ModelTraits] = ModelTraits
    embedder_named: Callable[[str], Embedder] = _no_other


@dataclass(frozen=True, slots=True)
class Settings:
    """The choices of an app for its assistant. All fields have defaults."""

    recall: RecallProfile = DEFAULT
    rules: Sequence[Rule] = DEFAULT_RULES  # until the person edits them
    traits: Adjust = as_in_table  # changes what the table says of the model that is opened
    denied_topics: Sequence[str] = ()  # words; what names one of them is never remembered
    engine: EngineSettings = field(default_factory=EngineSettings)  # how the model is run
    drafting: BestOfN = DRAFTING  # of replies, where taste won its trial
