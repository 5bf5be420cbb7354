"""
Describes each supported architecture in a few fields.

The plain block is llama's: norm, attention with rotary positions, norm, gated MLP. A family says
only how it differs. Whether a model has biases or query and key norms is seen from its tensors.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from homeward.engines.gguf import GgufHead
from homeward.errors import UnsupportedModel


@dataclass(frozen=True, slots=True)
class Family:
    """How an architecture differs from the plain block."""

    pairs: bool = False  # rotary turns (2i, 2i+1), as llama.cpp permutes these; else two halves
    activation: Literal["silu", "gelu"] = "silu"
    unturned_every: int = 0  # every n-th layer has no positions (smollm3)
    global_every: int = 0  # every n-th layer sees everything, the others a window (gemma3)
    token_scale: bool = False  # embeddings times √width, of tokens and not of virtual tokens
    fused: bool = False  # query, key and value, and gate and up, lie in one tensor each (phi3)


FAMILIES: Mapping[str, Family] = {
    "llama": Family(pairs=True),
    "qwen2": Family(),
    "qwen3": Family(),
    "gemma3": Family(activation="gelu", global_every=6, token_scale=True),
    "smollm3": Family(pairs=True, unturned_every=4),
    "granite": Family(pairs=True),
    "phi3": Family(fused=True),
}

_LOCAL_BASE = 10_000.0  # gemma3's rotary base in windowed layers, which its files don't carry
_GEMMA3_27B_LAYERS = 62  # the one size whose scores are scaled by width / heads


@dataclass(frozen=True, slots=True)
class Architecture:
    """One model's family and sizes, as its file's metadata state them."""

    name: str
    family: Family
    layers: int
    width: int
    heads: int
    key_heads: int
    head_width: int
    turned: int  # numbers of a head that rotary positions turn
    epsilon: float
    base: float  # rotary frequency base
    stretch: float  # linear rotary scaling: positions are divided by it
    window: int  # tokens that a windowed layer sees; 0: everything
    score_scale: float
    token_scale: float  # embeddings of tokens are multiplied by it
    virtual_scale: float  # and virtual tokens by this
    residual_scale: float
    logit_scale: float  # logits are multiplied by it

    def sees_everything(self, layer: int) -> bool:
        """Whether the layer's attention has no window."""
        every = self.family.global_every
        return not self.window or (every > 0 and (layer + 1) % every == 0)

    def turns(self, layer: int) -> bool:
        """Whether the layer uses rotary positions."""
        every = self.family.unturned_every
        return not every or (layer + 1) % every != 0

    def rotary_base(self, layer: int) -> float:
        """The layer's rotary frequency base."""
        local = self.family.global_every > 0 and not self.sees_everything(layer)
        return _LOCAL_BASE if local else self.base

    def rotary_stretch(self, layer: int) -> float:
        """By what the layer's positions are divided."""
        local = self.family.global_every > 0 and not self.sees_everything(layer)
        return 1.0 if local else self.stretch


def describe(head: GgufHead) -> Architecture:
    """
    The architecture that the head of a GGUF file states.

    Raises:
        UnsupportedModel: no gradient for this architecture or its rotary scaling.
    """
    name = head.architecture
    if name not in FAMILIES:
        known = ", ".join(sorted(FAMILIES))
        raise UnsupportedModel(f"no gradient for architecture {name!r}; there is one for {known}")
    family, read = FAMILIES[name], _Reader(head)
    width, heads, layers = (
        read.whole("embedding_length"),
        read.whole("attention.head_count"),
        read.whole("block_count"),
    )
    head_width = read.whole("attention.key_length", width // heads)
    scores_over = width // heads if (name, layers) == ("gemma3", _GEMMA3_27B_LAYERS) else head_width
    scale = read.real("embedding_scale", 1.0)
    return Architecture(
        name=name,
        family=family,
        layers=layers,
        width=width,
        heads=heads,
        key_heads=read.whole("attention.head_count_kv", heads),
        head_width=head_width,
        turned=read.whole("rope.dimension_count", head_width),
        epsilon=read.real("attention.layer_norm_rms_epsilon", 1e-6),
        base=read.real("rope.freq_base", 10_000.0),
        stretch=_stretch(read, name),
        window=read.whole("attention.sliding_window", 0) if family.global_every else 0,
        score_scale=read.real("attention.scale", scores_over**-0.5),
        token_scale=width**0.5 if family.token_scale else scale,
        virtual_scale=scale,
        residual_scale=read.real("residual_scale", 1.0),
        logit_scale=1.0 / read.real("logit_scale", 1.0),
    )


def _stretch(read: "_Reader", name: str) -> float:
    kind = read.text("rope.scaling.type", "none")
    if kind not in {"none", "linear"}:
        raise UnsupportedModel(f"no gradient for {name!r} with {kind!r} rotary scaling")
    return read.real("rope.scaling.factor", 1.0) if kind == "linear" else 1.0


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads typed values of the architecture's metadata keys."""

    head: GgufHead

    def whole(self, key: str, default: int | None = None) -> int:
        return int(self.real(key, default))

    def real(self, key: str, default: float | None = None) -> float:
        value = self.head.metadata.get(key, default)
        if not isinstance(value, int | float):
            raise UnsupportedModel(
                f"metadata {self.head.architecture}.{key} is missing or no number"
            )
        return float(value)

    def text(self, key: str, default: str) -> str:
        return str(self.head.metadata.get(key, default))
