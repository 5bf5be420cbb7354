"""
Refuses what OpenAI's interface knows and this server cannot do, each by its name. Pure.

What would change nothing, such as an empty list, is taken. What is not listed is not read at all.
"""

from collections.abc import Mapping
from typing import Any

from homeward.serving.failures import Failure

_NOTHING: tuple[object, ...] = (None, False, 0, "", [], {})
_AUDIO = "this server neither hears nor speaks"
OF_CHAT: Mapping[str, str] = {
    "n": "one reply is drawn for a question, since each is recorded; ask again for another",
    "functions": "this older form is not taken; send `tools`",
    "function_call": "this older form is not taken; send `tool_choice`",
    "audio": _AUDIO,
    "modalities": _AUDIO,
    "web_search_options": "this server connects to nobody, so it searches nothing",
    "prediction": "a reply is not drafted from a prediction",
}
_ONE = "one reply is made of a prompt, and only the reply is told"
OF_COMPLETIONS: Mapping[str, str] = {
    "n": OF_CHAT["n"],
    "best_of": _ONE,
    "echo": _ONE,
    "logprobs": "probabilities are told by /v1/chat/completions",
    "logit_bias": "a bias is taken by /v1/chat/completions",
    "suffix": "a reply is not written to fit what comes after it",
}
OF_RESPONSES: Mapping[str, str] = {
    "top_logprobs": "probabilities are told by /v1/chat/completions",
    "background": "a reply is made while the client waits for it",
    "conversation": "a conversation is continued by `previous_response_id`",
    "prompt": "this server keeps no prompts of OpenAI's",
    "context_management": "a conversation that does not fit loses its oldest turns",
}
_TAKEN: dict[str, tuple[object, ...]] = {"n": (1,), "best_of": (1,), "modalities": (["text"],)}


def refuse_unsupported(
    given: Any,  # noqa: ANN401  whatever a client sends
    sentences: Mapping[str, str] = OF_CHAT,
) -> None:
    """
    Refuse a request that asks for one of them.

    Raises:
        Failure: it does; `param` names it.
    """
    if not isinstance(given, Mapping):
        return
    for name, says in sentences.items():
        if given.get(name) not in (*_NOTHING, *_TAKEN.get(name, ())):
            raise Failure(422, "unsupported_parameter", f"`{name}`: {says}", param=name)
