"""
Decides whether a text is about a topic, for forgetting and for denied topics.

Pure. No language is assumed: a word is met in the forms that fifteen languages' endings make, and
in other spellings. Takes rather too much: what would go is shown before it goes.
"""

import re
from functools import cache, lru_cache
from itertools import pairwise
from typing import Any

from homeward_store.words import folding
from homeward_store.words.language import FUNCTION_WORDS

# Begins only where a word does: else a long word without a hyphen takes quadratic time.
_HYPHENATED = re.compile(r"(?<![^\W_])[^\W_]+(?:-[^\W_]+)+")
# Where a name that is written as one word has its parts: "trainTicket", "zoe2024".
_SEAM = re.compile(r"(?<=[^\W\d_A-Z])(?=[A-Z])|(?<=\d)(?=[^\W\d_])|(?<=[^\W\d_])(?=\d)")
_BEGINNING = 3  # letters that the forms of one word begin with alike
_COMPOUND = 6  # letters from which a topic also names longer words that begin with it
_NUMBER = 5  # digits from which a number is also found within a longer one
_ROOT = 4  # letters, at least, that are left without an English ending
_LEARNED_ENDING = re.compile(r"(?:y|ies|ic|ics|ical|ists?)$")  # allergy, allergic; therapist
_F_PLURAL = re.compile(r"(?:fe?|ves)$")  # wife, wives; leaf, leaves
_IRREGULAR = (
    "man men, woman women, child children, person people, mouse mice, foot feet, tooth teeth,"
    " goose geese"
)
_LANGUAGES = (
    "danish dutch english finnish french german hungarian italian norwegian portuguese romanian"
    " russian spanish swedish turkish"
).split()
_ENGLISH = _LANGUAGES.index("english")
_ENGLISH_WORDS = FUNCTION_WORDS["en"]

Topic = tuple[tuple[tuple[str, ...], ...], ...]
"""The words of a topic, each in its spellings; a spelling may be several words."""


def parse_topic(topic: str) -> Topic:
    """Return what a text must hold, all of it, to be about `topic`."""
    plain = folding.joined_numbers(folding.folded(topic))
    if not folding.find_words(plain):
        return tuple(((one,),) for one in dict.fromkeys(plain.split()))
    written = folding.joined_numbers(folding.visible(topic)).split()
    words = dict.fromkeys(spellings for one in written if (spellings := _spellings(one)))
    telling = [one for one in words if not _ENGLISH_WORDS.issuperset(one[0])]
    return tuple(telling or words)


def names(text: str, topic: Topic) -> bool:
    """
    Return whether `text` holds every word of `topic`, and any.

    A word is held by its other forms ("divorce", "divorced"), by other spellings ("H.I.V.",
    "exwife", "Mueller"), by names that are written as one ("zoe_2024.png") and, from six letters
    on, by longer words that begin with it.
    """
    if not topic:
        return False
    plain = folding.folded(text)
    letters = "".join(folding.find_words(f"{plain} {folding.transcribed(text)}"))
    sought = [one for spellings in topic for spelling in spellings for one in spelling]
    if not any(_may_hold(f"{plain} {letters}", form) for one in sought for form in _forms(one)):
        return False
    held = words_of(text)
    together = {f"{one}{after}" for one, after in pairwise(folding.words(plain))}
    return all(
        any(all(_holds(plain, held, together, one) for one in spelling) for spelling in spellings)
        for spellings in topic
    )


def words_of(text: str) -> set[str]:
    """Return the words of `text`: numbers joined and as they stand, names also by their parts."""
    plain = folding.folded(text)
    parts = folding.find_words(folding.folded(_SEAM.sub(" ", folding.visible(text))))
    joined = (one.replace("-", "") for one in _HYPHENATED.findall(plain))
    return {
        *folding.words(plain),
        *folding.find_words(folding.parted(plain)),
        *parts,
        *joined,
        *folding.words(folding.transcribed(text)),
    }


def _spellings(written: str) -> tuple[tuple[str, ...], ...]:
    """Return how a word of a topic may stand in a text, as one word or as several."""
    found = (
        tuple(folding.words(plain))
        for plain in (folding.folded(written), folding.transcribed(written))
    )
    apart = [words for words in found if words]
    return tuple(dict.fromkeys([*apart, *(("".join(words),) for words in apart)]))


def _may_hold(plain: str, word: str) -> bool:
    """Return whether it is worth looking closer. Quick, and never wrong where it says no."""
    return word.isdecimal() or word[:_BEGINNING] in plain


def _holds(plain: str, held: set[str], together: set[str], word: str) -> bool:
    if folding.find_words(word) != [word] or folding.runs_on(word):
        return word in plain
    if word.isdecimal():
        numbers = (one for one in held if one.isdecimal())
        return word in held or (len(word) >= _NUMBER and any(word in one for one in numbers))
    if len(word) >= _COMPOUND and word in together:
        return True  # "girl friend"
    if any(form in held for form in _forms(word)):
        return True
    near = [one for one in held if one[:_BEGINNING] == word[:_BEGINNING]]
    if len(word) >= _COMPOUND and any(one.startswith(word) for one in near):
        return True
    return any(not _stems(one).isdisjoint(_stems(word)) for one in near)


@lru_cache(4096)
def _forms(word: str) -> tuple[str, ...]:
    """Return `word` and the forms of it that no ending tells."""
    irregular = next((pair for pair in _pairs() if word in pair), ())
    base = _F_PLURAL.sub("", word)
    plurals = (f"{base}f", f"{base}fe", f"{base}ves") if base != word and len(base) > 1 else ()
    return tuple(dict.fromkeys((word, *irregular, *plurals)))


@cache
def _pairs() -> list[tuple[str, ...]]:
    return [tuple(pair.split()) for pair in _IRREGULAR.split(",")]


@lru_cache(65536)
def _stems(word: str) -> frozenset[tuple[int, str]]:
    """Return what is left of `word` without its endings, by each language's rules."""
    found = {(at, one.stemWord(word)) for at, one in enumerate(_stemmers())}
    root = _LEARNED_ENDING.sub("", word)
    if word.endswith(("ncy", "nce")):
        found.add((_ENGLISH, f"{word[:-3]}nt"))  # pregnancy, pregnant
    if root != word and len(root) >= _ROOT:
        found.add((-1, root))
    return frozenset(found)


@cache
def _stemmers() -> list[Any]:
    import snowballstemmer  # noqa: PLC0415  # fifteen languages: loaded when first forgetting

    return [snowballstemmer.stemmer(language) for language in _LANGUAGES]
