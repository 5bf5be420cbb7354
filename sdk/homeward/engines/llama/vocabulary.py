"""Converts text to tokens and back with a model's own vocabulary."""

import ctypes
import re
from collections.abc import Sequence

from llama_cpp import llama_cpp as native

from homeward.engines.cells import check_tokens
from homeward.engines.llama.grammar import check_grammar
from homeward.errors import InvalidArgument
from homeward.ports import TemplateSource, Tokens

_ADD_BOS = False  # what a text begins with is written by the chat template's side
_KEEP_BOS = False
_SHOW_CONTROL = False
_PIECE_BYTES = 64  # most pieces are shorter; a longer one is asked for again
_PLAIN = native.LLAMA_TOKEN_ATTR_NORMAL | native.LLAMA_TOKEN_ATTR_BYTE

# llama.cpp finds tokens of the type "user-defined" in every text, as a vocabulary's runs of spaces
# and HTML tags have to be; some files give the marks of turns and thoughts that type, too.
_MARK = re.compile(
    "<[|\uff5c].*>|<.*[|\uff5c]>"  # DeepSeek's bars are full-width
    r"|</?(?:s|think|\w*[_:][\w:]*)>|\[/?[A-Z_]+\]",
    re.DOTALL,
)


class Vocabulary:
    """
    A model's tokens. Safe for several threads at once.

    A class because it remembers each token's bytes: asking llama.cpp for every generated token
    would cost more than the rest of the loop.
    """

    def __init__(self, weights: native.llama_model_p, *, template: str) -> None:
        self._vocab = native.llama_model_get_vocab(weights)
        self.size = int(native.llama_vocab_n_tokens(self._vocab))
        self._template = template  # what it names marks turns, and is never found in content
        self._pieces: dict[int, bytes | None] = {}
        self._harmless: set[int] = set()  # tokens that content may have

    def source(self, jinja: str | None) -> TemplateSource:
        """Return a chat template with the texts of the tokens that templates name."""
        bos, eos = (
            self._text(token)
            for token in (native.llama_vocab_bos(self._vocab), native.llama_vocab_eos(self._vocab))
        )
        begins = bos if native.llama_vocab_get_add_bos(self._vocab) else ""
        return TemplateSource(jinja, bos, eos, begins)

    def tokenize(self, text: str, *, special: bool) -> Tokens:
        """
        Token ids; lone surrogates, which UTF-8 cannot hold, become "?".

        Guarantees:
            Without `special`, none of a token that marks turns or thoughts, whatever its type.
        """
        tokens = self._tokenize(text, special=special)
        if special:
            return tokens
        for token in set(tokens) - self._harmless:
            if mark := self._mark(token):
                # Cut within the mark, its halves are text.
                before, _, after = text.partition(mark)
                cut = (f"{before}{mark[0]}", f"{mark[1:]}{after}")
                return tuple(one for part in cut for one in self.tokenize(part, special=False))
            self._harmless.add(token)
        return tokens

    def _mark(self, token: int) -> str:
        """Return the text of a token that marks something; nothing of one that content may have."""
        if native.llama_vocab_get_attr(self._vocab, token) & _PLAIN:
            return ""
        text = self._text(token)
        marks = _MARK.fullmatch(text) or (len(text) > 1 and text.strip() and text in self._template)
        return text if marks else ""

    def _text(self, token: int) -> str:
        if token < 0:
            return ""
        text: bytes = native.llama_vocab_get_text(self._vocab, token)
        return text.decode("utf-8", "replace")

    def _tokenize(self, text: str, *, special: bool) -> Tokens:
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
