"""A style that was learned from private texts is not used before those who may not read them."""

from datetime import UTC, datetime

import numpy as np
import pytest
from tests.conftest import OpenAssistant

from homeward.assistant import Assistant
from homeward.learning.paired_trial import TrialRecord, TrialVerdict
from homeward.learning.soft_prompt_store import SavedSoftPrompt, SoftPromptStore
from homeward.policy.gate import UseContext
from homeward.ports import SoftPrompt
from homeward_store import Category, Memory, Purpose

WORK = UseContext("work")


@pytest.fixture
def me(open_assistant: OpenAssistant) -> Assistant:
    """Return an assistant with a style that was learned from its one writing."""
    me = open_assistant()
    me.write("Up at six. Fog on the lake, and the ferry before I saw it.")
    [writing] = me.profile.writings.all()
    record = TrialRecord(
        model_sha256=me.model.sha256,
        soft_sha256="5" * 64,
        start_sha256="6" * 64,
        learned_from=(f"writing:{writing.id}#0",),
        held_back=(),
        curve=(3.0, 2.8),
        verdict=TrialVerdict(0.21, 0.12, 0.31, 12, wins=True),
        cpu_seconds=1.0,
        learned_at=datetime(2026, 5, 17, tzinfo=UTC).isoformat(),
    )
    soft = SoftPrompt(np.zeros((2, 8), np.float32), record.soft_sha256)
    SoftPromptStore(me.profile.blobs).keep(SavedSoftPrompt(soft, record, on=False))
    me.profile.consent.grant(Purpose.LEARN, Category.WRITINGS, shown="May it?")
    assert me.switch_learned(on=True)
    return me


def styled(me: Assistant, use_context: UseContext) -> bool:
    with me.conversation(use_context=use_context) as conversation:
        reply = conversation.ask("Who goes there?")
        assert reply.text
        return bool(reply.sources.learned)


def written(me: Assistant) -> list[Memory]:
    return list(me.profile.memories.all())[:1]


def test_a_style_of_texts_that_anybody_may_read_is_used_before_anybody(me: Assistant) -> None:
    assert styled(me, UseContext())
    assert styled(me, WORK)


def test_a_style_of_a_text_that_stays_private_is_used_in_private_alone(me: Assistant) -> None:
    [memory] = written(me)
    open_already = me.conversation(use_context=WORK)

    me.tag(memory.id, "health")

    assert styled(me, UseContext())
    assert not styled(me, WORK)
    me.switch_learned(on=False)
    me.switch_learned(on=True)
    assert not open_already.ask("Who goes there?").sources.learned
