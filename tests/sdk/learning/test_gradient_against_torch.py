"""The gradient equals PyTorch autograd's, for a tiny model of each architecture and SmolLM2."""

from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from homeward.learning.gradients.gradient import GradientModel
from homeward.learning.gradients.packing import TrainingExample
from homeward.learning.gradients.weights import read_weights
from homeward.ports import Vector

torch: Any = pytest.importorskip("torch")
transformers: Any = pytest.importorskip("transformers")

_ARCHITECTURES = ("gemma3", "granite", "llama", "phi3", "qwen2", "qwen3", "smollm3")
_NAMES = {
    "attn_norm": "input_layernorm",
    "q": "self_attn.q_proj",
    "k": "self_attn.k_proj",
    "v": "self_attn.v_proj",
    "out": "self_attn.o_proj",
    "mlp_norm": "post_attention_layernorm",
    "gate": "mlp.gate_proj",
    "up": "mlp.up_proj",
    "down": "mlp.down_proj",
}


def _load(classes: str, options: dict[str, Any], state: dict[str, Vector]) -> Any:
    config = getattr(transformers, f"{classes}Config")(**options, attn_implementation="eager")
    model = getattr(transformers, f"{classes.removesuffix('Text')}ForCausalLM")(config).eval()
    tensors = {key: torch.from_numpy(array) for key, array in state.items()}
    tensors.setdefault("lm_head.weight", tensors["model.embed_tokens.weight"])
    model.load_state_dict(tensors)
    return model.requires_grad_(requires_grad=False)


def _autograd(model: Any, prefix: Vector, examples: list[TrainingExample]) -> tuple[Vector, Vector]:
    """Gradient at the prefix of the scored tokens' mean log-probability, and the parts of it."""
    leaf = torch.from_numpy(prefix.copy()).requires_grad_(requires_grad=True)
    found = []
    for example in examples:
        tokens = torch.tensor(example.tokens)
        x = torch.cat([leaf, model.get_input_embeddings()(tokens)])[None]
        logits = model(inputs_embeds=x).logits[0, len(prefix) - 1 : -1]
        logs = torch.log_softmax(logits, -1).gather(-1, tokens[:, None])[:, 0]
        found.append(logs[example.start :])
    joined = torch.cat(found)
    joined.mean().backward()
    return leaf.grad.numpy(), joined.detach().numpy()


def _ours(
    model: GradientModel, prefix: Vector, examples: list[TrainingExample]
) -> tuple[Vector, Vector]:
    run = model.run(prefix, examples)
    count = len(run.packed.targets)
    scored = run.backward(np.full(count, 1 / count, np.float32))
    return scored.gradient, scored.log_probabilities


def _relative(found: Vector, wanted: Vector) -> float:
    return float(np.linalg.norm(found - wanted) / np.linalg.norm(wanted))


@pytest.mark.parametrize("activation_bytes", [0, 1 << 30])
@pytest.mark.parametrize("name", _ARCHITECTURES)
def test_the_gradient_is_autograds(
    name: str, activation_bytes: int, tmp_path: Path, tiny_models: ModuleType
) -> None:
    state = tiny_models.write(name, tmp_path / "tiny.gguf", base=10_000.0)
    options = tiny_models.options(name) | {"rope_theta": 10_000.0}
    if name == "gemma3":
        options |= {"rope_local_base_freq": 10_000.0}
    theirs = _load(tiny_models.RECIPES[name].classes, options, state)
    model = GradientModel.open(tmp_path / "tiny.gguf", activation_bytes=activation_bytes)
    rng = np.random.default_rng(3)
    examples = [
        TrainingExample(tuple(int(t) for t in rng.integers(0, 97, n)), start=min(2, n - 1))
        for n in (9, 3, 14, 1)
    ]
    prefix = model.embed([5, 8, 1]) + rng.normal(0, 0.1, (3, 32)).astype(np.float32)
    gradient, logs = _ours(model, prefix, examples)
    wanted_gradient, wanted_logs = _autograd(theirs, prefix, examples)
    assert np.abs(logs - wanted_logs).max() < 1e-4
    assert _relative(gradient, wanted_gradient) <= 1e-5


@pytest.mark.model
def test_smollm2s_gradient_is_autograds(smollm2_file: Path) -> None:
    weights = read_weights(smollm2_file)
    arch = weights.architecture
    state = {
        "model.embed_tokens.weight": weights.embedding,
        "model.norm.weight": weights.output_norm,
    }
    for number, layer in enumerate(weights.layers):
        for name, array in layer.items():
            state[f"model.layers.{number}.{_NAMES[name]}.weight"] = array
    options = {
        "vocab_size": len(weights.embedding),
        "hidden_size": arch.width,
        "intermediate_size": len(weights.layers[0]["gate"]),
        "num_hidden_layers": arch.layers,
        "num_attention_heads": arch.heads,
        "num_key_value_heads": arch.key_heads,
        "rms_norm_eps": arch.epsilon,
        "rope_theta": arch.base,
        "tie_word_embeddings": True,
    }
    theirs = _load("Llama", options, state)
    model = GradientModel(weights)
    # Ids of ordinary text: far-fetched ones drive activations to where float32 itself is coarse.
    examples = [
        TrainingExample((504, 2365, 6354, 16438, 27003, 690, 260, 23790, 2767, 30)),
        TrainingExample((1, 28)),
    ]
    prefix = model.embed([1, 4093, 198, 2683, 359, 253])
    gradient, logs = _ours(model, prefix, examples)
    wanted_gradient, wanted_logs = _autograd(theirs, prefix, examples)
    assert np.abs(logs - wanted_logs).max() < 1e-3
    assert _relative(gradient, wanted_gradient) <= 1e-5
