"""
Stores the trained soft prompt in the profile, with its record and whether it is on.

Bound to the base model's hash: with another model it is not found, so it is off. Derived from the
texts that were learned from: forgetting one of them shreds it, and learning makes it anew. Imports
no runtime.
"""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from homeward.learning.paired_trial import TrialRecord
from homeward.ports import SoftPrompt
from homeward_store import (
    CATEGORY_OF,
    BlobCorrupt,
    Category,
    LearnedKind,
    LearnedUse,
    Source,
    SourceKind,
)
from homeward_store.repositories.blobs import Blobs

KIND = "soft_prompt"
_CHECKPOINT = "soft_prompt_checkpoint"

Sources = Sequence[tuple[SourceKind, int]]


@dataclass(frozen=True, slots=True)
class SavedSoftPrompt:
    """One learned soft prompt. Off, it is kept but not used."""

    soft: SoftPrompt
    record: TrialRecord
    on: bool


@dataclass(frozen=True, slots=True)
class TrainingResult:
    """The result of a training call. If unfinished, nothing is switched and training can resume."""

    state: SavedSoftPrompt
    finished: bool


class CheckpointStore:
    """The learner's state of one model, in the profile."""

    def __init__(self, blobs: Blobs, model_sha256: str, sources: Sources, *, since: int) -> None:
        self._blobs, self._key = blobs, _key(model_sha256)
        self._sources, self._since = sources, since

    def load(self) -> bytes | None:
        """What was saved last; nothing where it is damaged."""
        return _get(self._blobs, _CHECKPOINT, self._key)

    def save(self, state: bytes) -> None:
        """Replace it; raises SourceForgotten where a text was forgotten since it was read."""
        self._blobs.put(_CHECKPOINT, self._key, state, sources=self._sources, since=self._since)

    def clear(self) -> None:
        """Remove it: the learning is over."""
        self._blobs.remove(_CHECKPOINT, self._key)


class SoftPromptStore:
    """The learned soft prompts of one profile."""

    def __init__(self, blobs: Blobs) -> None:
        self._blobs = blobs

    def find(self, model_sha256: str) -> SavedSoftPrompt | None:
        """Return the soft prompt trained for this model."""
        data = _get(self._blobs, KIND, _key(model_sha256))
        return None if data is None else _unpack(data)

    def all(self) -> list[SavedSoftPrompt]:
        """Return the soft prompts trained for any model, oldest first."""
        found = (_get(self._blobs, KIND, key) for key in self._blobs.keys(KIND))
        return [_unpack(data) for data in found if data is not None]

    def in_basis(self, basis_sha256: str) -> SavedSoftPrompt | None:
        """The newest state in use that has coordinates in this basis, for any model."""
        found = [one for one in self.all() if one.on and one.record.basis_sha256 == basis_sha256]
        return found[-1] if found else None

    def in_use(self, model_sha256: str) -> SavedSoftPrompt | None:
        """The state to answer with, if there is one and it is on."""
        state = self.find(model_sha256)
        return state if state is not None and state.on else None

    def keep(self, state: SavedSoftPrompt, *, since: int | None = None) -> None:
        """
        Keep a state, in place of an older one for the same model.

        Raises:
            SourceForgotten: a text of it was forgotten, or cut `since` it was read.
        """
        key = _key(state.record.model_sha256)
        self._blobs.put(KIND, key, _pack(state), sources=sources_of(state.record), since=since)

    def switch(self, state: SavedSoftPrompt, *, on: bool) -> SavedSoftPrompt:
        """Switch a stored state on or off, whatever its trial showed."""
        switched = replace(state, on=on)
        self.keep(switched)
        return switched

    def remove_stale(self) -> bool:
        """Remove what was derived from forgotten texts; return whether there was any."""
        stale = [*self._blobs.stale(KIND), *self._blobs.stale(_CHECKPOINT)]
        for one in stale:
            self._blobs.remove(one.kind, one.cache_key)
        return bool(stale)


def sources_of(record: TrialRecord) -> list[Source]:
    """What a record's state was derived from, held-back texts included."""
    return _sources((*record.learned_from, *record.held_back))


def use_of(state: SavedSoftPrompt) -> tuple[LearnedUse, list[Source]]:
    """What a reply that is made with a state says of it, and what forgetting makes it erased."""
    record = state.record
    counts = Counter(kind for kind, _ in _sources(record.learned_from))
    use = LearnedUse(
        LearnedKind.STYLE, record.soft_sha256, tuple(sorted(counts.items())), record.published
    )
    return use, sources_of(record)


def _sources(names: Sequence[str]) -> list[Source]:
    pairs = [name.partition(":") for name in sorted({name.partition("#")[0] for name in names})]
    return [(SourceKind(kind), int(number)) for kind, _, number in pairs]


def categories_of(record: TrialRecord) -> set[Category]:
    """The categories that need consent before a record's state can be used."""
    return {CATEGORY_OF[kind] for kind, _ in sources_of(record)}


def _pack(state: SavedSoftPrompt) -> bytes:
    head = {"on": state.on, "record": state.record.to_json(), "rows": len(state.soft.vectors)}
    return json.dumps(head).encode() + b"\n" + state.soft.vectors.astype("<f4").tobytes()


def _unpack(data: bytes) -> SavedSoftPrompt:
    line, _, body = data.partition(b"\n")
    head = json.loads(line)
    vectors = np.frombuffer(body, "<f4").astype(np.float32).reshape(head["rows"], -1)
    record = TrialRecord.from_json(head["record"])
    return SavedSoftPrompt(SoftPrompt(vectors, record.soft_sha256), record, head["on"])


def _get(blobs: Blobs, kind: str, key: bytes) -> bytes | None:
    try:
        return blobs.get(kind, key)
    except BlobCorrupt:
        return None  # learning again is always right


def _key(model_sha256: str) -> bytes:
    return bytes.fromhex(model_sha256)
