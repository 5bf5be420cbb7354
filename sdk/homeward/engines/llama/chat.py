"""Renders messages with a model's own chat template."""

import ctypes
from collections.abc import Sequence

from llama_cpp import llama_cpp as native

from homeward.errors import InvalidArgument

_FALLBACK = b"chatml"  # for base models, and templates that llama.cpp does not recognise


def chat_template(weights: native.llama_model_p) -> bytes:
    """The GGUF's template if llama.cpp can render it, else chatml."""
    template: bytes | None = native.llama_model_chat_template(weights, None)
    if template is None or _apply(template, [("user", "")], reply=True) is None:
        return _FALLBACK
    return template


def render(template: bytes, messages: Sequence[tuple[str, str]], *, reply: bool) -> str:
    """
    The messages as one text; `reply` opens an answer.

    NUL ends a C string, so it would cut a message short: it becomes U+FFFD.

    Raises:
        InvalidArgument: the template refuses this sequence of roles.
    """
    text = _apply(template, messages, reply=reply)
    if text is None:
        raise InvalidArgument(
            f"the chat template refuses the roles {[role for role, _ in messages]}"
        )
    return text


def _apply(template: bytes, messages: Sequence[tuple[str, str]], *, reply: bool) -> str | None:
    encoded = [(_c_string(role), _c_string(content)) for role, content in messages]
    chat = (native.llama_chat_message * len(encoded))(
        *[native.llama_chat_message(role, content) for role, content in encoded]
    )
    room = 256 + 2 * sum(len(role) + len(content) for role, content in encoded)
    while True:
        buffer = ctypes.create_string_buffer(room)
        size = native.llama_chat_apply_template(template, chat, len(encoded), reply, buffer, room)
        if size < 0:
            return None
        if size <= room:
            return buffer.raw[:size].decode("utf-8", "replace")
        room = size


def _c_string(text: str) -> bytes:
    return text.replace("\0", "\ufffd").encode("utf-8", "replace")
