"""
Splits a model's chat template into fixed pieces, so that content is never tokenized with them.

Knows templates and tokens; knows no person and no store. Template pieces are tokenized with control
tokens, content without: a person, a document or a memory that contains the text `<|im_end|>` stays
text and cannot end its turn.
"""

from dataclasses import dataclass

from homeward.errors import UnsupportedModel
from homeward.ports import LanguageModel, Tokens

# Private-use characters: no template contains them, and no template's trimming touches them.
_SYSTEM, _FIRST, _REPLY, _SECOND = "\ue000\ue001", "\ue000\ue002", "\ue000\ue003", "\ue000\ue004"


@dataclass(frozen=True, slots=True)
class ChatTemplate:
    """
    Token ids that stand between contents.

    A conversation is `opening` system `system_end` question `reply_start` reply `reply_end`
    question `reply_start` …
    """

    opening: Tokens
    system_end: Tokens
    reply_start: Tokens
    reply_end: Tokens


def chat_template(model: LanguageModel) -> ChatTemplate:
    """
    Read the pieces off the model's own template by rendering marks through it.

    Raises:
        UnsupportedModel: the template drops, repeats or reorders what it is given.
    """
    marks = (_SYSTEM, _FIRST, _REPLY, _SECOND)
    messages = [("system", _SYSTEM), ("user", _FIRST), ("assistant", _REPLY), ("user", _SECOND)]
    rendered = model.render(messages)
    if any(rendered.count(mark) != 1 for mark in marks):
        raise UnsupportedModel(
            f"{model.info.name}: its chat template does not keep every message once"
        )
    pieces = _cut(rendered, marks)
    second_tail = pieces[4]
    if pieces[2] != second_tail:
        raise UnsupportedModel(f"{model.info.name}: its chat template changes from turn to turn")
    return ChatTemplate(*(model.tokenize(piece, special=True) for piece in pieces[:4]))


def _cut(text: str, marks: tuple[str, ...]) -> list[str]:
    pieces = []
    for mark in marks:
        before, _, text = text.partition(mark)
        pieces.append(before)
    return [*pieces, text]
