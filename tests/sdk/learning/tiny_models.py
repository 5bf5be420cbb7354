"""Random models of a few thousand weights, one of each architecture, written as GGUF."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import gguf
import numpy as np
from numpy.typing import NDArray

VOCABULARY, INNER, _WIDTH, _HEADS, _KEY_HEADS = 97, 56, 32, 4, 2
_NAMES = {
    "self_attn.q_proj": "attn_q",
    "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output",
    "self_attn.qkv_proj": "attn_qkv",
    "self_attn.q_norm": "attn_q_norm",
    "self_attn.k_norm": "attn_k_norm",
    "mlp.gate_proj": "ffn_gate",
    "mlp.up_proj": "ffn_up",
    "mlp.gate_up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down",
    "input_layernorm": "attn_norm",
    "post_attention_layernorm": "ffn_norm",
}
_SANDWICH = {
    "post_attention_layernorm": "post_attention_norm",
    "pre_feedforward_layernorm": "ffn_norm",
    "post_feedforward_layernorm": "post_ffw_norm",
}

State = dict[str, NDArray[np.float32]]


@dataclass(frozen=True, slots=True)
class Recipe:
    """What an architecture adds to llama's block, as PyTorch and as GGUF name it."""

    classes: str  # transformers: {classes}Config
    options: dict[str, Any] = field(default_factory=dict)
    metadata: dict[str, float] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)  # metadata that are whole numbers
    head_width: int = 8
    layers: int = 2
    permuted: bool = False  # converters reorder q and k for llama.cpp's paired rotary
    biased: bool = False
    normed_heads: bool = False
    sandwich: bool = False  # and norm weights are stored less one
    fused: bool = False
    tied: bool = True


RECIPES = {
    "llama": Recipe("Llama", permuted=True),
    "qwen2": Recipe("Qwen2", biased=True, tied=False),
    "qwen3": Recipe("Qwen3", {"head_dim": 12}, head_width=12, normed_heads=True),
    "gemma3": Recipe(
        "Gemma3Text",
        {"head_dim": 8, "sliding_window": 5, "query_pre_attn_scalar": 8},
        counts={"attention.sliding_window": 5},
        layers=7,  # the sixth sees everything, the others a window
        normed_heads=True,
        sandwich=True,
    ),
    "smollm3": Recipe("SmolLM3", {"pad_token_id": 0}, layers=5, permuted=True),
    "granite": Recipe(
        "Granite",
        {
            "embedding_multiplier": 3.0,
            "residual_multiplier": 0.4,
            "attention_multiplier": 0.2,
            "logits_scaling": 2.0,
        },
        {"embedding_scale": 3.0, "residual_scale": 0.4, "attention.scale": 0.2, "logit_scale": 2.0},
        permuted=True,
    ),
    "phi3": Recipe("Phi3", {"pad_token_id": 0}, fused=True),
}


def options(name: str) -> dict[str, Any]:
    """What the architecture's PyTorch configuration is made with."""
    recipe = RECIPES[name]
    return {
        "vocab_size": VOCABULARY,
        "hidden_size": _WIDTH,
        "intermediate_size": INNER,
        "num_hidden_layers": recipe.layers,
        "num_attention_heads": _HEADS,
        "num_key_value_heads": _KEY_HEADS,
        "max_position_embeddings": 512,
        "tie_word_embeddings": recipe.tied,
        "rms_norm_eps": 1e-5,
        **recipe.options,
    }


