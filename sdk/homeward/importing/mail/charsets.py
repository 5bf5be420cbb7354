"""
Decodes the text of a mail: as it is declared, if that fits, else as what its bytes look like.

Much mail declares no charset, or another than it is written in. UTF-8 is tried first, since text in
another charset is nearly never valid UTF-8; then charset-normalizer judges.
"""

import re
from collections import Counter
from encodings import normalize_encoding
from encodings.aliases import aliases

_NO_CHARSETS = frozenset(("mbcs", "rot_13", "tactis"))
_CHARSETS = {
    name: codec
    for alias, codec in aliases.items()
    if not codec.endswith("_codec") and codec not in _NO_CHARSETS
    for name in (alias, codec)
}
"""
Names of charsets. Python has codecs that are none, some of them quadratic, and looks for a file
under each name that it does not know.
"""
_WIDER = {
    "ascii": None,  # what is more than ASCII may be anything
    **dict.fromkeys(("latin_1", "iso8859_1"), "cp1252"),
    **dict.fromkeys(("gb2312", "gbk"), "gb18030"),
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "iso8859_9": "cp1254",
    "iso8859_8": "cp1255",
}
"""
What programs write under these names: the same, and more letters (WHATWG, Encoding, 4.2).
"""
# What mail was written in before UTF-8, the more common first where two fit alike.
_LIKELY = """
    cp1252 cp1251 koi8_r gb18030 cp932 euc_jp cp949 big5 iso8859_2 cp1250 cp1253 cp1254 cp1255
    cp1256 cp1257
""".split()
_UTF8_FIRST = (None, "cp1252", "iso8859_15")  # in these, valid UTF-8 would be gibberish
_SAMPLE = 2048  # bytes of which the charset is judged: a millisecond
_MOST_JUDGED = 100  # texts of a file; the others are taken to be as most of these were
_ALIKE = 0.02  # of charset-normalizer's measure of mess: no difference that a reader would see
_BAD_OF_HIGH = 0.3  # of the bytes beyond ASCII that may not fit before another charset is tried
_HIGH = re.compile(rb"[\x80-\xff]")


class Charsets:
    """The charsets of one file's texts, of which a bounded number is judged."""

    def __init__(self) -> None:
        self._judged, self._left = Counter[str](), _MOST_JUDGED

    def decoded(self, raw: bytes, declared: str) -> str:
        """Return the text of `raw`; what the charset that is found does not know becomes U+FFFD."""
        charset = known(declared)
        if charset in _UTF8_FIRST and (text := _as_utf8(raw)) is not None:
            return text
        text = _decoded(raw, charset or "utf-8")
        bad = text.count("\N{REPLACEMENT CHARACTER}")
        if charset and bad <= _BAD_OF_HIGH * len(_HIGH.findall(raw)):
            return text
        whole = _as_utf8(raw)
        return _decoded(raw, self._judge(raw) or charset or "cp1252") if whole is None else whole

    def _judge(self, raw: bytes) -> str | None:
        if not self._left:
            return next((charset for charset, _ in self._judged.most_common(1)), None)
        self._left -= 1
        found = looks_like(raw)
        if found:
            self._judged[found] += 1
        return found


def known(name: str) -> str | None:
    """Return Python's name for a charset, if it is one."""
    codec = _CHARSETS.get(normalize_encoding(name.strip("'\" ").lower()))
    return _WIDER.get(codec, codec) if codec else None


def word(raw: bytes, charset: str) -> str:
    """Return the text of a word in a header, as it is declared."""
    return _decoded(raw, known(charset) or "utf-8")


def _decoded(raw: bytes, charset: str) -> str:
    try:
        return raw.decode(charset, "replace")
    except UnicodeError:  # UTF-16 without a mark, and others that replace nothing
        return raw.decode("utf-8", "replace")


def _as_utf8(raw: bytes) -> str | None:
    """Return `raw` as UTF-8, halves of characters in it too; None if it is no UTF-8."""
    try:
        return raw.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return None


def looks_like(raw: bytes) -> str | None:
    """Return the charset that a text is written in as far as its first bytes beyond ASCII tell."""
    from charset_normalizer import from_bytes  # noqa: PLC0415  a mailbox in UTF-8 needs none

    first = _HIGH.search(raw)
    start = max(0, (first.start() if first else 0) - _SAMPLE // 2)
    matches = list(from_bytes(raw[start : start + _SAMPLE], cp_isolation=_LIKELY))
    if not matches:
        return None
    clean = [one for one in matches if one.chaos <= matches[0].chaos + _ALIKE]
    best = max(clean, key=lambda one: (round(one.coherence, 1), -_LIKELY.index(one.encoding)))
    return best.encoding
