"""A scripted model knows its replies beforehand and runs the real session code."""

import contextlib
import hashlib
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from homeward.engines.cells import check_tokens
from homeward.engines.runtime import CHUNK
from homeward.engines.session import CachedSession
from homeward.errors import InvalidArgument
from homeward.model_traits import ModelKind, ModelTraits, traits_of
from homeward.ports import ModelInfo, TemplateSource, Tokens, Vector
from homeward.sampling import Sampling
from homeward.testing.scripted_projector import ScriptedProjector

_CONTROLS = ("<|im_start|>", "<|im_end|>")
_TURN_START, _TURN_END = 256, 257  # token ids above the 256 bytes
_N_VOCAB = 258
_CHATML = (
    "{% for message in messages %}<|im_start|>{{ message.role }}\n{{ message.content }}<|im_end|>\n"
    "{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
_SURE = 0.9  # probability of the scripted token; the others share the rest


class ScriptedModel:
    """
    A `LanguageModel` whose tokens are bytes and whose replies are given.

    `replies` is a sequence, of which each fed prompt gets the next one, round and round, or a
    function from prompt to reply. Settings that choose between tokens (temperature, grammar, …)
    change nothing, because there is nothing to choose; `stop`, `max_tokens`, `cancel` and the
    context's end work. `template` is its chat template, by default ChatML; None makes it a base
    model.

    Example:
        model = ScriptedModel(["Good morning, Ada."])
        ...  # run the application
        assert "likes tea" in model.prompts[-1]
    """

    def __init__(
        self,
        replies: Sequence[str] | Callable[[str], str] = ("Hello.",),
        *,
        n_ctx: int = 4096,
        n_embd: int = 8,
        template: str | None = _CHATML,
        traits: ModelTraits | None = None,
    ) -> None:
        self.prompts: list[str] = []  # what each reply was drawn for; a virtual token is U+FFFC
        self._replies = replies
        self._template = template
        self._closed = False
        kind = ModelKind("scripted", "", n_embd, n_ctx, has_template=template is not None)
        self._info = ModelInfo(
            name="scripted",
            architecture="scripted",
            sha256=hashlib.sha256(f"scripted {n_embd}".encode()).hexdigest(),
            n_embd=n_embd,
            n_vocab=_N_VOCAB,
            n_ctx=n_ctx,
            n_ctx_train=n_ctx,
            traits=traits or traits_of(kind),
        )

    @property
    def info(self) -> ModelInfo:
        """What a real model would tell about itself."""
        return self._info

    @property
    def template(self) -> TemplateSource:
        """The chat template, of which a real model's file would tell."""
        return TemplateSource(self._template)

    def tokenize(self, text: str, *, special: bool = False) -> Tokens:
        """The UTF-8 bytes of `text`; lone surrogates become "?"."""
        self.check_open()
        if not special:
            return tuple(text.encode("utf-8", "replace"))
        parts = re.split("(" + "|".join(map(re.escape, _CONTROLS)) + ")", text)
        return tuple(token for part in parts for token in _tokens_of(part))

    def detokenize(self, tokens: Sequence[int]) -> str:
        """Text of `tokens` without the control tokens."""
        self.check_open()
        check_tokens(tokens, n_vocab=_N_VOCAB)
        return bytes(token for token in tokens if token < _TURN_START).decode("utf-8", "replace")

    @contextlib.contextmanager
    def session(self) -> Iterator[CachedSession]:
        """An empty sequence."""
        self.check_open()
        session = CachedSession(_ScriptedRuntime(self), self._info, layout="scripted 1")
        try:
            yield session
        finally:
            session.close()

    def projector(self, _: Path) -> ScriptedProjector:
        """What sees without a file: one virtual token stands for an image's bytes."""
        self.check_open()
        return ScriptedProjector(self._info.n_embd)

    def close(self) -> None:
        """End all sessions: using them, or the model, is a ValueError from here on."""
        self._closed = True

    def check_open(self) -> None:
        """
        Refuse to go on after `close`.

        Raises:
            InvalidArgument: it was closed.
        """
        if self._closed:
            raise InvalidArgument("the model is closed")

    def script(self, prompt: str, *, said: bytes = b"") -> bytes:
        """The reply to `prompt`, without counting it as given; one that begins with `said`."""
        if callable(self._replies):
            return self._replies(prompt).encode()
        if said:
            replies = [reply.encode() for reply in self._replies]
            return next((reply for reply in replies if reply.startswith(said)), said)
        return self._replies[len(self.prompts) % len(self._replies)].encode()


class _ScriptedRuntime:
    """Remembers what was appended. What was stepped through since then is the reply so far."""

    batch = CHUNK

    def __init__(self, model: ScriptedModel) -> None:
        self._model = model
        self._held: list[int] = []  # token ids; -1 is a virtual token
        self._fed = 0  # of them, how many are prompt
        self._reply: bytes | None = None  # chosen when the first token of it is drawn
        self._rows = 1
        self._closed = False

    def append(self, chunk: Tokens | Vector, *, all_logits: bool = False) -> None:
        self._check_open()
        self._held.extend(chunk if isinstance(chunk, tuple) else [-1] * len(chunk))
        self._rows = len(chunk)
        if not all_logits:
            self._fed, self._reply = len(self._held), None

    def step(self, token: int) -> None:
        self._check_open()
        self._held.append(token)

    def truncate(self, length: int) -> int:
        self._check_open()
        del self._held[length:]
        self._fed, self._reply = len(self._held), None
        return length

    def length(self) -> int:
        return len(self._held)

    def logits(self, row: int) -> NDArray[np.float64]:
        self._check_open()
        length = len(self._held) - (0 if row < 0 else self._rows - 1 - row)
        reply = self._model.script(self._prompt()) if self._reply is None else self._reply
        others = (1 - _SURE) / (_N_VOCAB - 1)
        logits = np.full(_N_VOCAB, np.log(others))
        logits[self._next(reply, length)] = np.log(_SURE)
        return logits

    def drawing(self, _: Sampling, said: Tokens = ()) -> Callable[[], int]:
        self._check_open()
        if said:
            self._fed = len(self._held) - len(said)
            self._reply = self._model.script(self._prompt(), said=bytes(said))

        def draw() -> int:
            self._check_open()
            if self._reply is None:
                self._reply = self._model.script(self._prompt())
                self._model.prompts.append(self._prompt())
            return self._next(self._reply, len(self._held))

        return draw

    def piece(self, token: int) -> bytes | None:
        if token < _TURN_START:
            return bytes([token])
        return None if token == _TURN_END else b""

    def state(self) -> bytes:
        self._check_open()
        return np.asarray(self._held, dtype="<i4").tobytes()

    def restore(self, state: bytes) -> bool:
        self._check_open()
        self._held = np.frombuffer(state, dtype="<i4").tolist()
        self._fed = len(self._held)
        return True

    def close(self) -> None:
        self._closed = True

    def _check_open(self) -> None:
        self._model.check_open()
        if self._closed:
            raise InvalidArgument("the session is closed")

    def _next(self, reply: bytes, length: int) -> int:
        said = self._held[self._fed : length]
        on_script = said == list(reply[: len(said)]) and len(said) < len(reply)
        return reply[len(said)] if on_script else _TURN_END

    def _prompt(self) -> str:
        shown = {_TURN_START: _CONTROLS[0], _TURN_END: _CONTROLS[1], -1: "\ufffc"}
        raw = [
            shown[token].encode() if token in shown else bytes([token])
            for token in self._held[: self._fed]
        ]
        return b"".join(raw).decode("utf-8", "replace")


def _tokens_of(part: str) -> Tokens:
    if part in _CONTROLS:
        return (_TURN_START + _CONTROLS.index(part),)
    return tuple(part.encode("utf-8", "replace"))
