"""Converts text to tokens and back with a model's own vocabulary."""

import ctypes
from collections.abc import Sequence

from llama_cpp import llama_cpp as native

from homeward.engines.cells import check_tokens
from homeward.engines.llama.grammar import check_grammar
from homeward.errors import InvalidArgument
from homeward.ports import Tokens

_ADD_BOS = False  # `beginning` is written by the chat template's side, once a conversation
_KEEP_BOS = False
_SHOW_CONTROL = False
_PIECE_BYTES = 64  # most pieces are shorter; a longer one is asked for again


class Vocabulary:
    """
    A model's tokens. Safe for several threads at once.

    A class because it remembers each token's bytes: asking llama.cpp for every generated token
    would cost more than the rest of the loop.
    """

    def __init__(self, weights: native.llama_model_p) -> None:
        self._vocab = native.llama_model_get_vocab(weights)
        self.size = int(native.llama_vocab_n_tokens(self._vocab))
        self._pieces: dict[int, bytes | None] = {}

    @property
    def beginning(self) -> str:
        """What every text must start with for this model: its BOS token, or nothing."""
        if not native.llama_vocab_get_add_bos(self._vocab):
            return ""
        bos: bytes = native.llama_vocab_get_text(self._vocab, native.llama_vocab_bos(self._vocab))
        return bos.decode("utf-8", "replace")

    def tokenize(self, text: str, *, special: bool) -> Tokens:
        """Token ids; lone surrogates, which UTF-8 cannot hold, become "?"."""
        raw = text.encode("utf-8", "replace")
        room = len(raw) + 2  # a token covers a byte at least; two more for what a model adds
        ids = (ctypes.c_int32 * room)()
        count = native.llama_tokenize(self._vocab, raw, len(raw), ids, room, _ADD_BOS, special)
        if count < 0:
            raise InvalidArgument(f"llama.cpp could not tokenize a text of {len(raw)} bytes")
        return tuple(ids[:count])

    def detokenize(self, tokens: Sequence[int]) -> str:
        """Text without control tokens, malformed UTF-8 replaced."""
        check_tokens(tokens, n_vocab=self.size)
        ids = (ctypes.c_int32 * len(tokens))(*tokens)
        room = 8 * len(tokens) + _PIECE_BYTES
        while True:
            text = ctypes.create_string_buffer(room)
            size = native.llama_detokenize(
                self._vocab, ids, len(ids), text, room, _KEEP_BOS, _SHOW_CONTROL
            )
            if size >= 0:
                return text.raw[:size].decode("utf-8", "replace")
            room = -size

    def piece(self, token: int) -> bytes | None:
        """Bytes of one token, none for a control token, or None if it ends the generation."""
        try:
            return self._pieces[token]
        except KeyError:
            ends = native.llama_vocab_is_eog(self._vocab, token)
            self._pieces[token] = found = None if ends else self._read_piece(token, _PIECE_BYTES)
            return found

    def grammar(self, rules: str) -> object:
        """
        A sampler that lets only tokens pass which the GBNF `rules` allow.

        Raises:
            InvalidArgument: `rules` do not parse, have no `root`, or are too large.
        """
        check_grammar(rules)
        sampler = native.llama_sampler_init_grammar(self._vocab, rules.encode(), b"root")
        if not sampler:
            raise InvalidArgument("the grammar does not parse as GBNF")
        return sampler

    def _read_piece(self, token: int, room: int) -> bytes:
        buffer = ctypes.create_string_buffer(room)
        size = native.llama_token_to_piece(self._vocab, token, buffer, room, 0, _SHOW_CONTROL)
        return buffer.raw[:size] if size >= 0 else self._read_piece(token, -size)
