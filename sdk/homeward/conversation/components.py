"""Groups the objects that a conversation works with."""

from dataclasses import dataclass, field

from homeward.concurrency.pause import Pause
from homeward.conversation.best_of_n import DRAFTING, BestOfN
from homeward.conversation.context import ContextSelector
from homeward.learning.soft_prompt_store import SavedSoftPrompt
from homeward.memory.writer import MemoryWriter
from homeward.ports import LanguageModel, SoftPrompt
from homeward.prompting.images import ImageEncoder
from homeward.prompting.prompt_builder import PromptBuilder
from homeward.taste.active import TasteInUse
from homeward_store import Profile


@dataclass(frozen=True, slots=True)
class ConversationComponents:
    """What a conversation works with; the wiring makes it."""

    profile: Profile
    model: LanguageModel
    prompts: PromptBuilder
    knowledge: ContextSelector
    remembering: MemoryWriter
    sight: ImageEncoder
    learned: SavedSoftPrompt | None = None  # the style to answer with
    taste: TasteInUse | None = None
    drafting: BestOfN = DRAFTING
    pause: Pause = field(default_factory=Pause)

    @property
    def soft_prompt(self) -> SoftPrompt | None:
        """The virtual tokens to answer with."""
        return None if self.learned is None else self.learned.soft
