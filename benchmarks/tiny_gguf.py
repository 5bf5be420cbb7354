"""Writes models of a few weights, with a real vocabulary type, a chat template and its marks."""

import re
from collections.abc import Mapping, Sequence
from enum import StrEnum
from pathlib import Path

import gguf
import numpy as np

_WIDTH, _HEADS, _CONTEXT = 32, 2, 4096
# What looks like a mark in a template: of turns, of thoughts, of channels.
_MARK = re.compile(r"<[^\s<>'\"]{1,40}>|\[/?[A-Z_]{2,30}\]|\]~b\]|\[e~\[|\]~!b\[")


class Kind(StrEnum):
    """How a vocabulary cuts text into tokens."""

    BPE = "gpt2"
    SPM = "llama"


def marks_in(template: str) -> list[str]:
    """Return the texts that a vocabulary made for this template would have tokens for."""
    bars = [mark.replace("{}", "") for mark in _MARK.findall(template)]
    return list(dict.fromkeys(["<s>", "</s>", *bars]))


def write_model(
    path: Path,
    template: str | None,
    *,
    kind: Kind = Kind.BPE,
    marks: Sequence[str] = ("<s>", "</s>"),
    mark_type: gguf.TokenType = gguf.TokenType.CONTROL,
) -> Path:
    """Write one whose tokens are bytes and `marks`, the first two its BOS and EOS."""
    writer = gguf.GGUFWriter(path, "llama")
    for name, number in {
        "context_length": _CONTEXT,
        "embedding_length": _WIDTH,
        "block_count": 1,
        "feed_forward_length": _WIDTH,
        "attention.head_count": _HEADS,
        "rope.dimension_count": _WIDTH // _HEADS,
    }.items():
        writer.add_uint32(f"llama.{name}", number)
    writer.add_float32("llama.attention.layer_norm_rms_epsilon", 1e-5)
    size = add_vocabulary(writer, kind, dict.fromkeys(marks, mark_type))
    if template is not None:
        writer.add_string("tokenizer.chat_template", template)
    rng = np.random.default_rng(3)
    for name, shape in _shapes(size).items():
        writer.add_tensor(name, rng.normal(0, 0.3, shape).astype(np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def add_vocabulary(
    writer: gguf.GGUFWriter,
    kind: Kind,
    marks: Mapping[str, gguf.TokenType],
    *,
    pre: str = "gpt-2",
) -> int:
    """
    Add tokens for every byte, a pair for the merges to make, and `marks`; return how many.

    The first two marks are the BOS and the EOS; `pre` says how a BPE vocabulary splits words.
    """
    normal, byte = gguf.TokenType.NORMAL, gguf.TokenType.BYTE
    if kind is Kind.BPE:
        pieces = [(text, normal) for text in _byte_texts()] + [("ab", normal)]
        writer.add_tokenizer_pre(pre)
        writer.add_token_merges(["a b"])
    else:
        pieces = [("<unk>", gguf.TokenType.UNKNOWN)]
        pieces += [(f"<0x{number:02X}>", byte) for number in range(256)]
        pieces += [("\u2581", normal), *((chr(code), normal) for code in range(33, 127))]
        writer.add_token_scores([-float(at) for at in range(len(pieces) + len(marks))])
    first = len(pieces)
    pieces += marks.items()
    writer.add_tokenizer_model(kind.value)
    writer.add_token_list([text for text, _ in pieces])
    writer.add_token_types([one for _, one in pieces])
    writer.add_bos_token_id(first)
    writer.add_eos_token_id(first + 1)
    return len(pieces)


def _byte_texts() -> list[str]:
    """Return GPT-2's printable stand-ins for the 256 bytes, in their order."""
    shown = [*range(33, 127), *range(161, 173), *range(174, 256)]
    hidden = [byte for byte in range(256) if byte not in shown]
    texts = dict(zip(shown, map(chr, shown), strict=True))
    texts |= {byte: chr(256 + at) for at, byte in enumerate(hidden)}
    return [texts[byte] for byte in range(256)]


def _shapes(vocabulary: int) -> dict[str, tuple[int, ...]]:
    layer = "attn_q attn_k attn_v attn_output ffn_gate ffn_up ffn_down".split()
    return {
        "token_embd.weight": (vocabulary, _WIDTH),
        "output_norm.weight": (_WIDTH,),
        **{f"blk.0.{name}.weight": (_WIDTH, _WIDTH) for name in layer},
        "blk.0.attn_norm.weight": (_WIDTH,),
        "blk.0.ffn_norm.weight": (_WIDTH,),
    }
