"""How a language model reads a reply in the trial of taste: in the prompt of a conversation."""

from collections.abc import Sequence

from homeward.chat_format import ChatFormat
from homeward.drafting import Drafting
from homeward.ports import LanguageModel, Session, SoftPrompt
from homeward.prompt import PastTurn, prefix_segments, system_text
from homeward.taste.showing import Example

_LONGEST = 120  # tokens of a reply: as many as learning by gradient reads


class TasteReader:
    """`taste.trying.Reader` on a session."""

    def __init__(
        self,
        session: Session,
        model: LanguageModel,
        chat: ChatFormat,
        soft_prompt: SoftPrompt | None,
        drafting: Drafting,
    ) -> None:
        self._session = session
        self._model = model
        self._chat = chat
        self._soft_prompt = soft_prompt
        self._drafting = drafting

    def reads(self, asked: str, replied: str, examples: Sequence[Example]) -> float:
        """Return the log probability of a reply's beginning, in nats."""
        tokenize = self._model.tokenize
        turns = [PastTurn(tokenize(one.asked), tokenize(one.replied)) for one in examples]
        system = tokenize(system_text([]))
        prefix = prefix_segments(self._chat, system, self._soft_prompt, turns)
        question = tokenize(asked) + self._chat.reply_start
        target = tokenize(replied)[:_LONGEST]
        return float(self._session.log_probabilities([*prefix, question], target).sum())

    def beginning(self, replied: str) -> str:
        """Return what a draft of this reply would be."""
        return self._model.detokenize(self._model.tokenize(replied)[: self._drafting.ahead])
