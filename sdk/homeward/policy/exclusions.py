"""
What is never made into a memory: secrets, denied topics, and what the person asks not to keep.

Pure. Errs on the side of not remembering: a lost sentence can be said again, a stored key cannot be
taken back from who saw it.
"""

import re
from collections.abc import Sequence

from homeward_store.repositories import folding

_MARKED = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----|\bAKIA[0-9A-Z]{16}\b|\bgh[pousr]_[A-Za-z0-9]{20,}"
    r"|\bgithub_pat_\w{20,}|\bglpat-[\w-]{16,}|\b[spr]k[-_](?:[a-z]+[-_])?[A-Za-z0-9_-]{16,}"
    r"|\bxox[abprs]-[\w-]{10,}|\bAIza[\w-]{30,}|\bhf_[A-Za-z0-9]{20,}|\bnpm_[A-Za-z0-9]{20,}"
    r"|\beyJ[\w-]{6,}\.[\w-]{6,}\.[\w-]{6,}|\bBearer\s+[\w.~+/-]{16,}|://[^\s/:@]+:[^\s/:@]+@"
)
# A secret's name, then an assignment or a copula, then something without spaces.
_NAMED = re.compile(
    r"\b(?:pass(?:word|code|phrase|wd)|pin(?: code)?|api[ _-]?key"
    r"|(?:client|shared) secret|secret key"
    r"|access[ _-]?token"
    r"|cvv|cvc|recovery (?:code|phrase)|seed phrase"
    r"|passwort|kennwort|geheimzahl|mot de passe|contraseña|clave secreta|senha|wachtwoord"
    r"|lösenord|salasana|hasło|пароль)\b"
    r"[^.!?\n]{0,30}?(?:\s(?:is|was|ist|lautet|est|es|é|è|är|on|to)\s|[:=：是は]\s*)[\"'“`]?\S{4,}",  # noqa: RUF001
    re.IGNORECASE,
)
_NAMED_IN_KANJI = re.compile(
    r"(?:密码|密碼|パスワード|비밀번호)\s*(?:是|は|는|:|：|=)\s*\S{4,}"  # noqa: RUF001
)
_CARD = re.compile(r"(?<!\d)\d(?:[\s\-./·]?\d){12,18}(?!\d)")
_IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{2,4}){3,8}\b")
_RANDOM = re.compile(r"(?<![\w/+-])[\w/+=-]{32,}(?![\w/+-])")

_NOT_TO_KEEP = re.compile(
    r"\b(?:do not|don['’]?t|dont|never|please no[tn]) "  # noqa: RUF001
    r"(?:save|store|remember|keep|record|memori[sz]e|log|note|write down)\b"
    r"|\boff the record\b|\bforget (?:that )?i (?:said|told)\b|\b(?:this|that) stays between us\b"
    r"|\bmerke? dir\b[^.!?]{0,200}\bnicht\b|\bnicht (?:speichern|merken|behalten)\b"
    r"|\bspeicher[e]? (?:das|dies|es)\s*(?:bitte )?nicht\b"
    r"|\bn['’]?e? ?(?:retiens|enregistre|mémorise|garde|retenez|enregistrez)\b[^.]{0,200}\bpas\b"  # noqa: RUF001
    r"|\bne pas (?:enregistrer|retenir|mémoriser)\b"
    r"|\bno (?:lo |la |me |te )?(?:guardes|recuerdes|memorices|almacenes|guarde|registres)\b"
    r"|\bnão (?:o |a |se )?(?:guarde|guardes|salve|lembre|memorize|armazene)\b"
    r"|\bnon (?:lo |la )?(?:salvare|ricordare|memorizzare|registrare|salvarlo|ricordarlo)\b"
    r"|\bonthoud (?:dit|dat) niet\b|\bniet (?:opslaan|onthouden)\b|\bkom inte ihåg\b|\bspara inte\b"
    r"|\bnie zapisuj\b|\bnie zapamiętuj\b|не (?:запоминай|сохраняй|записывай)"
    r"|不要(?:记|保存|存|記)|别记|覚えないで|保存しないで|기억하지 ?마|저장하지 ?마",
    re.IGNORECASE,
)


def contains_secret(text: str) -> bool:
    """Return whether `text` seems to hold a key, a password, a card or an account number."""
    text = folding.visible(text)
    return (
        bool(_MARKED.search(text) or _NAMED.search(text) or _NAMED_IN_KANJI.search(text))
        or any(_is_card(match[0]) for match in _CARD.finditer(text))
        or any(_is_iban(match[0]) for match in _IBAN.finditer(text))
        or any(_is_random(match[0]) for match in _RANDOM.finditer(text))
    )


def opts_out_of_memory(text: str) -> bool:
    """Return whether the person says, in one of a dozen languages, that this is not to be kept."""
    return bool(_NOT_TO_KEEP.search(folding.visible(text)))


def mentions_any(text: str, topics: Sequence[str]) -> bool:
    """Return whether `text` names one of `topics`, as words in some form or as their beginnings."""
    said = folding.phrase(text)
    return any(_is_named(topic, text, said) for topic in topics)


def _is_named(topic: str, text: str, said: str) -> bool:
    sought = folding.phrase(topic).rstrip()
    if sought and sought in said:
        return True
    return " " not in sought.strip() and folding.names(text, folding.topic_words(topic))


def _is_card(text: str) -> bool:
    digits = [int(one) for one in text if one.isdigit()]
    doubled = sum(sum(divmod(2 * one, 10)) for one in digits[-2::-2])
    # Luhn: ISO/IEC 7812-1, annex B. One in ten other numbers passes; a row of zeros is none.
    return (sum(digits[-1::-2]) + doubled) % 10 == 0 and len(set(digits)) > 1


def _is_iban(text: str) -> bool:
    plain = text.replace(" ", "")
    turned = plain[4:] + plain[:4]
    # ISO 13616: letters as 10 to 35, the whole modulo 97 is 1.
    return len(plain) >= 15 and int("".join(str(int(one, 36)) for one in turned)) % 97 == 1


def _is_random(text: str) -> bool:
    """A long run with digits and letters of both cases is no word; hex alone may be a digest."""
    return (
        any(one.isdigit() for one in text)
        and any(one.islower() for one in text)
        and any(one.isupper() for one in text)
    )
