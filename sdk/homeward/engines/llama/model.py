"""Opens a GGUF file as a `ports.LanguageModel`. The composition root of this package."""

import contextlib
import hashlib
import threading
import weakref
from collections.abc import Iterator, Sequence
from pathlib import Path

from llama_cpp import llama_cpp as native

from homeward.engines.llama import chat
from homeward.engines.llama.gguf import check_gguf
from homeward.engines.llama.kv_cache import KvCache
from homeward.engines.llama.library import load_weights, open_context, state_layout
from homeward.engines.llama.projector import LlamaProjector, open_projector
from homeward.engines.llama.threads import default_threads
from homeward.engines.llama.vocabulary import Vocabulary
from homeward.engines.session import CachedSession
from homeward.errors import InvalidArgument, ModelNotFound
from homeward.ports import ModelInfo, Tokens

DEFAULT_CONTEXT = 4096  # tokens; a longer cache costs memory that most conversations never use


def open_model(
    path: Path,
    *,
    n_ctx: int | None = None,
    threads: int | None = None,
    name: str | None = None,
    sha256: str | None = None,
) -> "LlamaModel":
    """
    Map the GGUF file at `path`; nothing of it is copied into memory until it is used.

    `n_ctx` is by default what the model was trained for, at most 4096. `threads` is by default one
    less than the physical cores that this process may use, at most 8. `sha256` is the file's hash
    where the caller has just checked it; otherwise the file is read once to compute it.

    Raises:
        ModelNotFound: nothing readable is at `path`.
        ModelCorrupt: not a GGUF file, truncated, or refused by llama.cpp.
        UnsupportedModel: an architecture that llama.cpp does not know, or one that writes no text.
        InvalidArgument: `threads` is not positive, or `n_ctx` is not within the trained context.

    Example:
        with contextlib.closing(open_model(path)) as model, model.session() as session:
            session.feed([model.tokenize(prompt, special=True)])
            for text in session.generate(Sampling()):
                print(text, end="", flush=True)
    """
    head = check_gguf(path)
    threads = default_threads() if threads is None else threads
    if threads < 1:
        raise InvalidArgument(f"threads must be at least 1, got {threads}")
    sha256 = _sha256(path) if sha256 is None else sha256
    with contextlib.ExitStack() as undo:
        weights = load_weights(path, architecture=head.architecture)
        undo.callback(native.llama_model_free, weights)
        trained = int(native.llama_model_n_ctx_train(weights))
        n_ctx = min(trained, DEFAULT_CONTEXT) if n_ctx is None else n_ctx
        if not 0 < n_ctx <= trained:
            raise InvalidArgument(
                f"n_ctx={n_ctx} must be 1 to {trained}, the model's trained context"
            )
        vocabulary = Vocabulary(weights)
        info = ModelInfo(
            name=path.stem if name is None else name,
            architecture=head.architecture,
            sha256=sha256,
            n_embd=int(native.llama_model_n_embd(weights)),
            n_vocab=vocabulary.size,
            n_ctx=n_ctx,
            n_ctx_train=trained,
        )
        model = LlamaModel(weights, vocabulary, info, path=path, threads=threads)
        undo.pop_all()  # it owns the weights now
        return model


def _sha256(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise ModelNotFound(f"{path.name} cannot be read: {error.strerror}") from None


class LlamaModel:
    """
    `ports.LanguageModel` on llama.cpp. Get one from `open_model`.

    Its methods may be called by several threads; a session is for one thread at a time.
    """

    def __init__(
        self,
        weights: native.llama_model_p,
        vocabulary: Vocabulary,
        info: ModelInfo,
        *,
        path: Path,
        threads: int,
    ) -> None:
        self._weights: native.llama_model_p | None = weights
        self._vocabulary = vocabulary
        self._info = info
        self._path = path
        self._threads = threads
        self._template = chat.chat_template(weights)
        self._beginning = vocabulary.beginning
        self._lock = threading.Lock()  # of what follows: none may open while the weights go
        self._sessions: weakref.WeakSet[CachedSession] = weakref.WeakSet()
        self._free = weakref.finalize(self, native.llama_model_free, weights)
        self._free.atexit = False

    @property
    def info(self) -> ModelInfo:
        """What was loaded."""
        return self._info

    def tokenize(self, text: str, *, special: bool = False) -> Tokens:
        """Token ids of `text`; control tokens such as <|im_start|> only where `special`."""
        self._opened()
        return self._vocabulary.tokenize(text, special=special)

    def detokenize(self, tokens: Sequence[int]) -> str:
        """Text of `tokens`, control tokens left out, malformed UTF-8 replaced."""
        self._opened()
        return self._vocabulary.detokenize(tokens)

    def render(self, messages: Sequence[tuple[str, str]], *, reply: bool = True) -> str:
        """
        (role, content) pairs in the model's own chat template; `reply` opens an answer.

        A model without a template, or with one that llama.cpp does not know, gets chatml. For a
        model that wants a beginning-of-text token, the text starts with it.
        """
        text = chat.render(self._template, messages, reply=reply)
        return text if text.startswith(self._beginning) else self._beginning + text

    @contextlib.contextmanager
    def session(self) -> Iterator[CachedSession]:
        """A new sequence with an empty KV cache, freed when the context ends."""
        with self._lock:
            context = open_context(self._opened(), n_ctx=self._info.n_ctx, threads=self._threads)
            cache = KvCache(context, self._vocabulary)
            session = CachedSession(cache, self._info, layout=state_layout())
            self._sessions.add(session)
        try:
            yield session
        finally:
            session.close()

    def projector(self, file: Path) -> LlamaProjector:
        """What this model sees images with; see `open_projector`."""
        self._opened()
        return open_projector(file, model=self._path, info=self._info, threads=self._threads)

    def close(self) -> None:
        """Free the weights, after ending the sessions that are open. Twice is as good as once."""
        with self._lock:
            for session in self._sessions:
                session.close()
            self._weights = None
            self._free()

    def _opened(self) -> native.llama_model_p:
        if self._weights is None:
            raise InvalidArgument("the model is closed")
        return self._weights
