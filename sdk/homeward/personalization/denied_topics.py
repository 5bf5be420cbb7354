"""
Switches off what was learned from texts about a topic that the person denied since.

A soft prompt may lead a model to words of the texts that taught it. Learning anew leaves those
texts out. Each topic counts once: what is learned after it was denied knows nothing of it.
"""

from collections.abc import Iterator, Sequence

from homeward.learning.soft_prompt_store import SoftPromptStore, sources_of
from homeward.policy.exclusions import mentions_any
from homeward.taste import TasteTrials
from homeward_store import ChoiceId, Profile, Source, SourceKind, WritingId

_HEEDED = "memories.denied_topics_heeded"


def switch_off_about(profile: Profile, topics: Sequence[str]) -> tuple[str, ...]:
    """Switch off what was learned from texts that name a topic denied anew; return its names."""
    heeded = profile.settings.get(_HEEDED) or []
    if list(topics) == heeded:
        return ()
    new = [topic for topic in topics if topic not in heeded]
    with profile.transaction():
        profile.settings.put(_HEEDED, list(topics))
        went_off = (
            ("learned style", _styles_off(profile, new)),
            ("taste", _taste_off(profile, new)),
        )
    return tuple(name for name, is_off in went_off if is_off)


def _styles_off(profile: Profile, topics: Sequence[str]) -> bool:
    states = SoftPromptStore(profile.blobs)
    about = [
        one for one in states.all() if one.on and _name(profile, sources_of(one.record), topics)
    ]
    for state in about:
        states.switch(state, on=False)
    return bool(about)


def _taste_off(profile: Profile, topics: Sequence[str]) -> bool:
    trials = TasteTrials(profile.blobs)
    about = [
        one
        for one in trials.all()
        if (one.use_examples or one.use_drafts)
        and _name(profile, [(SourceKind.CHOICE, choice) for choice in one.learned_from], topics)
    ]
    for trial in about:
        trials.switch(trial, examples=False, drafts=False)
    return bool(about)


def _name(profile: Profile, sources: Sequence[Source], topics: Sequence[str]) -> bool:
    return any(mentions_any(text, topics) for one in sources for text in _texts(profile, one))


def _texts(profile: Profile, source: Source) -> Iterator[str]:
    kind, number = source
    if kind is SourceKind.WRITING and (writing := profile.writings.get(WritingId(number))):
        yield writing.text
    if kind is SourceKind.CHOICE and (choice := profile.choices.get(ChoiceId(number))):
        yield from (choice.prompt, choice.chosen, choice.rejected)
