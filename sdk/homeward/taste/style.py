"""
Computes readable features of a reply, such as its length, lists and formality.

Knows only the two texts. Nothing here counts who is spoken of: texts pass `neutral` first.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from homeward.taste.identity import neutral
from homeward.taste.weight_prior import Floats

# Typographic marks count as their plain forms.
_PLAIN = str.maketrans(
    {"\u2019": "'", "\u2018": "'", "\u201c": '"', "\u201d": '"', "\u2022": "-", "\u2013": "-"}
    | {"\u2026": "...", "\u00ab": '"', "\u00bb": '"'}
)

_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)*")
_SENTENCE_END = re.compile(r"[.!?]+(?:[\"')\]]|\s|$)")
_ITEM = re.compile(r"^\s*(?:[-*]|\d{1,2}[.)])\s+\S", re.MULTILINE)
_MARKUP = re.compile(r"^#{1,6}\s|\*\*[^*\n]+\*\*|^\s*\|.*\|\s*$", re.MULTILINE)
_CODE = re.compile(r"```.*?(?:```|\Z)|`[^`\n]+`", re.DOTALL)
_EMOJI = re.compile("[\U0001f300-\U0001faff\u2600-\u27bf]|(?<!\\w)[:;]-?[)(DP](?!\\w)")
_QUOTE = re.compile(r"\"")
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")


def _any_of(*phrases: str) -> re.Pattern[str]:
    return re.compile(r"\b(?:" + "|".join(phrases) + r")\b", re.IGNORECASE)


_HEDGE = _any_of(
    "maybe", "perhaps", "possibly", "probably", "might", "could", "may", "seems?", "appears?",
    "likely", "generally", "usually", "often", "sometimes", "i think", "i believe", "not sure",
    "it depends", "in general", "tends? to",
)  # fmt: skip
_CASUAL = _any_of(
    r"\w+n't", r"\w+'(?:ll|re|ve|m|d)", r"(?:it|that|what|there|here|let)'s", "gonna",
    "wanna", "gotta", "kinda", "yeah", "yep", "nope", "hey", "hi", "cool", "awesome", "stuff",
    "guys", "ok", "okay", "lol", "btw", "super", "pretty much", "a lot", "lots",
)  # fmt: skip
_FORMAL = _any_of(
    "therefore", "furthermore", "moreover", "however", "thus", "hence", "consequently", "regarding",
    "additionally", "nevertheless", "whereas", "upon", "shall", "ensure", "utilize", "provide",
    "dear", "sincerely", "kindly", "in order to", "with respect to", "it is important",
)  # fmt: skip
_WARM = _any_of(
    "thanks", "thank you", "please", "sorry", "glad", "happy to", "great question", "welcome",
    "congratulations", "well done", "good luck", "take care", "hope", "love", "wonderful", "enjoy",
    "i understand", "you've got this", "don't worry", "feel free",
)  # fmt: skip
_EXAMPLE = _any_of("for example", "for instance", "e\\.g\\.", "such as", "imagine", "like this")
_YOU = _any_of("you", "your", "yours", "yourself")
_I = _any_of("i", "me", "my", "mine", "myself")


@dataclass(frozen=True, slots=True)
class Parts:
    """One reply, taken apart once for all features."""

    text: str
    words: tuple[str, ...]
    sentences: int
    lines: int
    asked: frozenset[str]  # content words of the prompt, in lower case

    def per_sentence(self, pattern: re.Pattern[str]) -> float:
        """Matches for each sentence, square-rooted: the tenth adds less than the first."""
        return float(np.sqrt(len(pattern.findall(self.text)) / self.sentences))

    def per_word(self, pattern: re.Pattern[str]) -> float:
        """Matches for each word, square-rooted, so that rare and frequent ones compare."""
        return float(np.sqrt(len(pattern.findall(self.text)) / max(1, len(self.words))))


@dataclass(frozen=True, slots=True)
class Feature:
    """
    One readable feature: its name, both ends in words, and how it is measured.

    `typical` and `spread` are the mean and standard deviation over the replies that shipped
    default models give to everyday questions, so that weights of different features compare.
    """

    name: str
    more: str  # what a positive weight says the person likes
    less: str  # what a negative weight says
    typical: float
    spread: float
    count: Callable[[Parts], float]


def _share(part: int | float, whole: int | float) -> float:
    return float(part) / float(whole) if whole else 0.0


def _length(p: Parts) -> float:
    return float(np.log1p(len(p.words)))


def _sentence_length(p: Parts) -> float:
    return float(np.log1p(len(p.words) / p.sentences))


def _word_length(p: Parts) -> float:
    return _share(sum(map(len, p.words)), len(p.words))


def _lists(p: Parts) -> float:
    return float(np.sqrt(_share(len(_ITEM.findall(p.text)), p.lines)))


def _markup(p: Parts) -> float:
    return float(np.sqrt(_share(len(_MARKUP.findall(p.text)), p.lines)))


def _code(p: Parts) -> float:
    return float(np.sqrt(_share(sum(map(len, _CODE.findall(p.text))), len(p.text))))


def _formality(p: Parts) -> float:
    return p.per_word(_FORMAL) - p.per_word(_CASUAL)


def _echo(p: Parts) -> float:
    said = {w.lower() for w in p.words if len(w) > 3}
    return _share(len(said & p.asked), len(p.asked))


def _of(pattern: re.Pattern[str], per: str) -> Callable[[Parts], float]:
    if per == "sentence":
        return lambda p: p.per_sentence(pattern)
    return lambda p: p.per_word(pattern)


FEATURES: tuple[Feature, ...] = (
    Feature("length", "longer replies", "shorter replies", 3.9, 0.6, _length),
    Feature("sentences", "long sentences", "short sentences", 2.8, 0.45, _sentence_length),
    Feature("words", "long, learned words", "short, plain words", 4.4, 0.45, _word_length),
    Feature("lists", "lists and steps", "running text", 0.12, 0.3, _lists),
    Feature("markup", "headings and bold type", "plain type", 0.05, 0.2, _markup),
    Feature("code", "code", "no code", 0.05, 0.2, _code),
    Feature("formality", "a formal tone", "a casual tone", -0.1, 0.13, _formality),
    Feature("warmth", "a warm tone", "a matter-of-fact tone", 0.03, 0.07, _of(_WARM, "word")),
    Feature("emoji", "emoji", "no emoji", 0.02, 0.1, _of(_EMOJI, "word")),
    Feature(
        "exclamation", "exclamation marks", "no exclamation marks", 0.1, 0.22,
        _of(re.compile("!"), "sentence"),
    ),
    Feature(
        "questions", "questions back to you", "no questions back", 0.06, 0.18,
        _of(re.compile(r"\?"), "sentence"),
    ),
    Feature("hedging", "careful, hedged claims", "plain claims", 0.04, 0.07, _of(_HEDGE, "word")),
    Feature("examples", "examples", "no examples", 0.02, 0.04, _of(_EXAMPLE, "word")),
    Feature("numbers", "numbers and figures", "few numbers", 0.06, 0.12, _of(_NUMBER, "word")),
    Feature("quotes", "quoted words", "no quotation marks", 0.02, 0.07, _of(_QUOTE, "word")),
    Feature("address", "speaking to you", "staying impersonal", 0.18, 0.12, _of(_YOU, "word")),
    Feature("self", "speaking of itself", "leaving itself out", 0.07, 0.11, _of(_I, "word")),
    Feature("echo", "taking up your words", "not repeating your words", 0.45, 0.3, _echo),
)  # fmt: skip
NAMES: tuple[str, ...] = tuple(feature.name for feature in FEATURES)

_FARTHEST = 4.0  # spreads; one wild reply must not outweigh a hundred ordinary choices


def measure(prompt: str, reply: str) -> Floats:
    """
    The readable features of `reply` to `prompt`.

    Shapes:
        Returns (len(FEATURES),) float64, in spreads from typical, within ±4.
    """
    parts = _parts(_plain(prompt), _plain(reply))
    raw = np.array([(f.count(parts) - f.typical) / f.spread for f in FEATURES])
    return np.asarray(np.clip(raw, -_FARTHEST, _FARTHEST))


def _plain(text: str) -> str:
    return neutral(text).translate(_PLAIN)


def _parts(prompt: str, reply: str) -> Parts:
    words = tuple(_WORD.findall(reply))
    asked = frozenset(w.lower() for w in _WORD.findall(prompt) if len(w) > 3)
    lines = sum(1 for line in reply.splitlines() if line.strip())
    return Parts(reply, words, max(1, len(_SENTENCE_END.findall(reply))), lines, asked)
