"""
Makes the forms of words that a full-text index finds texts by.

Pure. The index parts words by spaces and stems English. What it does not know is made here: the
overlapping pairs of signs where no spaces part words, the stems of other languages, and other
spellings of a word.
"""

import unicodedata
from collections.abc import Callable, Iterator, Sequence
from functools import cache, lru_cache
from itertools import pairwise

from homeward_store.words import folding, language

_MOST = 64  # terms: a pasted page as a query costs no more than a paragraph
_TELLS_NO_LANGUAGE = 3  # words, at most, of a query that is looked for by every language's stems


def query_terms(query: str) -> list[str]:
    """
    Return the words of a query that are worth looking up, each once; all of them if none is.

    Function words say nothing about what is sought, and a query of only common words is what makes
    BM25 slow: 17 ms became 111 ms at 100,000 memories.
    """
    words = _plain_words(query)
    unique = [one for one in dict.fromkeys(words) if not folding.runs_on(one)]
    spoken = language.language_of(query)
    telling = [word for word in unique if word not in _function_words(spoken)]
    plain = set(map(_unaccented, unique))
    others = [form for form in dict.fromkeys(_sought(query, spoken)) if form and form not in plain]
    return [*(telling or unique), *others][:_MOST]


def index_forms(text: str) -> str:
    """
    Return what the index holds of `text` beside its words, parted by spaces; "" for most English.

    Guarantees:
        Whatever is in it is made of words of `text`, so that it goes where the text goes.
    """
    spoken = language.language_of(text)
    if text.isascii() and spoken in {None, "en"}:
        return ""
    found = (form for word in _words(text) for form in _forms(word, (spoken,)))
    plain = set(map(_unaccented, _plain_words(text)))
    return " ".join(form for form in dict.fromkeys(found) if form and form not in plain)


def is_sign(word: str) -> bool:
    """Return whether `word` is a single sign, which begins the pairs that it stands first in."""
    return folding.runs_on(word) and len(folding.signs(word)) == 1


def _sought(query: str, spoken: str | None) -> Iterator[str]:
    words = _words(query)
    unknown = spoken is None and len(words) <= _TELLS_NO_LANGUAGE
    languages = tuple(language.STEMMERS) if unknown else (spoken,)
    for word in words:
        forms = list(_forms(word, languages)) if word not in _function_words(spoken) else []
        # The last sign alone is looked for only where it is all that is asked.
        yield from forms[:-1] if folding.runs_on(word) and len(forms) > 1 else forms


def _words(text: str) -> list[str]:
    found = folding.find_words(folding.parted(folding.visible(text)))
    return [word.casefold() for word in found]


def _plain_words(text: str) -> list[str]:
    """Return the words as FTS5 parts them, but for their accents."""
    return [word.lower() for word in folding.find_words(unicodedata.normalize("NFC", text))]


def _forms(word: str, languages: tuple[str | None, ...]) -> Iterator[str]:
    """Yield the forms of a word by which FTS5 does not find it."""
    if folding.runs_on(word):
        signs = folding.signs(folding.folded(word))
        yield from pairs(signs)
        yield from signs[1:][-1:]  # so that every sign begins something
        return
    if word in _function_words(languages[0]):
        return
    yield from dict.fromkeys((folding.folded(word), folding.transcribed(word)))
    for one in languages:
        if (stem := _stem(word, one)) != word:
            yield stem


def pairs(signs: Sequence[str]) -> list[str]:
    """Return the overlapping pairs of signs, as words that no spaces part are compared by."""
    return ["".join(two) for two in pairwise(signs)] or list(signs)


def _unaccented(word: str) -> str:
    bare = unicodedata.normalize("NFD", word)
    return "".join(one for one in bare if not unicodedata.combining(one))


def _function_words(spoken: str | None) -> frozenset[str]:
    return language.FUNCTION_WORDS.get(spoken or "en", frozenset())


@lru_cache(65536)
def _stem(word: str, spoken: str | None) -> str:
    """Return `word`, folded, without the endings of its language."""
    if spoken not in language.STEMMERS or word.isdecimal():
        return word
    return folding.folded(_stemmer(spoken)(word))


@cache
def _stemmer(spoken: str) -> Callable[[str], str]:
    import snowballstemmer  # noqa: PLC0415  # loaded with the first text that needs one

    stem: Callable[[str], str] = snowballstemmer.stemmer(language.STEMMERS[spoken]).stemWord
    return stem
