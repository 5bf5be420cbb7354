"""Finds a text's tags by its words alone: surely, or with doubt."""

import re
import tomllib
from importlib.resources import files

from homeward_store.words import folding

Tags = frozenset[str]

# First person and "to be" in the languages that the words are in.
_I_AM = (
    r"\b(?:i am|i['’]m|im|ich bin|je suis|soy|(?:eu )?sou|(?:io )?sono|ik ben)"  # noqa: RUF001
    r"(?: not| nicht| no)?(?: an?| the| eine?| une?| una?| um| uma| een)?"
    r"(?: very| quite| really| rather| half| part| also| proud| proudly| born)? "
)
_MY_AGE = (
    r"\b(?:i am|i['’]m|im) \d{1,3}(?: years? old| ?yo\b|(?= ?[.,;!]| and\b|$))"  # noqa: RUF001
    r"|\b(?:j['’]ai|tengo|tenho|ho|ich bin|ik ben) \d{1,3} (?:ans|años|anos|anni|jahre|jaar)\b"  # noqa: RUF001
    r"|\d{1,3} ?[岁歳살]|\bмне \d{1,3} (?:лет|год)"  # noqa: RUF001
)


def _any_of(words: str) -> str:
    patterns = (
        re.escape(word.rstrip("*")).replace(r"\-", "[- ]").replace("'", "['’]")  # noqa: RUF001
        + (r"[\w-]*" if word[-1] == "*" else "")
        for word in words.split()
    )
    return rf"(?<![\w-])(?:{'|'.join(patterns)})(?![\w-])"


_WORDS = tomllib.loads(files(__package__).joinpath("words.toml").read_text("utf-8"))
TAGS: tuple[str, ...] = tuple(_WORDS["sure"])
"""What a text can be tagged with, in order."""

_SURE = {tag: re.compile(_any_of(words), re.IGNORECASE) for tag, words in _WORDS["sure"].items()}
_DOUBTFUL = {
    tag: re.compile(_any_of(words), re.IGNORECASE) for tag, words in _WORDS["doubtful"].items()
}
_WHO_I_AM = re.compile(
    f"{_I_AM}{_any_of(_WORDS['after_i_am']['identity'])}|{_MY_AGE}", re.IGNORECASE
)


def sure_tags(text: str) -> Tags:
    """Return the tags of which a word says enough by itself."""
    text = folding.parted(text)
    found = {tag for tag, pattern in _SURE.items() if pattern.search(text)}
    if _WHO_I_AM.search(text):
        found.add("identity")
    return frozenset(found)


def doubtful_tags(text: str) -> Tags:
    """Return the tags of which a word may speak that has other meanings, too."""
    text = folding.parted(text)
    return frozenset(tag for tag, pattern in _DOUBTFUL.items() if pattern.search(text))
