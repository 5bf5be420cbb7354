"""
Recognizes JSON files by the names in them, and says what those are that are not read.

"Get the file anew" helps nobody whose file is whole and only another than they think.
"""

from collections.abc import Iterable, Mapping

CHATS = "a conversations.json of ChatGPT or Claude, or the zip file that holds it"

# The names that all have to be there, what it is, and what to do. The first that fits.
_OBJECTS = (
    ({"mapping"}, "one conversation of ChatGPT, and an export is a list of them", "export"),
    ({"chat_messages"}, "one conversation of Claude, and an export is a list of them", "export"),
    ({"conversations"}, "a list of conversations inside something else", "take the list out of it"),
    ({"files"}, "the list of files of an export, and not one of these files", "export"),
    ({"nbformat"}, "a notebook of Jupyter, which is not read", "other"),
)
_ELEMENTS = (
    ({"is_anonymous", "conversation_id"}, "a list of conversations that were shared", ""),
    ({"email_address", "full_name"}, "a list of accounts, and no conversations", ""),
    ({"textContent"}, "notes of Google Keep, which are not read", ""),
)
_ADVICE = {
    "export": f"give {CHATS}",
    "other": "copy its text into a .txt or .md file to import it",
    "": f"give {CHATS}, or copy its text into a .txt or .md file",
}


def kind_of_object(names: Iterable[str]) -> str:
    """Return what a JSON object with these names is, and what would work instead."""
    return _known(set(names), _OBJECTS) or f"it holds no list of conversations; give {CHATS}"


def kind_of_element(element: object) -> str | None:
    """Return what a list of such elements is, if it is known and not a list of conversations."""
    return _known(set(element), _ELEMENTS) if isinstance(element, Mapping) else None


def _known(names: set[str], kinds: Iterable[tuple[set[str], str, str]]) -> str | None:
    for wanted, what, advice in kinds:
        if wanted <= names:
            return f"it is {what}; {_ADVICE.get(advice, advice)}"
    return None
