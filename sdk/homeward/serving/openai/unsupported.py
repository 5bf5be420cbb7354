"""
Refuses what OpenAI's interface knows and this server cannot do, each by its name. Pure.

What would change nothing, such as an empty list, is taken. What is not listed is not read at all.
"""

from collections.abc import Mapping
from typing import Any

from homeward.serving.failures import Failure

_NOTHING: tuple[object, ...] = (None, False, 0, "", [], {})
_AUDIO = "this server neither hears nor speaks"
_SENTENCES = {
    "n": "only one reply is drawn for a question",
    "tools": "the tools of a client cannot be called here",
    "logprobs": "the probabilities of tokens are not told",
    "top_logprobs": "the probabilities of tokens are not told",
    "presence_penalty": "replies are drawn without this penalty",
    "frequency_penalty": "replies are drawn without this penalty",
    "logit_bias": "replies are drawn without a bias",
    "functions": "this older form is not taken; send `tools`",
    "function_call": "this older form is not taken; send `tool_choice`",
    "audio": _AUDIO,
    "modalities": _AUDIO,
    "web_search_options": "this server connects to nobody, so it searches nothing",
    "prediction": "a reply is not drafted from a prediction",
}
_TAKEN: dict[str, tuple[object, ...]] = {"n": (1,), "modalities": (["text"],)}


def refuse_unsupported(given: Any) -> None:  # noqa: ANN401  whatever a client sends
    """
    Refuse a request that asks for one of them.

    Raises:
        Failure: it does; `param` names it.
    """
    if not isinstance(given, Mapping):
        return
    for name, says in _SENTENCES.items():
        if given.get(name) not in (*_NOTHING, *_TAKEN.get(name, ())):
            raise Failure(422, "unsupported_parameter", f"`{name}`: {says}", param=name)