def write(
    name: str,
    path: Path,
    *,
    base: float = 10_000.0,
    vocabulary: int = VOCABULARY,
    add_vocabulary: Callable[[gguf.GGUFWriter], int] | None = None,
) -> State:
    """
    Write a random model as GGUF; the same weights come back under PyTorch's names.

    It has no words but those that `add_vocabulary` adds, which returns how many.
    """
    recipe = RECIPES[name]
    writer = gguf.GGUFWriter(path, name)
    state = _random_state(recipe, add_vocabulary(writer) if add_vocabulary else vocabulary)
    for key, whole in {
        "block_count": recipe.layers,
        "embedding_length": _WIDTH,
        "attention.head_count": _HEADS,
        "attention.head_count_kv": _KEY_HEADS,
        "attention.key_length": recipe.head_width,
        "attention.value_length": recipe.head_width,
        "rope.dimension_count": recipe.head_width,
        **recipe.counts,
    }.items():
        writer.add_uint32(f"{name}.{key}", whole)
    reals = {"attention.layer_norm_rms_epsilon": 1e-5, "rope.freq_base": base}
    for key, real in {**reals, **recipe.metadata}.items():
        writer.add_float32(f"{name}.{key}", real)
    for key, array in state.items():
        writer.add_tensor(_gguf_name(recipe, key), _converted(recipe, key, array))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return state


def _random_state(recipe: Recipe, vocabulary: int) -> State:
    rng = np.random.default_rng(7)
    shapes: dict[str, tuple[int, ...]] = {"model.embed_tokens.weight": (vocabulary, _WIDTH)}
    for layer in range(recipe.layers):
        for part, shape in _layer_shapes(recipe).items():
            shapes[f"model.layers.{layer}.{part}"] = shape
    shapes["model.norm.weight"] = (_WIDTH,)
    if not recipe.tied:
        shapes["lm_head.weight"] = (vocabulary, _WIDTH)
    state = {}
    for key, shape in shapes.items():
        array = rng.normal(0, 0.3 if len(shape) > 1 else 0.2, shape).astype(np.float32)
        is_norm = "norm" in key and not recipe.sandwich
        state[key] = array + np.float32(1.0 if is_norm else 0.0)
    return state


def _layer_shapes(recipe: Recipe) -> dict[str, tuple[int, ...]]:
    queries, keys = _HEADS * recipe.head_width, _KEY_HEADS * recipe.head_width
    shapes: dict[str, tuple[int, ...]] = {
        "input_layernorm.weight": (_WIDTH,),
        "post_attention_layernorm.weight": (_WIDTH,),
        "self_attn.o_proj.weight": (_WIDTH, queries),
        "mlp.down_proj.weight": (_WIDTH, INNER),
    }
    if recipe.fused:
        shapes["self_attn.qkv_proj.weight"] = (queries + 2 * keys, _WIDTH)
        shapes["mlp.gate_up_proj.weight"] = (2 * INNER, _WIDTH)
    else:
        for part, out in {"q": queries, "k": keys, "v": keys}.items():
            shapes[f"self_attn.{part}_proj.weight"] = (out, _WIDTH)
            if recipe.biased:
                shapes[f"self_attn.{part}_proj.bias"] = (out,)
        shapes["mlp.gate_proj.weight"] = shapes["mlp.up_proj.weight"] = (INNER, _WIDTH)
    if recipe.normed_heads:
        for part in "qk":
            shapes[f"self_attn.{part}_norm.weight"] = (recipe.head_width,)
    if recipe.sandwich:
        for place in ("pre", "post"):
            shapes[f"{place}_feedforward_layernorm.weight"] = (_WIDTH,)
    return shapes


def _gguf_name(recipe: Recipe, key: str) -> str:
    top = {
        "model.embed_tokens.weight": "token_embd.weight",
        "model.norm.weight": "output_norm.weight",
        "lm_head.weight": "output.weight",
    }
    if key in top:
        return top[key]
    _, _, layer, rest = key.split(".", 3)
    part, kind = rest.rsplit(".", 1)
    return f"blk.{layer}.{(_NAMES | (_SANDWICH if recipe.sandwich else {}))[part]}.{kind}"


def _converted(recipe: Recipe, key: str, array: NDArray[np.float32]) -> NDArray[np.float32]:
    if recipe.sandwich and "norm" in key:
        return array + np.float32(1.0)
    if recipe.permuted and (".q_proj." in key or ".k_proj." in key):
        halves = array.reshape(len(array) // recipe.head_width, 2, recipe.head_width // 2, -1)
        return np.ascontiguousarray(halves.swapaxes(1, 2).reshape(array.shape))
    return array
