"""
Secrets in a text: keys, passwords, codes, cards and account numbers. Pure.

Errs on the side of seeing one: a lost sentence can be said again, a stored key cannot be taken back
from who saw it.
"""

import re
from collections.abc import Iterable, Iterator
from itertools import takewhile

from homeward_store.words import folding

_MARKED = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----|\bAKIA[0-9A-Z]{16}\b|\bgh[pousr]_[A-Za-z0-9]{20,}"
    r"|\bgithub_pat_\w{20,}|\bglpat-[\w-]{16,}|\b[spr]k[-_](?:[a-z]+[-_])?[A-Za-z0-9_-]{16,}"
    r"|\bxox[abprs]-[\w-]{10,}|\bAIza[\w-]{30,}|\bhf_[A-Za-z0-9]{20,}|\bnpm_[A-Za-z0-9]{20,}"
    r"|\beyJ[\w-]{6,}\.[\w-]{6,}\.[\w-]{6,}|\bBearer\s+[\w.~+/-]{16,}|://[^\s/:@]+:[^\s/:@]+@"
)
# What a secret is called, in a dozen languages; "WLAN-Passwort" ends in it, too.
_NAMES = (
    r"(?:pass(?:word|code|phrase|wd)s?|pwd|pins?(?: codes?)?|api[ _-]?keys?"
    r"|(?:client|shared) secrets?|secret keys?|access[ _-]?tokens?|security (?:code|answer)s?"
    r"|cv[vc]2?|(?:recovery|backup) (?:code|phrase)s?|seed phrases?"
    r"|ssn|social security (?:number|no\.?)"
    r"|\w*passwort|\w*kennwort|geheimzahl|mot de passe|contraseña|clave secreta|senha"
    r"|palavra[- ]passe|code secret"
    r"|şifre\w*|sifre\w*|parola\w*|kata sandi|mật khẩu|codice segreto|clave(?= (?:es|de))"
    r"|\w*wachtwoord|lösenord|salasana|has[lł]o\w*|пароль|كلمة (?:المرور|السر)|الرقم السري|पासवर्ड"
    r"|συνθηματικό)"
)
# What may be called so and be no secret: a digit has to show that it is one.
_VAGUE = (
    r"(?:(?<!zip )(?<!area )(?<!post )(?<!postal )(?<!country )codes?|keys?|pass|pw|logins?"
    r"|\w*schlüssel|\w*[^\W\d]code)"
)
_IS = (
    r"(?:'s\s|\s(?:is|are|was|ist|sind|lautet|est|es|é|è|är|on|to|είναι|adalah|là|هو|هي|to)\s"
    r"|\s?[:=→]\s*|\s?[-=]>\s*|\s-\s|[是は]\s*)[\"'“`]?"
)
_PLAIN_CODE = r"\d{4,8}"
_DIGITS = r"\d(?:[ \-.]?\d){2,}"
# With what it is of between, and no verb: "PIN kartu saya 7391", "hasło do banku Tulip-44".
_CODE = (
    r"(?:(?<!\w)pin(?:[ -]?codes?)?|(?<!\w)пин(?:[ -]?код\w*)?|पिन|핀|暗証番号"
    r"|密码|密碼|비밀번호|รหัส|الرقم السري|mã pin)"
)
_NAMED = re.compile(
    rf"\b{_NAMES}\b(?:[^.!?\n]{{0,30}}?{_IS}(?:\S{{4,}}|{_DIGITS})"
    rf"|\s[\"'“`]?(?:(?=\S{{0,60}}\d)\S{{4,}}|{_DIGITS}))"  # "password hunter22", "PIN 4711"
    rf"|\b{_NAMES}\b[^.!?\n]{{0,30}}?\s(?=\S{{0,60}}\d)(?=\S{{0,60}}[^\W\d])\S{{6,}}"
    rf"|{_CODE}(?!\w)[^.!?\n]{{0,30}}?(?<![\w.,]){_PLAIN_CODE}(?![\w.,]\d)"
    rf"|\b{_VAGUE}\b[^.!?\n]{{0,30}}?{_IS}(?:(?=\S{{0,60}}\d)\S{{4,}}|{_DIGITS})"
    rf"|\S{{4,60}} (?:is|ist) (?:the|my|our|mein|das) (?:\w{{1,20}} ){{0,2}}{_NAMES}\b(?!\s\w)",
    re.IGNORECASE,
)
_NAMED_IN_KANJI = re.compile(
    r"(?:密码|密碼|口令|パスワード|暗証番号|비밀번호|암호|รหัสผ่าน|รหัสลับ)\s*(?:คือ|[是は는:=]\s*)?[^\s。、]{4,}"
)
_NUMBERS = re.compile(r"\d+(?:[\s\-./·_]{1,2}\d+)*")
_CARD_LENGTHS = range(13, 20)
_CARD_GROUP = 3  # digits, at least, as cards are printed
_MOST_GROUPS = 7  # of so many digits, the longest number has fewer
_ACCOUNT = re.compile(r"(?<![A-Z0-9])[A-Z]{2}\d{2}(?:[ \-.]?[A-Z0-9]{1,34}){1,12}", re.IGNORECASE)
_ACCOUNT_LENGTHS = range(15, 35)
_ACCOUNT_DIGITS = 8  # at least, in every country's: what has fewer is words
_RANDOM = re.compile(r"(?<![\w/+-])[\w/+=-]{32,}(?![\w/+-])")


