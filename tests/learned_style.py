"""Puts a learned style into a profile without training it."""

from datetime import UTC, datetime

import numpy as np

from homeward.learning.paired_trial import TrialRecord, TrialVerdict
from homeward.learning.soft_prompt_store import SavedSoftPrompt, SoftPromptStore
from homeward.ports import SoftPrompt
from homeward_store import Category, Profile, Purpose


def plant(profile: Profile, model_sha256: str) -> None:
    """Keep a style that was learned from all writings, and that is on."""
    record = TrialRecord(
        model_sha256=model_sha256,
        soft_sha256="5" * 64,
        start_sha256="6" * 64,
        learned_from=tuple(f"writing:{one.id}#0" for one in profile.writings.all()),
        held_back=(),
        curve=(3.0, 2.8),
        verdict=TrialVerdict(0.21, 0.12, 0.31, 12, wins=True),
        cpu_seconds=1.0,
        learned_at=datetime(2026, 5, 17, tzinfo=UTC).isoformat(),
    )
    soft = SoftPrompt(np.zeros((2, 8), np.float32), record.soft_sha256)
    profile.consent.grant(Purpose.LEARN, Category.WRITINGS, shown="May it?")
    SoftPromptStore(profile.blobs).keep(SavedSoftPrompt(soft, record, on=True))
