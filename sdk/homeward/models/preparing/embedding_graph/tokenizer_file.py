"""
Writes the vocabulary of a 4-bit file as a tokenizer.json, which the library `tokenizers` reads.

The steps are those of the model's published tokenizer: SentencePiece's NFKC, words at white space,
and the likeliest pieces of a word by a unigram model, between <s> and </s>.
"""

import json
from pathlib import Path

from homeward.models.disk import write_whole
from homeward.models.preparing.embedding_graph import four_bit_file

_NORMALIZER = {
    "type": "Sequence",
    "normalizers": [
        {"type": "Nmt"},
        {"type": "NFKC"},
        {"type": "Replace", "pattern": {"Regex": " {2,}"}, "content": " "},
    ],
}
_WORDS = {
    "type": "Sequence",
    "pretokenizers": [
        {"type": "WhitespaceSplit"},
        {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": True},
    ],
}
_BEGIN, _END = "<s>", "</s>"


def write_tokenizer(weights: Path, target: Path) -> None:
    """
    Write the tokenizer of the 4-bit file `weights` to `target`.

    Raises:
        ModelCorrupt: the file is not a whole one.
    """
    file = four_bit_file.read(weights)
    content: dict[str, object] = {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [],
        "normalizer": _NORMALIZER,
        "pre_tokenizer": _WORDS,
        "post_processor": _framed({name: file.pieces.index(name) for name in (_BEGIN, _END)}),
        "decoder": None,
        "model": {
            "type": "Unigram",
            "unk_id": file.unknown,
            "vocab": list(zip(file.pieces, file.scores, strict=True)),
            "byte_fallback": False,
        },
    }
    write_whole(target, json.dumps(content, ensure_ascii=False))


def _framed(ids: dict[str, int]) -> dict[str, object]:
    """Return the step that puts <s> before a text and </s> behind it."""
    text = {"Sequence": {"id": "A", "type_id": 0}}
    begin, end = ({"SpecialToken": {"id": name, "type_id": 0}} for name in (_BEGIN, _END))
    return {
        "type": "TemplateProcessing",
        "single": [begin, text, end],
        "pair": [begin, text, end, {"Sequence": {"id": "B", "type_id": 0}}, end],
        "special_tokens": {
            name: {"id": name, "ids": [number], "tokens": [name]} for name, number in ids.items()
        },
    }
