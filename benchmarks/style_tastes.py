"""
Everyday questions, manners of answering them, and twelve tastes that somebody could have.

A taste here is a plain count over characters and words, written apart from the features that the
product measures, so that learning it is not reading back its own ruler.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

QUESTIONS: tuple[str, ...] = (
    "How do I get a red wine stain out of a shirt?",
    "What should I cook tonight with eggs and spinach?",
    "I slept badly. Any advice for the day?",
    "How does a bicycle stay upright?",
    "Write a short note to thank a colleague for covering my shift.",
    "What is the difference between a virus and a bacterium?",
    "I have a job interview tomorrow and I am nervous.",
    "How can I save money on groceries?",
    "Explain how interest on a loan works.",
    "What makes bread rise?",
    "Suggest a weekend trip for a family with two children.",
    "My neighbour plays loud music at night. What can I do?",
    "How do I start running when I have never done sport?",
    "Why is the sky blue?",
    "Help me word a complaint about a late parcel.",
    "What is a good way to learn vocabulary in a new language?",
    "How do I look after a cactus?",
    "What should I know before adopting a cat?",
    "Give me an idea for a birthday present for my father.",
    "How do I write a CV with little experience?",
    "What is inflation?",
    "I keep putting off my taxes. Help.",
    "How do I make good coffee at home?",
    "What happens when I stop eating sugar?",
    "How can I be less shy at parties?",
    "Describe how to change a flat tyre.",
    "What is the best way to back up my photos?",
    "How do vaccines work?",
    "Plan a quiet evening for me.",
    "What are the rules of chess, roughly?",
    "How do I say no to a friend without hurting them?",
    "Why do leaves change colour in autumn?",
    "What should I check before buying a used car?",
    "How much water should I drink?",
    "Tell me something interesting about the moon.",
    "How can I keep my house plants alive while on holiday?",
)


@dataclass(frozen=True, slots=True)
class Manner:
    """How to answer: an instruction, one answer as an example (small models copy), a length."""

    instruction: str
    example: str  # an answer to EXAMPLE
    max_tokens: int


EXAMPLE = "How do I boil an egg?"
MANNERS: tuple[Manner, ...] = (
    Manner("Answer in one short sentence.", "Boil it for eight minutes, then cool it.", 32),
    Manner(
        "Answer with a numbered list.",
        "1. Bring water to a boil.\n2. Lower the egg in with a spoon.\n3. Wait 8 minutes.\n"
        "4. Cool it under cold water for 2 minutes.",
        96,
    ),
    Manner(
        "You are a cheerful friend.",
        "Oh, I love that! Just pop it in hot water for eight minutes, and you're done! "
        "It's so easy, you'll see! Do you like yours soft or firm?",
        64,
    ),
    Manner(
        "You are a formal expert.",
        "It is recommended to immerse the egg in boiling water for 8 minutes. Subsequently, the "
        "temperature should be reduced below 20 degrees; for example, with cold running water.",
        96,
    ),
    Manner(
        "You are a careful adviser.",
        "Perhaps eight minutes would suit you, although it may depend on the egg's size and on "
        "how firm you usually like it; you could try one first, and then adjust the time a little.",
        80,
    ),
)

Taste = Callable[[str], float]


def _count(pattern: str, text: str) -> float:
    return float(len(re.findall(pattern, text, re.IGNORECASE | re.MULTILINE)))


def _words(text: str) -> list[str]:
    return text.split() or [""]


def _rate(pattern: str) -> Taste:
    return lambda text: 100 * _count(pattern, text) / len(_words(text))


def _letters_a_word(text: str) -> float:
    return sum(map(len, _words(text))) / len(_words(text))


def _words_a_sentence(text: str) -> float:
    return len(_words(text)) / max(1.0, _count(r"[.!?](?:\s|$)", text))


def _list_lines(text: str) -> float:
    return _count(r"^\s*(?:[-*]|\d+[.)]) ", text)


def _friendly(text: str) -> float:
    return _rate(r"\b(?:thank|glad|happy|hope|great|love|enjoy|sorry|please|wonderful)\w*")(text)


_CONTRACTION = r"\w'(?:s|re|ll|ve|t|m|d)\b"

TASTES: Mapping[str, Taste] = {
    "brief": lambda text: -float(len(text)),
    "thorough": lambda text: float(len(text)),
    "lists": _list_lines,
    "prose": lambda text: -10 * _list_lines(text) + _words_a_sentence(text) / 10,
    "warm": _friendly,
    "lively": lambda text: _count("!", text),
    "calm": lambda text: -_rate("!")(text) - _friendly(text) / 4,
    "curious": lambda text: _count(r"\?", text),
    "contractions": _rate(_CONTRACTION),
    "plain words": lambda text: -_letters_a_word(text),
    "long sentences": _words_a_sentence,
    "figures": _rate(r"\d+"),
}
"""Name of the taste → how well a reply suits it; only the order of replies matters."""
