"""The families of the catalogue's models, each as a file of a few thousand random weights."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import gguf
import numpy as np
from benchmarks.tiny_gguf import Kind, add_vocabulary
from tests.sdk.learning import tiny_models
from tests.sdk.prompting import templates

CONTEXT = 2048
_CONTROL, _USER = gguf.TokenType.CONTROL, gguf.TokenType.USER_DEFINED
_CHATML = {"<|endoftext|>": _CONTROL, "<|im_end|>": _CONTROL, "<|im_start|>": _CONTROL}
# The files give these a type that llama.cpp finds in every text.
_THINKING = _CHATML | {"<think>": _USER, "</think>": _USER, "<tool_call>": _USER}
_GEMMA = {
    "<bos>": _CONTROL,
    "<eos>": _CONTROL,
    "<start_of_turn>": _CONTROL,
    "<end_of_turn>": _CONTROL,
    "\n\n": _USER,  # and so they give runs of white space and tags of HTML, which are content
    "<h1>": _USER,
}
_LLAMA = {
    "<|begin_of_text|>": _CONTROL,
    "<|eot_id|>": _CONTROL,
    "<|start_header_id|>": _CONTROL,
    "<|end_header_id|>": _CONTROL,
}


@dataclass(frozen=True, slots=True)
class Family:
    """What the files of a family have in common, as their makers' do."""

    models: tuple[str, ...]  # of the catalogue
    architecture: str
    kind: Kind
    pre: str  # how its BPE vocabulary splits words
    marks: Mapping[str, gguf.TokenType]
    template: str | None
    opens: str  # how a conversation begins, with a system's text
    goes_on: str  # from its first question on
    thinks: bool = False

    @property
    def control(self) -> tuple[str, ...]:
        """The marks that no text shows."""
        return tuple(mark for mark, kind in self.marks.items() if kind is _CONTROL)

    def write(self, path: Path) -> Path:
        """Write the file."""
        if self.architecture == "qwen35":
            _write_hybrid(path, self.add)
        else:
            tiny_models.write(self.architecture, path, add_vocabulary=self.add)
        return path

    def add(self, writer: gguf.GGUFWriter) -> int:
        """Add vocabulary and template; return how many tokens there are."""
        writer.add_context_length(CONTEXT)
        writer.add_feed_forward_length(tiny_models.INNER)
        if self.template is not None:
            writer.add_chat_template(self.template)
        if self.kind is Kind.SPM:
            writer.add_add_space_prefix(value=False)
        return add_vocabulary(writer, self.kind, self.marks, pre=self.pre)


_QWEN_TURNS = (
    "Hi.<|im_end|>\n<|im_start|>assistant\nHello!<|im_end|>\n<|im_start|>user\nAnd now?<|im_end|>\n"
    "<|im_start|>assistant\n"
)
_QWEN_OPENS = "<|im_start|>system\nBe kind.<|im_end|>\n<|im_start|>user\n"
_AT_ONCE = f"{_QWEN_TURNS}<think>\n\n</think>\n\n"
_GEMMA_TURNS = (
    "Hi.<end_of_turn>\n<start_of_turn>model\nHello!<end_of_turn>\n"
    "<start_of_turn>user\nAnd now?<end_of_turn>\n<start_of_turn>model\n"
)

