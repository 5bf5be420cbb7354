"""
What else is never made into a memory: denied topics, and what the person asks not to keep. Pure.

Errs on the side of not remembering: a lost sentence can be said again.
"""

import re
from collections.abc import Sequence

from homeward_store.words import folding, topics

_VERB = r"(?:save|store|remember|keep|record|memori[sz]e|log|note|retain|persist|write down)"
_DONE = (
    r"(?:saved|stored|remembered|kept|recorded|memori[sz]ed|logged(?! (?:in|out|on)|into)"
    r"|noted|retained|written down)"
)
_IT = r"(?:this|that|it|any of (?:this|that|it)|what (?:i|we|follows))"
_BY_US = r"(?:\s(?:ever|please|even|just|you|dare|to)){0,3}"
_NOT_TO_KEEP = re.compile(
    rf"\b(?:do not|don['`]? ?t|never|please no[tn]){_BY_US} {_VERB}\b"
    rf"|(?:\bnot|n't){_BY_US} {_VERB} {_IT}\b(?! up\b)"
    rf"|(?:\bnot|n't|\bnever)(?: want(?: {_IT})?)?(?: to)?(?: be)? {_DONE}\b"
    rf"|n't want (?:you|us|anyone) to {_VERB}\b|\bno need to {_VERB}\b"
    r"|\bwithout (?:saving|storing|remembering|keeping|recording|memori[sz]ing|logging|noting)\b"
    rf"|\b(?:don['`]? ?t|not) add (?:{_IT} )?to (?:your |the )?memory\b"
    r"|\boff[ -]the[ -]record\b|\bnot for the record\b"
    r"|\bforget (?:(?:that|what) )?(?:i|we) (?:just )?(?:said|told|wrote)\b"
    r"|(?:^|[.!?:,] |\bplease )forget (?:this|that)\b"
    rf"|\bkeep {_IT} (?:to yourself|between us|private|secret|confidential)\b"
    r"|\b(?:this|that) stays between us\b|(?:^|[.!?:,] )(?:just )?between (?:us|you and me)\b"
    r"|\b(?:delete|erase) (?:this|that|it) (?:message|after|later|again)"
    r"|\bmerke? dir\b[^.!?]{0,200}\bnicht\b|\bnicht (?:speichern|merken|behalten)\b"
    r"|\b(?:speichere?|behalte?) (?:das|dies|es)\s*(?:bitte )?nicht\b"
    r"|\bn['e]? ?(?:retiens|enregistre|mémorise|garde|retenez|enregistrez)\b[^.]{0,200}\bpas\b"
    r"|\bne pas (?:enregistrer|retenir|mémoriser|garder)\b"
    r"|\bno (?:lo |la |me |te )?(?:guardes|recuerdes|memorices|almacenes|guarde|registres)\b"
    r"|\bnão (?:o |a |se )?(?:guarde|guardes|salve|lembre|memorize|armazene)\b"
    r"|\bnon (?:lo |la )?(?:salvare|ricordare|memorizzare|registrare|salvarlo|ricordarlo)\b"
    r"|\bonthoud (?:dit|dat) niet\b|\bniet (?:opslaan|onthouden)\b|\bkom inte ihåg\b|\bspara inte\b"
    r"|\bnie zapisuj\b|\bnie zapamiętuj\b|не (?:запоминай|сохраняй|записывай)"
    r"|(?:不要|别|請?勿|请勿)(?:记|保存|存|記)|覚えないで|保存しないで|기억하지 ?마|저장하지 ?마",
    re.IGNORECASE,
)
_SPACES = re.compile(r"\s+")


def opts_out_of_memory(text: str) -> bool:
    """Return whether the person says, in one of a dozen languages, that this is not to be kept."""
    return bool(_NOT_TO_KEEP.search(_SPACES.sub(" ", folding.visible(text))))


def mentions_any(text: str, topics: Sequence[str]) -> bool:
    """Return whether `text` names one of `topics`, as words in some form or as their beginnings."""
    said = folding.phrase(text)
    return any(_is_named(topic, text, said) for topic in topics)


def _is_named(topic: str, text: str, said: str) -> bool:
    sought = folding.phrase(topic).rstrip()
    if sought and sought in said:
        return True
    return len(topic.split()) == 1 and topics.names(text, topics.parse_topic(topic))
