"""
Switches off trained styles and taste when their consent is withdrawn.

A consent that is given again switches nothing on: what went off stays off until the person switches
it on, or it is learned anew.
"""

from datetime import datetime

from homeward.learning.soft_prompt_store import KIND as LEARNED_KIND, SoftPromptStore, categories_of
from homeward.taste import TasteTrials
from homeward.taste.trial import KIND as TRIAL_KIND
from homeward_store import Category, Profile, Purpose


def switch_off(profile: Profile) -> tuple[str, ...]:
    """
    Switch off what was learned from data that may not be learned from any more; return its names.

    A consent that was withdrawn and given again since does not count as kept.
    """
    went_off = []
    with profile.transaction():
        if _styles_off(profile):
            went_off.append("learned style")
        if _taste_off(profile):
            went_off.append("taste")
    return tuple(went_off)


def _styles_off(profile: Profile) -> bool:
    states = SoftPromptStore(profile.blobs)
    unfounded = [
        state
        for state in states.all()
        if state.on
        and not _held(
            profile,
            categories_of(state.record),
            since=profile.blobs.put_at(LEARNED_KIND, bytes.fromhex(state.record.model_sha256)),
        )
    ]
    for state in unfounded:
        states.switch(state, on=False)
    return bool(unfounded)


def _taste_off(profile: Profile) -> bool:
    trials = TasteTrials(profile.blobs)
    unfounded = [
        trial
        for trial in trials.all()
        if (trial.use_examples or trial.use_drafts)
        and not _held(
            profile,
            {Category.CHOICES},
            since=profile.blobs.put_at(TRIAL_KIND, bytes.fromhex(trial.model_sha256)),
        )
    ]
    for trial in unfounded:
        trials.switch(trial, examples=False, drafts=False)
    return bool(unfounded)


def _held(profile: Profile, categories: set[Category], *, since: datetime | None) -> bool:
    consent = profile.consent
    return since is not None and all(
        consent.held(Purpose.LEARN, one, since=since) for one in categories
    )