def contains_secret(text: str) -> bool:
    """Return whether `text` seems to hold a key, a password, a card or an account number."""
    text = folding.parted(folding.visible(text))
    return (
        bool(_MARKED.search(text) or _NAMED.search(text) or _NAMED_IN_KANJI.search(text))
        or any(map(_is_card, _card_numbers(text)))
        or any(map(_is_iban, _account_numbers(text)))
        or any(_is_random(match[0]) for match in _RANDOM.finditer(text))
    )


def _card_numbers(text: str) -> Iterator[str]:
    """Yield what may be a card's number: a date or another number may stand beside it."""
    for match in _NUMBERS.finditer(text):
        groups = re.findall(r"\d+", match[0])
        for at in range(len(groups)):
            near = groups[at : at + _MOST_GROUPS]
            yield from _prefixes(takewhile(lambda one: len(one) >= _CARD_GROUP, near))
        yield "".join(groups)  # in groups of any length, all of it


def _account_numbers(text: str) -> Iterator[str]:
    """Yield what may be an account's number: words may follow it."""
    for match in _ACCOUNT.finditer(text):
        yield from _prefixes(re.findall(r"[^\W_]+", match[0]))


def _prefixes(groups: Iterable[str]) -> Iterator[str]:
    joined = ""
    for group in groups:
        joined += group
        yield joined


def _is_card(digits: str) -> bool:
    if len(digits) not in _CARD_LENGTHS:
        return False
    values = [int(one) for one in digits]
    doubled = sum(sum(divmod(2 * one, 10)) for one in values[-2::-2])
    # Luhn: ISO/IEC 7812-1, annex B. One in ten other numbers passes; a row of zeros is none.
    return (sum(values[-1::-2]) + doubled) % 10 == 0 and len(set(values)) > 1


def _is_iban(joined: str) -> bool:
    if len(joined) not in _ACCOUNT_LENGTHS or sum(map(str.isdigit, joined)) < _ACCOUNT_DIGITS:
        return False
    turned = joined[4:] + joined[:4]
    # ISO 13616: letters as 10 to 35, the whole modulo 97 is 1.
    return int("".join(str(int(one, 36)) for one in turned)) % 97 == 1


def _is_random(text: str) -> bool:
    """A long run with digits and letters of both cases is no word; hex alone may be a digest."""
    return (
        any(one.isdigit() for one in text)
        and any(one.islower() for one in text)
        and any(one.isupper() for one in text)
    )
