"""
Computes from a GGUF file's head how much memory the model takes, and what would fit. Pure.

The sums are those of llama.cpp's own buffers: a test compares them with what it logs.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from homeward.engine_settings import EngineSettings, KvType
from homeward.engines.gguf import GgufHead
from homeward.errors import CannotFit

_KV_BYTES = {KvType.F16: 2.0, KvType.Q8_0: 34 / 32}  # a number; Q8_0 has a scale for each 32
_STEP = 256  # positions; llama.cpp rounds the cache up to a multiple
_FLOAT = 4  # bytes
_OVERHEAD = 32 << 20  # graph, buffers of the vocabulary and rounding
_PER_GPU = 512 << 20  # what a driver takes for its context, and what others ask for meanwhile


@dataclass(frozen=True, slots=True)
class ModelShape:
    """The numbers of a model that its memory follows from; widths are by layer."""

    layer_weights: tuple[int, ...]  # bytes
    other_weights: int  # bytes: embedding, output, norms
    kv_width: tuple[int, ...]  # numbers that one position has in the cache of each layer
    layer_state: tuple[int, ...]  # bytes of each layer that keeps one state for all positions
    head_width: int  # numbers of one head's keys
    heads: int
    width: int
    feed_forward: int
    vocabulary: int

    @classmethod
    def of(cls, head: GgufHead) -> "ModelShape":
        """The shape that the head of a file tells."""
        layers, width = head.number("block_count", 1), head.number("embedding_length", 0)
        heads = head.by_layer("attention.head_count", layers, 1)
        weights = [0] * layers
        for name, place in head.tensors.items():
            found = re.match(r"blk\.(\d+)\.", name)
            if found and int(found[1]) < layers:
                weights[int(found[1])] += place.size
        return cls(
            layer_weights=tuple(weights),
            other_weights=sum(one.size for one in head.tensors.values()) - sum(weights),
            kv_width=_kv_width(head, layers, width, heads),
            layer_state=tuple(_state(head) * one for one in _recurrent(head, layers)),
            head_width=head.number("attention.key_length", width // max(1, *heads)),
            heads=max(heads, default=1),
            width=width,
            feed_forward=max(head.by_layer("feed_forward_length", layers, width), default=0),
            vocabulary=head.number("tokenizer.ggml.tokens", 0) or head.number("vocab_size", 0),
        )

    @property
    def weights(self) -> int:
        """Bytes of all tensors."""
        return sum(self.layer_weights) + self.other_weights


def _kv_width(head: GgufHead, layers: int, width: int, heads: tuple[int, ...]) -> tuple[int, ...]:
    if latent := head.number("attention.kv_lora_rank", 0):  # DeepSeek's: one latent for all heads
        return (latent + head.number("rope.dimension_count", 0),) * layers
    of_keys = head.by_layer("attention.head_count_kv", layers, max(heads, default=1))
    each = width // max(1, *heads)
    widths = head.number("attention.key_length", each) + head.number("attention.value_length", each)
    recurrent = _recurrent(head, layers)
    return tuple(
        0 if state else count * widths for count, state in zip(of_keys, recurrent, strict=True)
    )


def _recurrent(head: GgufHead, layers: int) -> tuple[bool, ...]:
    """Which layers of a hybrid (Qwen3.5, Granite 4) attend to nothing and keep a state instead."""
    if not head.number("ssm.state_size", 0):
        return (False,) * layers
    of_keys = head.by_layer("attention.head_count_kv", layers, 0)
    told = head.by_layer("attention.recurrent_layers", layers, 0)
    every = head.number("full_attention_interval", 0)
    last = layers - head.number("nextn_predict_layers", 0)  # what drafts tokens attends, too
    return tuple(
        not of_keys[at] or bool(told[at]) or bool(every and at < last and (at + 1) % every)
        for at in range(layers)
    )


def _state(head: GgufHead) -> int:
    """Bytes of one layer's state: of its convolution, and of what it remembers (Mamba's names)."""
    inner, states = head.number("ssm.inner_size", 0), head.number("ssm.state_size", 0)
    mixed = inner + 2 * head.number("ssm.group_count", 0) * states
    return (max(0, head.number("ssm.conv_kernel", 1) - 1) * mixed + inner * states) * _FLOAT


@dataclass(frozen=True, slots=True)
class MemoryNeed:
    """Bytes that a model takes while one conversation is open."""

    weights: int
    kv: int
    compute: int

    @property
    def total(self) -> int:
        """All of it."""
        return self.weights + self.kv + self.compute


def memory_need(
    shape: ModelShape, engine: EngineSettings, *, context: int, batch: int
) -> MemoryNeed:
    """What a model of `shape` takes with a cache of `context` positions, read in `batch`es."""
    cells = -(-context // _STEP) * _STEP
    kv = int(sum(shape.kv_width) * cells * _KV_BYTES[engine.kv_type])
    return MemoryNeed(
        shape.weights, kv + sum(shape.layer_state), _compute(shape, engine, cells, batch)
    )


def _compute(shape: ModelShape, engine: EngineSettings, cells: int, batch: int) -> int:
    """Bytes of the widest step: the logits of a batch, or its attention to all positions."""
    flash = engine.flash_attention or engine.kv_type is KvType.Q8_0
    mask = batch * cells * _FLOAT
    scores = 0 if flash else shape.heads * batch * cells * _FLOAT
    logits = batch * shape.vocabulary * _FLOAT
    activations = batch * (2 * shape.feed_forward + 4 * shape.width) * _FLOAT
    return mask + max(scores, logits) + activations + _OVERHEAD


def check_fit(
    name: str, shape: ModelShape, engine: EngineSettings, *, context: int, batch: int, free: int
) -> None:
    """
    Refuse a model that takes more than `free` bytes, before anything of it is allocated.

    Raises:
        CannotFit: with what it takes, and with the contexts that would fit.
    """
    need = memory_need(shape, engine, context=context, batch=batch).total
    if need <= free:
        return
    taken = f"{name} takes {gigabytes(need)} with a context of {context} tokens"
    raise CannotFit(
        f"{taken} and {gigabytes(free)} are free; {_what_fits(shape, engine, context, batch, free)}"
    )


def _what_fits(
    shape: ModelShape, engine: EngineSettings, context: int, batch: int, free: int
) -> str:
    if shape.weights + _OVERHEAD > free:
        return f"its weights alone take {gigabytes(shape.weights)}: choose a smaller model"
    found = []
    for kv_type in dict.fromkeys((engine.kv_type, KvType.Q8_0)):
        smaller = replace(engine, kv_type=kv_type, flash_attention=engine.flash_attention or None)
        longest = _longest(shape, smaller, context, batch, free)
        if longest:
            found.append(f"a context of {longest} tokens with its cache in {kv_type.value}")
    if not found:
        return "no context fits: choose a smaller model, or a smaller batch"
    return f"{' or '.join(found)} would fit"


def _longest(shape: ModelShape, engine: EngineSettings, context: int, batch: int, free: int) -> int:
    """The longest context that fits, at most `context`, by bisection over whole steps."""

    def fits(steps: int) -> bool:
        return memory_need(shape, engine, context=steps * _STEP, batch=batch).total <= free

    low, high = 0, -(-context // _STEP)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if fits(middle) else (low, middle - 1)
    return min(low * _STEP, context)


def layers_that_fit(
    shape: ModelShape, engine: EngineSettings, *, context: int, batch: int, free: Iterable[int]
) -> int:
    """
    How many layers GPUs with `free` bytes each have room for, beside what computing takes.

    llama.cpp puts the last layers there first; the output counts as one more, after all others.
    """
    reserves = _PER_GPU + _compute(shape, engine, context, batch)
    room = sum(max(0, each - reserves) for each in free)
    each_kv = [int(width * context * _KV_BYTES[engine.kv_type]) for width in shape.kv_width]
    of_layers = zip(shape.layer_weights, each_kv, shape.layer_state, strict=True)
    sizes = [sum(one) for one in of_layers][::-1]
    count = 0
    for size in [*sizes, shape.other_weights]:
        room -= size
        if room < 0:
            return count
        count += 1
    return count


def gigabytes(size: int) -> str:
    """A size as the person reads it."""
    return f"{size / 1e9:.2f} GB"
