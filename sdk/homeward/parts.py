"""What a conversation works with. Holds it together and does nothing with it."""

from dataclasses import dataclass, field

from homeward.chat_format import ChatFormat
from homeward.drafting import DRAFTING, Drafting
from homeward.knowledge import Knowledge
from homeward.learned import LearnedState
from homeward.pause import Pause
from homeward.ports import LanguageModel, SoftPrompt
from homeward.remembering import Remembering
from homeward.sight import Sight
from homeward.taste.use import TasteInUse
from homeward_store import Profile


@dataclass(frozen=True, slots=True)
class Parts:
    """What a conversation works with; the wiring makes it."""

    profile: Profile
    model: LanguageModel
    chat: ChatFormat
    knowledge: Knowledge
    remembering: Remembering
    sight: Sight
    learned: LearnedState | None = None  # the style to answer with
    taste: TasteInUse | None = None
    drafting: Drafting = DRAFTING
    pause: Pause = field(default_factory=Pause)

    @property
    def soft_prompt(self) -> SoftPrompt | None:
        """The virtual tokens to answer with."""
        return None if self.learned is None else self.learned.soft
