"""Opens a GGUF file as a `ports.LanguageModel`. The composition root of this package."""

import contextlib
import hashlib
import threading
import weakref
from collections.abc import Iterator, Sequence
from pathlib import Path

from llama_cpp import llama_cpp as native

from homeward.engine_settings import EngineSettings
from homeward.engines.gguf import GgufHead, check_gguf
from homeward.engines.llama.devices import free_memory, gpus
from homeward.engines.llama.kv_cache import KvCache
from homeward.engines.llama.library import is_locked, load_weights, open_context, state_layout
from homeward.engines.llama.placement import placed
from homeward.engines.llama.plan import LoadPlan, context_of, planned
from homeward.engines.llama.projector import LlamaProjector, open_projector
from homeward.engines.llama.vocabulary import Vocabulary
from homeward.engines.runtime import CHUNK
from homeward.engines.session import CachedSession
from homeward.errors import InvalidArgument, ModelNotFound
from homeward.model_traits import Adjust, ModelKind, as_in_table, traits_of
from homeward.ports import ModelInfo, TemplateSource, Tokens


def open_model(
    path: Path,
    engine: EngineSettings | None = None,
    *,
    name: str | None = None,
    sha256: str | None = None,
    traits: Adjust = as_in_table,
) -> "LlamaModel":
    """
    Map the GGUF file at `path`; nothing of it is copied into memory until it is used.

    `sha256` is the file's hash where the caller has just checked it; otherwise the file is read
    once to compute it. `traits` gets what the table says of this kind of model, and returns what
    is to hold. Layers that do not fit a GPU stay off it: `info.notices` says so.

    Raises:
        ModelNotFound: nothing readable is at `path`.
        ModelCorrupt: not a GGUF file, truncated, or refused by llama.cpp.
        CannotFit: more memory than is free; nothing was loaded.
        UnsupportedModel: an architecture that llama.cpp does not know, or one that writes no text.
        InvalidArgument: a setting does not go with this model or this machine.

    Example:
        with contextlib.closing(open_model(path)) as model, model.session() as session:
            session.feed(PromptBuilder.of(model).build(PromptContent(question)).segments)
            for text in session.generate(Sampling()):
                print(text, end="", flush=True)
    """
    head, plan = check_gguf(path), plan_of(path, engine)
    sha256 = _sha256(path) if sha256 is None else sha256
    found = placed(plan.gpu_layers, lambda layers: _loaded(path, head, plan, gpu_layers=layers))
    with contextlib.ExitStack() as undo:
        undo.callback(native.llama_model_free, found.loaded)
        vocabulary = Vocabulary(found.loaded, template=head.chat_template or "")
        info = ModelInfo(
            name=path.stem if name is None else name,
            architecture=head.architecture,
            sha256=sha256,
            n_embd=int(native.llama_model_n_embd(found.loaded)),
            n_vocab=vocabulary.size,
            n_ctx=plan.context,
            n_ctx_train=int(native.llama_model_n_ctx_train(found.loaded)),
            gpu_layers=found.gpu_layers,
            kv_type=plan.engine.kv_type.value,
            traits=traits(traits_of(head.kind(context=plan.context))),
            notices=tuple(
                filter(None, [found.notice, _lock_notice(plan.engine), _base_notice(path, head)])
            ),
        )
        template = vocabulary.source(head.chat_template)
        model = LlamaModel(found.loaded, vocabulary, info, template, path=path, plan=plan)
        undo.pop_all()  # it owns the weights now
        return model


def describe(path: Path, engine: EngineSettings | None = None) -> ModelKind:
    """
    Say what kind of model is at `path`, from the head of its file; nothing is loaded.

    Raises:
        ModelNotFound, ModelCorrupt, UnsupportedModel, InvalidArgument: as `open_model`.
    """
    head = check_gguf(path)
    return head.kind(context=context_of(head, engine or EngineSettings()))


def plan_of(path: Path, engine: EngineSettings | None = None) -> LoadPlan:
    """
    Settle how the model at `path` would be run here; nothing is loaded.

    Raises:
        ModelNotFound, ModelCorrupt, UnsupportedModel, InvalidArgument, CannotFit: as `open_model`.
    """
    head, wanted = check_gguf(path), engine or EngineSettings()
    return planned(path.name, head, wanted, gpus=gpus(), free=free_memory())


def _loaded(path: Path, head: GgufHead, plan: LoadPlan, *, gpu_layers: int) -> native.llama_model_p:
    weights = load_weights(
        path, architecture=head.architecture, engine=plan.engine, gpu_layers=gpu_layers
    )
    if gpu_layers:  # whether there is room for the cache too shows only when it is made
        with contextlib.ExitStack() as undo:
            undo.callback(native.llama_model_free, weights)
            native.llama_free(
                open_context(weights, n_ctx=plan.context, engine=plan.engine, gpu_layers=gpu_layers)
            )
            undo.pop_all()
    return weights


def _lock_notice(engine: EngineSettings) -> str:
    if not engine.memory_lock or is_locked():
        return ""
    return "the weights are not locked in memory: the system allows less (`ulimit -l`)"


def _base_notice(path: Path, head: GgufHead) -> str:
    if head.chat_template is not None:
        return ""
    return (
        f"{path.stem} is a base model (its file has no chat template): it was not taught to "
        "converse, and continues the conversation as a written text"
    )


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
        template: TemplateSource,
        *,
        path: Path,
        plan: LoadPlan,
    ) -> None:
        self._weights: native.llama_model_p | None = weights
        self._vocabulary = vocabulary
        self._info = info
        self._path = path
        self._plan = plan
        self._template = template
        self._lock = threading.Lock()  # of what follows: none may open while the weights go
        self._sessions: weakref.WeakSet[CachedSession] = weakref.WeakSet()
        self._free = weakref.finalize(self, native.llama_model_free, weights)
        self._free.atexit = False

    @property
    def info(self) -> ModelInfo:
        """What was loaded."""
        return self._info

    @property
    def template(self) -> TemplateSource:
        """The chat template of the model's file. Not to be trusted: it is a stranger's program."""
        return self._template

    def tokenize(self, text: str, *, special: bool = False) -> Tokens:
        """Token ids of `text`; control tokens such as <|im_start|> only where `special`."""
        self._opened()
        return self._vocabulary.tokenize(text, special=special)

    def detokenize(self, tokens: Sequence[int]) -> str:
        """Text of `tokens`, control tokens left out, malformed UTF-8 replaced."""
        self._opened()
        return self._vocabulary.detokenize(tokens)

    @contextlib.contextmanager
    def session(self) -> Iterator[CachedSession]:
        """
        A new sequence with an empty KV cache, freed when the context ends.

        Raises:
            CannotFit: its cache takes more memory than is free.
        """
        with self._lock:
            engine, layers = self._plan.engine, self._info.gpu_layers
            if not layers:
                self._plan.check_cache(self._path.name, free=free_memory())
            context = open_context(
                self._opened(), n_ctx=self._info.n_ctx, engine=engine, gpu_layers=layers
            )
            cache = KvCache(context, self._vocabulary, batch=engine.batch or CHUNK)
            layout = state_layout(engine, gpu_layers=layers)
            session = CachedSession(cache, self._info, layout=layout)
            self._sessions.add(session)
        try:
            yield session
        finally:
            session.close()

    def projector(self, file: Path) -> LlamaProjector:
        """What this model sees images with; see `open_projector`."""
        self._opened()
        return open_projector(
            file, model=self._path, info=self._info, threads=self._plan.engine.threads or 1
        )

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