FAMILIES = {
    "SmolLM2": Family(
        ("smollm2-135m", "smollm2-1.7b"), "llama", Kind.BPE, "smollm", _CHATML,
        templates.CHATML, _QWEN_OPENS, _QWEN_TURNS,
    ),
    "SmolVLM2": Family(
        ("smolvlm2-2.2b",), "llama", Kind.BPE, "smollm",
        {"<|im_start|>": _CONTROL, "<end_of_utterance>": _CONTROL}, templates.IN_PARTS,
        "<|im_start|>System: Be kind.<end_of_utterance>\nUser: ",
        "Hi.<end_of_utterance>\nAssistant: Hello!<end_of_utterance>\nUser: And now?"
        "<end_of_utterance>\nAssistant:",
    ),
    "Llama 3.2": Family(
        ("llama-3.2-1b",), "llama", Kind.BPE, "llama-bpe", _LLAMA, templates.DATED,
        "<|begin_of_text|><|start_header_id|>system<|end_header_id|>\n\n"
        "Today Date: 28 Nov 2026\n\nBe kind.<|eot_id|><|start_header_id|>user<|end_header_id|>\n\n",
        "Hi.<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\nHello!<|eot_id|>"
        "<|start_header_id|>user<|end_header_id|>\n\nAnd now?<|eot_id|>"
        "<|start_header_id|>assistant<|end_header_id|>\n\n",
    ),
    "Qwen3": Family(
        ("qwen3-0.6b", "qwen3-1.7b", "qwen3-4b", "qwen3-8b"), "qwen3", Kind.BPE, "qwen2",
        _THINKING, templates.HYBRID, _QWEN_OPENS, _AT_ONCE, thinks=True,
    ),
    "Qwen3 2507": Family(
        ("qwen3-4b-2507",), "qwen3", Kind.BPE, "qwen2", _THINKING,
        templates.CHATML, _QWEN_OPENS, _QWEN_TURNS,
    ),
    "Qwen3.5": Family(
        ("qwen3.5-2b", "qwen3.5-4b", "qwen3.5-9b"), "qwen35", Kind.BPE, "qwen35",
        _THINKING, templates.OPENED, _QWEN_OPENS, _AT_ONCE, thinks=True,
    ),
    "Gemma 3": Family(
        ("gemma-3-4b",), "gemma3", Kind.SPM, "", _GEMMA, templates.MERGED_SYSTEM,
        "<bos><start_of_turn>user\nBe kind.\n\n", _GEMMA_TURNS,
    ),
    "Gemma 3, base": Family(
        ("gemma-3-270m",), "gemma3", Kind.SPM, "", _GEMMA, None,
        "<bos>Be kind.\n\nUser: ", "Hi.\nAssistant: Hello!\nUser: And now?\nAssistant:",
    ),
}  # fmt: skip


def _write_hybrid(path: Path, add: Callable[[gguf.GGUFWriter], int]) -> None:
    """
    Write Qwen3.5's architecture: of four layers the last attends, and three keep a state.

    Source:
        llama.cpp, src/models/qwen35.cpp: names and shapes.
    """
    width, inner, heads, key_heads, head, states, groups = 32, tiny_models.INNER, 4, 2, 16, 16, 2
    values = 4 * states
    writer = gguf.GGUFWriter(path, "qwen35")
    vocabulary = add(writer)
    for name, number in {
        "block_count": 4,
        "embedding_length": width,
        "attention.head_count": heads,
        "attention.head_count_kv": key_heads,
        "attention.key_length": head,
        "attention.value_length": head,
        "rope.dimension_count": head,
        "full_attention_interval": 4,
        "ssm.conv_kernel": 4,
        "ssm.state_size": states,
        "ssm.group_count": groups,
        "ssm.time_step_rank": 4,
        "ssm.inner_size": values,
    }.items():
        writer.add_uint32(f"qwen35.{name}", number)
    writer.add_array("qwen35.rope.dimension_sections", [3, 3, 2, 0])
    writer.add_float32("qwen35.attention.layer_norm_rms_epsilon", 1e-6)
    mixed = 2 * groups * states + values
    every = {
        "attn_norm.weight": (width,),
        "post_attention_norm.weight": (width,),
        "ffn_gate.weight": (inner, width),
        "ffn_up.weight": (inner, width),
        "ffn_down.weight": (width, inner),
    }
    attends = {
        "attn_q.weight": (2 * heads * head, width),  # and a gate
        "attn_k.weight": (key_heads * head, width),
        "attn_v.weight": (key_heads * head, width),
        "attn_output.weight": (width, heads * head),
        "attn_q_norm.weight": (head,),
        "attn_k_norm.weight": (head,),
    }
    keeps = {
        "attn_qkv.weight": (mixed, width),
        "attn_gate.weight": (values, width),
        "ssm_conv1d.weight": (mixed, 4),
        "ssm_dt.bias": (4,),
        "ssm_a": (4,),
        "ssm_beta.weight": (4, width),
        "ssm_alpha.weight": (4, width),
        "ssm_norm.weight": (states,),
        "ssm_out.weight": (width, values),
    }
    shapes = {"token_embd.weight": (vocabulary, width), "output_norm.weight": (width,)}
    for layer, own in enumerate((keeps, keeps, keeps, attends)):
        shapes |= {f"blk.{layer}.{name}": shape for name, shape in (every | own).items()}
    random = np.random.default_rng(3)
    for name, shape in shapes.items():
        numbers = random.normal(0, 0.3, shape).astype(np.float32)
        writer.add_tensor(name, -np.abs(numbers) if name.endswith("ssm_a") else numbers)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
