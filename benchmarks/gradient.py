"""
One gradient step: time against PyTorch and against llama.cpp's forward pass, and peak memory.

The step is the learner's: 13 texts of 5 to 29 tokens behind a prefix of 20, all tokens scored.
PyTorch with transformers gets them as a padded batch, as is usual; llama.cpp decodes as many tokens
as one prompt. Each runs in a process of its own on one thread; times are medians of CPU seconds,
which other load stretches least. The peak is that of a step of 1,024 tokens in equal texts.
"""

import argparse
import importlib
import json
import os
import resource
import statistics
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from time import process_time
from typing import Any

import numpy as np

from benchmarks.report import Figure, report
from homeward import models, paths
from homeward.engine_settings import EngineSettings
from homeward.engines.llama import open_model
from homeward.learning.gradients.gradient import GradientModel
from homeward.learning.gradients.packing import TrainingExample
from homeward.learning.gradients.weights import read_weights
from homeward.ports import Vector

PREFIX = 20  # tokens before every text, sixteen of them virtual
LENGTHS = tuple(range(5, 31, 2))
REPEATS = 3  # after one that is not counted
_LAYER = {
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


def _texts(lengths: tuple[int, ...]) -> list[tuple[int, ...]]:
    rng = np.random.default_rng(0)
    return [tuple(int(token) for token in rng.integers(500, 20_000, n)) for n in lengths]


def _median(step: Callable[[], object]) -> float:
    found = []
    for _ in range(1 + REPEATS):
        began = process_time()
        step()
        found.append(process_time() - began)
    return statistics.median(found[1:])


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024.0  # kB on Linux


def ours(lengths: tuple[int, ...]) -> dict[str, Any]:
    """The step of this repository."""
    model = GradientModel.open(_file())
    prefix = model.embed(_texts((PREFIX,))[0])
    examples = [TrainingExample(text) for text in _texts(lengths)]
    weights = np.full(sum(lengths), -1 / sum(lengths), np.float32)
    found: list[Vector] = []

    def step() -> None:
        found.append(model.run(prefix, examples).backward(weights).gradient)

    seconds = _median(step)
    return {"seconds": seconds, "peak": _peak(), "weights": model.nbytes, "gradient": _sum(found)}


def torch_step(lengths: tuple[int, ...]) -> dict[str, Any]:
    """The same step by autograd on a padded batch, weights frozen."""
    torch, _ = _torch()
    model, embedding = _torch_model()
    torch.set_num_threads(1)
    prefix = embedding[list(_texts((PREFIX,))[0])].clone().requires_grad_(requires_grad=True)
    texts = _texts(lengths)
    longest = max(lengths)
    tokens = torch.tensor([[*text, *[0] * (longest - len(text))] for text in texts])
    real = torch.tensor([[1] * n + [0] * (longest - n) for n in lengths])
    mask = torch.cat([torch.ones(len(texts), PREFIX, dtype=real.dtype), real], 1)

    def step() -> None:
        x = torch.cat([prefix[None].expand(len(texts), -1, -1), embedding[tokens]], 1)
        logits = model(inputs_embeds=x, attention_mask=mask).logits[:, PREFIX - 1 : -1]
        nats = torch.nn.functional.cross_entropy(
            logits.reshape(-1, logits.shape[-1]), tokens.reshape(-1), reduction="none"
        )
        prefix.grad = None
        ((nats * real.reshape(-1)).sum() / real.sum()).backward()

    seconds = _median(step)
    return {"seconds": seconds, "peak": _peak(), "gradient": _sum([prefix.grad.numpy()])}


def _torch() -> tuple[Any, Any]:
    """PyTorch and transformers, which only this comparison needs and which may be absent."""
    return importlib.import_module("torch"), importlib.import_module("transformers")


def _torch_model() -> tuple[Any, Any]:
    torch, transformers = _torch()
    weights = read_weights(_file())
    arch = weights.architecture
    config = transformers.LlamaConfig(
        vocab_size=len(weights.embedding),
        hidden_size=arch.width,
        intermediate_size=len(weights.layers[0]["gate"]),
        num_hidden_layers=arch.layers,
        num_attention_heads=arch.heads,
        num_key_value_heads=arch.key_heads,
        rms_norm_eps=arch.epsilon,
        rope_theta=arch.base,
        tie_word_embeddings=True,
    )
    state = {"model.embed_tokens.weight": weights.embedding, "lm_head.weight": weights.output}
    state["model.norm.weight"] = weights.output_norm
    for number, layer in enumerate(weights.layers):
        for name, array in layer.items():
            state[f"model.layers.{number}.{_LAYER[name]}.weight"] = array
    with torch.device("meta"):
        model = transformers.LlamaForCausalLM(config)
    tensors = {name: torch.from_numpy(array) for name, array in state.items()}
    model = model.to_empty(device="cpu")
    model.load_state_dict(tensors, assign=True)
    model.model.rotary_emb = type(model.model.rotary_emb)(config)
    model.requires_grad_(requires_grad=False).eval()
    return model, tensors["model.embed_tokens.weight"]


def llama_forward(lengths: tuple[int, ...]) -> dict[str, Any]:
    """Decode as many tokens, in one go, with no logits but the last."""
    with closing(open_model(_file(), EngineSettings(context=2048, threads=1), sha256="")) as model:
        tokens = _texts((PREFIX + sum(lengths),))[0]

        def step() -> None:
            with model.session() as session:
                session.feed([tokens])

        return {"seconds": _median(step), "peak": _peak()}


_CHILDREN = {"ours": ours, "torch": torch_step, "llama": llama_forward}


def _file() -> Path:
    return models.path(paths.home(), models.DEFAULT_LANGUAGE)


def _sum(gradients: list[Vector]) -> float:
    return float(np.linalg.norm(gradients[-1]))


def _measured(child: str, lengths: tuple[int, ...]) -> dict[str, Any]:
    command = [sys.executable, "-m", "benchmarks.gradient", "--child", child]
    command += ["--lengths", ",".join(map(str, lengths))]
    one_thread = os.environ | {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
    done = subprocess.run(command, env=one_thread, capture_output=True, text=True, check=False)
    if done.returncode:
        return {"failed": done.stderr.strip().splitlines()[-1]}
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def measure() -> dict[str, Figure]:
    """All three, one after the other."""
    step, forward = _measured("ours", LENGTHS), _measured("llama", LENGTHS)
    large, autograd = _measured("ours", (64,) * 16), _measured("torch", LENGTHS)
    figures: dict[str, Figure] = {
        "vs_llama_forward": step["seconds"] / forward["seconds"],
        "peak_over_weights": large["peak"] / large["weights"],
        "step_cpu_seconds": step["seconds"],
        "step_1024_cpu_seconds": large["seconds"],
        "llama_forward_cpu_seconds": forward["seconds"],
        "tokens": PREFIX + sum(LENGTHS),
    }
    if "failed" in autograd:
        return figures | {"torch": autograd["failed"]}
    return figures | {
        "vs_torch": step["seconds"] / autograd["seconds"],
        "torch_cpu_seconds": autograd["seconds"],
        "torch_peak_over_weights": autograd["peak"] / large["weights"],
        "norm_over_torchs": step["gradient"] / autograd["gradient"],
    }


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--child", choices=sorted(_CHILDREN), help=argparse.SUPPRESS)
    parser.add_argument("--lengths", default="", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.child:
        print(json.dumps(_CHILDREN[args.child](tuple(map(int, args.lengths.split(","))))))
    else:
        report(measure(), as_json=args.json)


if __name__ == "__main__":
    main()
