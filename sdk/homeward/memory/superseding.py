"""
Decides whether a newer statement repeats or replaces an older one.

Conservative: both have to be one sentence that fills the same place ("my number is …", "I live in
…"), or the newer one has to say itself that something changed. Otherwise both stay true, and the
newest is asked first. English, with the commonest German, French and Spanish forms.
"""

import re
import unicodedata
from dataclasses import dataclass

from homeward.memory.recall.query import stem, stems
from homeward.text.spans import sentences
from homeward.text.wording import Said, said, say_the_same

ABOUT_THE_SAME = 0.45  # cosine of two statements that fill the same place, with MiniLM
ALIKE = 0.55  # … that only share words

_CHANGED = re.compile(
    r"\b(now|no longer|not [\w ']{0,40}any ?more|anymore|any longer|moved|switched|changed|instead"
    r"|replaced|postponed|rescheduled|these days|since (?:then|last|this)|as of|from now on|new"
    r"|actually|correction|updated?|quit|gave up|stopped|divorced|broke up"
    r"|jetzt|nicht mehr|neuerdings|umgezogen|statt|désormais|maintenant|ne [\w' ]{0,30}plus"
    r"|ahora|ya no|en vez)\b",
    re.IGNORECASE,
)
_ENDED = re.compile(
    r"\b(no longer|not [\w ']{0,40}any ?more|n['’]t [\w ']{0,40}any ?more|anymore|quit|gave up"  # noqa: RUF001
    r"|stopped|nicht mehr|ne [\w' ]{0,30}plus|ya no)\b",
    re.IGNORECASE,
)
_NOT = re.compile(
    r"\b\w+n['’]t\b"  # noqa: RUF001
    r"|\b(?:not?|never|nicht|kein\w*|pas|jamais|nunca|non)\b",
    re.IGNORECASE,
)
_TELLS_THE_PAST = re.compile(r"\b(used to|previously|formerly|back then|früher|antes)\b", re.I)
_FROM_TO = re.compile(
    r"\b(?:switched|changed|moved|went|replaced)\b[^.]*?\b(?:from|instead of)? (?P<old>[\w ]+?)"
    r" (?:to|with|by|for) (?P<new>[\w ]+)",
    re.IGNORECASE,
)
_I = r"\b(?:i|we) (?:now |currently |just |have )*"
_PLACES = {
    "home": (
        rf"{_I}(?:live|living|moved|relocated|reside)"
        r"(?: again| now| back| house)* (?:in|at|on|to|into|near) (?P<value>.+)"
        r"|\bich (?:wohne|lebe)(?: jetzt| nun)? (?:in|im|am) (?P<wert>.+)"
        r"|\bich bin(?: \w+)? nach (?P<ziel>.+?) gezogen"
        r"|\bj['’]habite(?: maintenant| désormais)? (?:à|en|au) (?P<valeur>.+)"  # noqa: RUF001
        r"|\b(?:yo )?vivo(?: ahora)? en (?P<valor>.+)"
    ),
    "employer": (
        rf"{_I}(?:work|started working|(?:started|got) a (?:new )?job)(?: now)* (?:at|for) "
        r"(?!nights?\b|home\b|weekends?\b|the weekend|\d)(?P<value>.+)"
    ),
    "job": rf"{_I}(?:work|started working)(?: now)* as an? (?P<value>.+)",
    "age": (
        r"\bi(?: am|['’]m|m| just turned| turned) "  # noqa: RUF001
        r"(?P<value>\d{1,3})(?: years? old)?\W*$"
    ),
}
_COPULA = re.compile(
    r"^(?:actually,? |now,? |update: |correction: |by the way,? )?"
    r"(?P<whose>my|our|the|meine?|unsere?|mon|ma|notre|mi|nuestr[oa]) (?:new )?"
    r"(?P<subject>[\w' -]{2,40}?)(?: is| are|['’]s| was (?:moved|changed|postponed|rescheduled)"  # noqa: RUF001
    r"| (?:has|have) (?:been )?(?:moved|changed|postponed|rescheduled)| changed| moved"
    r"| ist| sind| est| sont| es| son)"
    r"(?: now| currently| called| named| again| to| jetzt| ahora| maintenant)* (?P<value>.+)$",
    re.IGNORECASE,
)
# Of these one has one at a time; of sisters, friends and hobbies one may have many.
_SINGLE = frozenset(
    """
    name nickname age address email e-mail mail phone number password plate job role title salary
    wage rent weight height size birthday employer boss manager landlord budget deadline meeting
    appointment flight interview exam wedding demo release favourite favorite hometown home wife
    husband girlfriend boyfriend partner fiancé fiancée mother father doctor dentist therapist
    pronouns diet bedtime goal plan adresse telefonnummer nummer gehalt miete chef lieblingsfarbe
    adresse numéro téléphone loyer salaire couleur dirección número sueldo alquiler color
    """.split()
)


