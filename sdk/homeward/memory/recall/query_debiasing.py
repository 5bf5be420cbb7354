"""
Removes request phrasing ("can you recommend …") from a query's embedding and keywords.

"Can you recommend a phone for me?" lies near every memory that asks, recommends or says "for me".
The directions in which questions of that form are alike are taken out of its vector, and the words
of the form out of its words; what is left is what the question is about (ADR 0202).
"""

import re

import numpy as np
from numpy.typing import NDArray

from homeward.memory.recall.query import Query, stem
from homeward.ports import Vector

# Ways to ask, about nothing. English, as the patterns in `question.py`.
ADVICE = (
    "Can you recommend some options for me?",
    "What would you suggest?",
    "Could you give me some advice?",
    "Do you have any tips or ideas?",
    "I'm looking for a good one, what are the best options?",
    "Can you help me find something?",
    "What should I do?",
    "I'm planning something and need suggestions.",
    "I need help choosing.",
    "Any recommendations?",
    "What are some good ways to do this?",
    "How can I do that?",
    "How should I go about it?",
    "Which one should I choose?",
    "What are some popular choices that you would recommend?",
    "Could you suggest a few things to try?",
    "I'm thinking about it, what do you think?",
    "Can you explain how this works?",
    "Can you walk me through the steps?",
    "What are the main things I should consider?",
    "I want to learn more, where should I start?",
    "Please show me how.",
    "What's the best way to get started?",
    "Do you know of any good ones?",
    "I'd like to try something new.",
    "Can you help me with this?",
)
OVERVIEW = (
    "Can you walk me through the order in which I brought up different aspects of it?",
    "Can you list the topics that I mentioned throughout our conversations, in order?",
    "Please mention only five items.",
    "Can you give me a summary of what we have discussed?",
    "Could you provide a comprehensive overview of how it developed over time?",
    "Can you summarize the progress that I have made so far?",
    "How did it change throughout our conversations?",
    "What have I told you about it over time?",
    "Give me an overview of all the steps we went through.",
    "In what order did I talk about these things?",
)
_DIRECTIONS = 3  # any number from 1 to 10 gives the same within the noise
_NOTHING = 1e-3  # length left of a unit vector: the question is nothing but a form
_WORD = re.compile(r"\w+")
_REPORTED = re.compile(r"\b(does|did)\b", re.IGNORECASE)  # "What does Ada recommend?": a fact


def _words(forms: tuple[str, ...]) -> frozenset[str]:
    return frozenset(stem(word) for form in forms for word in _WORD.findall(form.casefold()))


_WORDS: dict[tuple[str, ...], frozenset[str]] = {
    forms: _words(forms) for forms in (ADVICE, OVERVIEW)
}


def request_forms(question: Query) -> tuple[str, ...]:
    """Return the forms that `question` is one of; none where it asks for one fact."""
    if question.overview:
        return OVERVIEW
    return ADVICE if question.advice and not _REPORTED.search(question.text) else ()


def content_words(question: Query) -> str:
    """Return the words of `question` that are not of its form; all of them where none is left."""
    forms = request_forms(question)
    if not forms:
        return question.text
    left_out = _WORDS[forms]
    words = [word for word in _WORD.findall(question.text) if stem(word.casefold()) not in left_out]
    return " ".join(words) or question.text


def directions(vectors: Vector) -> NDArray[np.float32]:
    """
    Return the orthonormal directions that the vectors of a form's sentences share most.

    Shapes:
        vectors: (n, dims). Returns (k, dims), k ≤ 3.
    """
    _, _, found = np.linalg.svd(vectors.astype(np.float64), full_matrices=False)
    return np.asarray(found[:_DIRECTIONS], np.float32)


def project_out(vector: Vector, taken: NDArray[np.float32]) -> Vector:
    """
    Return `vector` without its parts along `taken`, of unit length; unchanged if nothing is left.

    Shapes:
        vector: (dims,), taken: (k, dims), rows orthonormal. Returns (dims,) float32.
    """
    left = vector - (taken @ vector) @ taken
    length = float(np.linalg.norm(left))
    return np.asarray(left / length, np.float32) if length > _NOTHING else vector
