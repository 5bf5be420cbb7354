"""Records of every kind that hold a planted word, and a count of where it still stands."""

from collections.abc import Iterator

import numpy as np

from homeward_store import (
    MemoryDraft,
    Passphrase,
    Profile,
    SourceKind,
    Space,
    Span,
    Turn,
)
from homeward_store.database import pages
from homeward_store.keys import keyslots
from homeward_store.secret import Secret

SPACE = Space("0" * 64, 4)
PLANTED = "xylophonequartz"


def key_of(profile: Profile) -> Secret:
    file = keyslots.read(profile.path / "keyslots.json")
    master, _ = keyslots.open_slot(file, Passphrase("correct horse"))
    return keyslots.unwrap_database_key(file, master)


def decrypted(profile: Profile) -> Iterator[bytes]:
    """Every page of database and log, as whoever has the key could read them."""
    key = key_of(profile)
    yield from pages.of_database(profile.path / "store-1.db", key)
    log = profile.path / "store-1.db-wal"
    if log.exists():
        yield from pages.of_log(log, key)


def found(profile: Profile, planted: str = PLANTED) -> int:
    return sum(page.count(planted.encode()) for page in decrypted(profile))


def vector(value: float) -> np.ndarray:
    return np.full(4, value, np.float32)


def say(profile: Profile, conversation: str, text: str) -> Turn:
    """A finished turn with one memory of what was asked."""
    turn = profile.turns.begin(conversation, text, model="m")
    turn = profile.turns.finish(turn.id, "so I hear", complete=True)
    source = Span(SourceKind.TURN, turn.id, 0, len(text))
    draft = MemoryDraft(text, source, turn.asked_at, vector=vector(0.5), space=SPACE)
    profile.memories.add([draft])
    return turn


def fill(profile: Profile) -> None:
    """One record of every kind that holds the planted word, and one that does not."""
    for text in (PLANTED, "harmless"):
        profile.attributes.set(text, f"old {text}", tags=(text,))
        profile.attributes.set(text, f"new {text}")
        turn = say(profile, text, f"{text} asked")
        profile.choices.add(text, f"{text} yes", f"{text} no", turn=turn.id)
        profile.choices.add(text, f"{text} aye", f"{text} nay")
        note = profile.notes.add(f"{text} noted")
        writing = profile.writings.add(f"a {text} b", title=text)
        drafts = [
            MemoryDraft(f"{text} noted", Span(SourceKind.NOTE, note.id, 0, 5), note.noted_at),
            MemoryDraft(text, Span(SourceKind.WRITING, writing.id, 2, 10), note.noted_at),
        ]
        profile.memories.add(drafts)
        profile.blobs.put("cache", text.encode(), b"", sources=[(SourceKind.NOTE, note.id)])
