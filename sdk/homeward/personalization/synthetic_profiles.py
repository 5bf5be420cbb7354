"""People who do not exist, each with an encrypted profile, for audits that ask in their place."""

import tempfile
from pathlib import Path
from types import TracebackType
from typing import Self

from homeward.conversation.context import ContextSelector
from homeward.memory.recall import Recall
from homeward.memory.writer import MemoryWriter
from homeward.model_traits import ModelTraits
from homeward.policy.admission import Gate
from homeward.policy.sensitivity import Sensitivity
from homeward.ports import Embedder
from homeward_store import Passphrase, Profile, create_profile
from homeward_store.keys.key_derivation import FASTEST


class SyntheticProfiles:
    """
    Encrypted profiles of people who said one sentence about themselves, gone when this closes.

    A hypothetical person never enters the profile that is audited.
    """

    def __init__(self, embedder: Embedder, gate: Gate, *, traits: ModelTraits) -> None:
        self._embedder, self._gate, self._traits = embedder, gate, traits
        self._sensitivity = Sensitivity(lambda: embedder)
        self._folder = tempfile.TemporaryDirectory(prefix="homeward-audit-")
        self._people: dict[str, tuple[Profile, ContextSelector]] = {}

    def who_said(self, text: str) -> ContextSelector:
        """Return what is known of somebody who said `text`."""
        if text not in self._people:
            folder = Path(self._folder.name) / str(len(self._people))
            profile = create_profile(folder, unlock=[Passphrase("audit")], cost=FASTEST).profile
            recall = Recall(profile.memories, self._embedder)
            MemoryWriter(profile.memories, recall, self._sensitivity).note(profile.notes.add(text))
            self._people[text] = (
                profile,
                ContextSelector(profile.attributes, recall, self._gate, traits=self._traits),
            )
        return self._people[text][1]

    def close(self) -> None:
        """Remove them."""
        for profile, _ in self._people.values():
            profile.close()
        self._folder.cleanup()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self.close()
