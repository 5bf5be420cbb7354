"""
Checks facts that a language model extracts: each must quote its source.

A model is asked only after it has passed a self-test; nothing it says is believed unseen: the quote
has to stand in the source, and the fact may use no telling word that the quote does not have. What
is left is stored as the assistant's words, not the person's. Without such a model the person's own
sentences (`spans`) are all there is.
"""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from homeward.errors import ContextOverflow
from homeward.memory.recall.query import stems
from homeward.ports import LanguageModel
from homeward.prompting.prompt_builder import PromptBuilder
from homeward.prompting.prompt_content import PrefixContent, PromptContent
from homeward.sampling import Sampling
from homeward.text.spans import TextSpan, sentences
from homeward_store.words import folding

GRAMMAR = r"""
root ::= "[]" | "[" item ("," item)? ("," item)? "]"
item ::= "{\"quote\":\"" text "\",\"fact\":\"" text "\"}"
text ::= char char char char*
char ::= [^"\\\n\r\t]
"""
_SAMPLING = Sampling(temperature=0, repetition_penalty=1, max_tokens=160, grammar=GRAMMAR)
_SYSTEM = (
    "You read what a user wrote and list lasting facts about them as JSON. Each fact has a quote:"
    " words copied from the text. Plans, questions and small talk are no facts; then answer []."
)
_EXAMPLE = (
    "Text: Hi! Since May I work at a bakery in Ghent. Can you help me?\n"
    '[{"quote":"I work at a bakery in Ghent","fact":"The user works at a bakery in Ghent"}]\n'
    "Text: What is a good film?\n[]\n"
)
# Words of a fact that need not stand in its quote: they name the person.
_OF_THE_PERSON = frozenset("user person they their them he she his her has is was".split())

SHORTEST = 64  # characters: a text that does not fit and is shorter is not read

TO_PASS = 0.8  # of the self-test's cases
CASES: tuple[tuple[str, str], ...] = (  # a text, and a word of the fact in it; empty: none
    ("I live in Leeds with two cats. Any tips for rain?", "leeds"),
    ("My daughter Nell is nine and plays the violin.", "nell"),
    ("Thanks, that helped! By the way, I am allergic to peanuts.", "peanuts"),
    ("I switched to Python last year and I never looked back.", "python"),
    ("We moved our shop to Harbour Street.", "harbour"),
    ("Please keep it short, I prefer bullet points.", "bullet"),
    ("I have worked as a nurse for ten years.", "nurse"),
    ("What is the capital of Norway?", ""),
    ("ok thanks, see you", ""),
    ("Write me a poem about the sea.", ""),
)


@dataclass(frozen=True, slots=True)
class Fact:
    """A statement, and the stretch of the source that it was read from."""

    text: str
    quoted: TextSpan


@dataclass(frozen=True, slots=True)
class SelfTest:
    """How many cases a model got right."""

    right: int
    of: int

    @property
    def passed(self) -> bool:
        """Whether the model may be asked for facts."""
        return self.right >= TO_PASS * self.of


def self_test(model: LanguageModel, prompts: PromptBuilder) -> SelfTest:
    """Ask `model` for the facts of ten short texts."""
    right = sum(_is_right(facts(model, prompts, text), word) for text, word in CASES)
    return SelfTest(right, len(CASES))


def facts(model: LanguageModel, prompts: PromptBuilder, source: str) -> list[Fact]:
    """
    Return what `model` reads out of `source` and can be found there; see `grounded_facts`.

    A source that does not fit the context is read in halves, and these in halves, until they fit.
    """
    asked = f"{_EXAMPLE}Text: {' '.join(source.split())}\n"
    content = PromptContent(asked, PrefixContent(_SYSTEM))
    try:
        prompt = prompts.build(content, reply_tokens=_SAMPLING.max_tokens)
    except ContextOverflow:
        return _facts_in_halves(model, prompts, source)
    with model.session() as session:
        session.feed(prompt.segments)
        return grounded_facts("".join(session.generate(_SAMPLING)), source)


def _facts_in_halves(model: LanguageModel, prompts: PromptBuilder, source: str) -> list[Fact]:
    if len(source) < SHORTEST:  # the context is too small for the instructions alone
        return []
    at = _middle(source)
    later = facts(model, prompts, source[at:])
    moved = [
        replace(one, quoted=TextSpan(one.quoted.start + at, one.quoted.end + at)) for one in later
    ]
    return facts(model, prompts, source[:at]) + moved


def _middle(text: str) -> int:
    """Return where to halve `text`: after a sentence, or a word, if there is one before."""
    half = len(text) // 2
    after_sentence = max((one.end for one in sentences(text) if one.end <= half), default=0)
    return after_sentence or text.rfind(" ", 0, half) + 1 or half


def grounded_facts(said: str, source: str) -> list[Fact]:
    """
    Return those facts of a model's answer whose quote stands in `source` and says all they say.

    An answer that was cut off, or that is no list of quotes and facts, has none.
    """
    try:
        listed = json.loads(said)
        pairs = [(one["quote"], one["fact"]) for one in listed]
    except (ValueError, TypeError, KeyError):
        return []
    found = (_believed(quote, fact, source) for quote, fact in pairs)
    return [fact for fact in found if fact is not None]


def _believed(quote: object, fact: object, source: str) -> Fact | None:
    if not isinstance(quote, str) or not isinstance(fact, str):
        return None
    start = source.find(quote)
    telling = stems(fact) - _OF_THE_PERSON
    said = stems(quote)
    if start < 0 or folding.word_count(quote) < 2 or not telling:
        return None
    if not all(_is_said(word, said) for word in telling):
        return None
    return Fact(fact.strip(), TextSpan(start, start + len(quote)))


def _is_said(word: str, said: Collection[str]) -> bool:
    """Return whether `word`, or another form of it ("lives", "live"), is among those said."""
    return word in said or (
        len(word) >= 3 and word.isalpha() and any(one[:3] == word[:3] for one in said)
    )


def _is_right(found: Sequence[Fact], word: str) -> bool:
    return any(word in fact.text.casefold() for fact in found) if word else not found