@dataclass(frozen=True, slots=True)
class FactSlot:
    """What a statement says something of, and what it says."""

    of: frozenset[str]
    value: frozenset[str]
    order: Said  # of the value's telling words and signs: 120 over 80 is not 80 over 120
    single: bool  # only one value is true at a time


def repeats(newer: str, older: str) -> bool:
    """
    Return whether `older` says `newer`, word for word and sign for sign, in sentences of its own.

    Part of a sentence is no repetition: "I doubt that I will move" does not say "I will move".
    """
    new, old = _said(newer), _said(older)
    return any(
        all(map(say_the_same, new, old[at : at + len(new)]))
        for at in range(len(old) - len(new) + 1)
    )


def supersedes(newer: str, older: str, *, similarity: float) -> bool:
    """
    Return whether `newer`, said after `older`, makes it untrue.

    `similarity` is the cosine of the two; superseded means kept, but no longer quoted as true.
    """
    if _TELLS_THE_PAST.search(newer) or len(_said(older)) != 1:
        return False
    return any(_replaces(sentence, older, similarity) for sentence in _said(newer))


def _replaces(newer: str, older: str, similarity: float) -> bool:
    changed = bool(_CHANGED.search(newer))
    new, old = parse_slot(newer), parse_slot(older)
    if new and old and new.of == old.of:
        reordered = new.value == old.value and new.order != old.order
        differs = reordered or (bool(new.value) and not new.value <= old.value)
        return differs and (old.single or (changed and similarity >= ABOUT_THE_SAME))
    if not changed or similarity < ABOUT_THE_SAME:
        return False
    before = stems(older)
    if from_to := _FROM_TO.search(newer):
        left, taken = stems(from_to["old"]), stems(from_to["new"])
        return bool(left) and left <= before and not taken <= before
    if _ENDED.search(newer):
        ended = stems(_NOT.sub(" ", _CHANGED.sub(" ", newer)))
        return similarity >= ALIKE and len(ended & before) >= max(1, 0.6 * len(ended))
    return False


def parse_slot(sentence: str) -> FactSlot | None:
    """Return what `sentence` says something of; None where it cannot be told."""
    for name, pattern in _PLACES.items():
        if match := re.search(pattern, sentence, re.IGNORECASE):
            value = next(filter(None, match.groups()))
            return _place(frozenset({name}), value, single=True)
    if match := _COPULA.search(sentence.strip()):
        single = not _SINGLE.isdisjoint(match["subject"].casefold().split())
        return _place(stems(match["subject"]), match["value"], single=single)
    return None


def _place(of: frozenset[str], value: str, *, single: bool) -> FactSlot:
    left = _CHANGED.sub(" ", value)
    words = (word.casefold() for word in said(left))
    order = tuple(stem(word) for word in words if stems(word) or _is_sign(word))
    return FactSlot(of, stems(left), order, single)


def _is_sign(word: str) -> bool:
    return unicodedata.category(word[0]).startswith("S")


def _said(text: str) -> list[str]:
    found = (text[span.start : span.end] for span in sentences(text))
    return [sentence.rstrip(".!。") for sentence in found if sentence]
