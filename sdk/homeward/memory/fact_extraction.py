"""Lets a language model that passed a self-test extract facts from turns."""

from contextlib import suppress
from dataclasses import dataclass

from homeward.memory.facts import CASES, SelfTest, facts, self_test
from homeward.memory.writer import MemoryWriter
from homeward.ports import LanguageModel
from homeward.prompting.prompt_builder import PromptBuilder
from homeward_store import Memory, Profile, SourceForgotten, SourceKind
from homeward_store.repositories.settings import SettingsRepository

_LAST_TURN = "facts.last_turn"
_AT_ONCE = 100  # newest turns that are read at once


@dataclass(frozen=True, slots=True)
class ExtractionResult:
    """What a language model read out of turns; nothing where it failed its self-test."""

    self_test: SelfTest
    memories: tuple[Memory, ...]


def extract_facts(
    profile: Profile, remembering: MemoryWriter, model: LanguageModel, prompts: PromptBuilder
) -> ExtractionResult:
    """Read facts out of turns that were not read before; a model takes the self-test once."""
    tested = _tested(profile.settings, model, prompts)
    if not tested.passed:
        return ExtractionResult(tested, ())
    last, since = profile.settings.get(_LAST_TURN) or 0, profile.erasures.count
    memories: list[Memory] = []
    for turn in reversed([one for one in profile.turns.latest(_AT_ONCE) if one.id > last]):
        found = facts(model, prompts, turn.asked)
        with profile.transaction():
            with suppress(SourceForgotten):  # meanwhile: nothing of it is remembered
                profile.erasures.require_whole([(SourceKind.TURN, turn.id)], since=since)
                memories += remembering.derived(turn, found)
            profile.settings.put(_LAST_TURN, turn.id)
    return ExtractionResult(tested, tuple(memories))


def _tested(settings: SettingsRepository, model: LanguageModel, prompts: PromptBuilder) -> SelfTest:
    if not model.info.traits.reads_facts:
        return SelfTest(0, len(CASES))
    key = f"facts.self_test.{model.info.sha256}"
    result = settings.get(key)
    if result is None:
        tested = self_test(model, prompts)
        result = [tested.right, tested.of]
        settings.put(key, result)
    return SelfTest(*result)
