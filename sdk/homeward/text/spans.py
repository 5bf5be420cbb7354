"""
Finds the stretches of a text that are worth recalling, as character positions.

Pure. Verbatim and without a model call: a span is always a slice of its source, so that a memory
can say where it came from and nothing in it was made up.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

MAX_SPAN_CHARS = 600
"""About 150 tokens: six memories fit the recall budget, and MiniLM reads 256 word pieces."""

MIN_STATEMENT_WORDS = 3
"""Shorter utterances ("ok thanks") answer no later question."""

# Who speaks of themselves says so in most languages that are written in Latin letters: pronouns,
# possessives, and verbs that say it where pronouns are dropped.
_FIRST_PERSON = frozenset(
    """
    i me my mine myself we us our ours ourselves im ive
    ich mir mich mein meine meinen meinem meiner meines wir uns unser unsere unseren
    je j moi mon ma mes nous notre nos
    yo mi mis mí mío mía conmigo nosotros nuestro nuestra soy tengo vivo trabajo debo puedo quiero
    necesito estoy gano
    eu meu minha meus minhas nós nosso nossa sou tenho moro posso devo quero preciso estou ganho
    io mio mia miei mie noi nostro nostra sono ho abito lavoro voglio guadagno
    ik mij mijn wij ons onze
    jag mig min mitt mina vi vår jeg meg vårt minä minun minulla olen
    mnie mój moja moje jestem mam můj jsem benim bana
    я мне меня мой моя моё мои мы нам наш мені мій
    εγώ μου εμένα είμαι أنا لي عندي אני שלי मैं मेरा मेरी मुझे
    """.split()
)
_FIRST_PERSON_UNSPACED = re.compile(
    r"我|咱|私|僕|俺|(?<![가-힣])(?:나|내|저|제)(?=[는가를도의게 ])|우리"
)
# An order may speak of the person ("Tell me …"), and still tells nothing about them.
_ORDERS = frozenset(
    """
    tell give show write help explain name list let please make find suggest recommend remind
    answer translate summarize describe draft read send call choose pick
    """.split()
)
_WORD = re.compile(r"[^\W\d_]+")
_LATIN = re.compile(r"[A-Za-z]")

_PARAGRAPH = re.compile(r"\n\s*\n")
# A sentence ends at . ! ? or their full-width and Devanagari kin, or at a line's end; a stop before
# a letter or a digit (3.5, ada@example.org) ends none.
_SENTENCE = re.compile(
    r"(?:[^\n.!?。！？।]+|[.!?](?=\w))*(?:[.!?。！？।]+[\"'”’)\]]*|\n|$)"  # noqa: RUF001
)
_QUESTION_END = re.compile(r"[?？؟][\"'”’)\]\s]*$")  # noqa: RUF001


@dataclass(frozen=True, slots=True)
class TextSpan:
    """Positions in a text: text[start:end]."""

    start: int
    end: int


def statements(text: str) -> list[TextSpan]:
    """
    Return the spans in which a chat message tells of its writer, neighbours joined.

    Questions and orders ("Write me a poem") are left out: they say nothing that would answer a
    later question, and recalling them puts the question itself in front of its answer.
    """
    kept = [span for span in sentences(text) if _is_statement(text[span.start : span.end])]
    return list(_joined(text, kept))


def passages(text: str) -> list[TextSpan]:
    """Return the spans of a longer text: paragraphs, long ones cut between sentences."""
    found: list[TextSpan] = []
    for paragraph in _paragraphs(text):
        inside = [
            TextSpan(paragraph.start + span.start, paragraph.start + span.end)
            for span in sentences(text[paragraph.start : paragraph.end])
        ]
        found.extend(_joined(text, inside))
    return found


def _is_statement(sentence: str) -> bool:
    if is_question(sentence) or len(sentence.split()) < MIN_STATEMENT_WORDS:
        return False
    if not _LATIN.search(sentence):
        return True
    return in_first_person(sentence) and not is_imperative(sentence)


def _words(text: str) -> list[str]:
    return [word.casefold() for word in _WORD.findall(text)]


def _paragraphs(text: str) -> Iterator[TextSpan]:
    start = 0
    for gap in _PARAGRAPH.finditer(text):
        yield TextSpan(start, gap.start())
        start = gap.end()
    yield TextSpan(start, len(text))


def in_first_person(sentence: str) -> bool:
    """Return whether who says `sentence` speaks of themself."""
    return bool(
        not _FIRST_PERSON.isdisjoint(_words(sentence)) or _FIRST_PERSON_UNSPACED.search(sentence)
    )


def is_imperative(sentence: str) -> bool:
    """Return whether `sentence` begins as an English order does."""
    return next(iter(_words(sentence)), "") in _ORDERS


def is_question(sentence: str) -> bool:
    """Return whether `sentence` ends as a question does."""
    return bool(_QUESTION_END.search(sentence))


def sentences(text: str) -> Iterator[TextSpan]:
    """Yield the sentences and lines of `text` without the white space around them."""
    for match in _SENTENCE.finditer(text):
        start, end = match.span()
        body = text[start:end]
        start += len(body) - len(body.lstrip())
        end -= len(body) - len(body.rstrip())
        for cut in range(start, end, MAX_SPAN_CHARS):  # one sentence of a megabyte is data
            yield TextSpan(cut, min(end, cut + MAX_SPAN_CHARS))


def _joined(text: str, spans: list[TextSpan]) -> Iterator[TextSpan]:
    """Join neighbours with nothing but white space between them, up to MAX_SPAN_CHARS."""
    current: TextSpan | None = None
    for span in spans:
        if (
            current is not None
            and not text[current.end : span.start].strip()
            and span.end - current.start <= MAX_SPAN_CHARS
        ):
            current = TextSpan(current.start, span.end)
            continue
        if current is not None:
            yield current
        current = span
    if current is not None:
        yield current
