"""
Keeps an encrypted snapshot of the decoded prefix, so that the first answer starts faster.

A KV state is personal data: it goes into the store's encrypted blobs and is derived from the
attributes in the prefix, so that forgetting one of them shreds it.
"""

import hashlib
from collections.abc import Sequence
from contextlib import suppress

from homeward.errors import StateMismatch
from homeward.ports import ModelInfo, Segment, Session, SoftPrompt
from homeward.prompting.prompt_builder import segments_length
from homeward_store import BlobCorrupt, SourceForgotten, SourceKind
from homeward_store.repositories.blobs import Blobs

KIND = "kv_prefix"

MIN_POSITIONS = 48
"""Shorter prefixes decode about as fast as a snapshot is read and checked."""

MAX_BYTES = 256 * 1024 * 1024
"""A few prefixes of a 4B model, or some thirty of SmolLM2's; the oldest go first."""


def restore_or_decode(
    session: Session,
    prefix: Sequence[Segment],
    *,
    blobs: Blobs,
    model: ModelInfo,
    sources: Sequence[tuple[SourceKind, int]],
    keep: bool,
) -> None:
    """
    Fill an empty session with `prefix`, from its snapshot if one exists.

    Otherwise decode the prefix and, if `keep`, save a snapshot. Prefixes without personal data
    are never saved.
    """
    if not sources or not is_cacheable(prefix):
        return
    if load_prefix(session, prefix, blobs=blobs, model=model) or not keep:
        return
    session.feed(prefix)
    with suppress(SourceForgotten):  # meanwhile: this conversation is about to be reloaded
        save_prefix(session, prefix, blobs=blobs, model=model, sources=sources)


def load_prefix(
    session: Session, prefix: Sequence[Segment], *, blobs: Blobs, model: ModelInfo
) -> bool:
    """Put the snapshot of `prefix` into an empty session; return whether there was one."""
    try:
        state = blobs.get(KIND, _cache_key(prefix, model))
        if state is None:
            return False
        session.load(state)
    except (BlobCorrupt, StateMismatch):
        # Damaged, or by another build of llama.cpp: decoding again is always right.
        return False
    return True


def save_prefix(
    session: Session,
    prefix: Sequence[Segment],
    *,
    blobs: Blobs,
    model: ModelInfo,
    sources: Sequence[tuple[SourceKind, int]],
) -> None:
    """
    Keep the session's state, which stands for exactly `prefix`.

    Raises:
        SourceForgotten: something that it holds was forgotten meanwhile.
    """
    blobs.put(KIND, _cache_key(prefix, model), session.save(), sources=sources)
    blobs.trim(KIND, max_bytes=MAX_BYTES)


def is_cacheable(prefix: Sequence[Segment]) -> bool:
    """Say whether a snapshot of `prefix` would save time."""
    return segments_length(prefix) >= MIN_POSITIONS


def _cache_key(prefix: Sequence[Segment], model: ModelInfo) -> bytes:
    digest = hashlib.sha256(model.sha256.encode())
    for part in prefix:
        name = part.sha256 if isinstance(part, SoftPrompt) else ",".join(map(str, part))
        digest.update(f"|{name}".encode())
    return digest.digest()
