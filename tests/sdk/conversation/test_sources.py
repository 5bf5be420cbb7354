"""A reply says all that it was built on: learned state, examples, images, and earlier replies."""

import hashlib
from collections.abc import Sequence

import numpy as np
from tests.conftest import OpenAssistant

from homeward.assistant import Assistant
from homeward.conversation.sources import in_words, sources_of
from homeward.learning.paired_trial import TrialRecord, TrialVerdict
from homeward.learning.soft_prompt_store import SavedSoftPrompt, SoftPromptStore
from homeward.ports import SoftPrompt
from homeward.testing import ScriptedModel
from homeward_store import (
    Category,
    ChoiceSource,
    LearnedKind,
    LearnedUse,
    Pick,
    Purpose,
    Selection,
    SourceKind,
    TurnId,
    Used,
)


def learned(me: Assistant, *, of: Sequence[str], held: Sequence[str] = ()) -> None:
    """Let a soft prompt be in use, as learning leaves one."""
    vectors = np.ones((16, 8), np.float32)
    sha256 = hashlib.sha256(vectors.tobytes()).hexdigest()
    record = TrialRecord(
        model_sha256=me.model.sha256,
        soft_sha256=sha256,
        start_sha256=sha256,
        learned_from=tuple(of),
        held_back=tuple(held),
        curve=(1.0,),
        verdict=TrialVerdict(0.5, 0.4, 0.6, 8, wins=True),
        cpu_seconds=1.0,
        learned_at="2026-01-01T00:00:00+00:00",
        published="books, version 3",
    )
    SoftPromptStore(me.profile.blobs).keep(
        SavedSoftPrompt(SoftPrompt(vectors, sha256), record, on=True)
    )
    me.switch_learned(on=True)


def answered(me: Assistant, question: str, *, personalize: bool = True) -> TurnId:
    reply = me.conversation().ask(question, personalize=personalize)
    assert reply.text
    assert reply.turn is not None
    return reply.turn


def styled(open_assistant: OpenAssistant) -> Assistant:
    me = open_assistant(ScriptedModel(["Fine."] * 9))
    me.profile.consent.grant(Purpose.LEARN, Category.WRITINGS, shown="May it?")
    for number in range(3):
        me.write(f"A writing number {number}.")
    learned(me, of=["writing:1#0", "writing:1#1", "writing:2#0"], held=["writing:3#0"])
    return me


def test_a_reply_names_the_soft_prompt_that_made_it_at_once_and_later(
    open_assistant: OpenAssistant,
) -> None:
    me = styled(open_assistant)

    reply = me.conversation().ask("Write a note.")
    assert reply.text
    assert reply.turn is not None

    [use] = reply.sources.learned
    assert me.why(reply.turn).learned == (use,)
    assert (use.kind, use.counts) == (LearnedKind.STYLE, ((SourceKind.WRITING, 2),))
    says = "learned style, of 2 writings, started from the published prior (books, version 3)"
    assert in_words(use) == says


def test_a_reply_without_the_person_was_made_with_nothing_learned(
    open_assistant: OpenAssistant,
) -> None:
    me = styled(open_assistant)

    turn = answered(me, "Write a note.", personalize=False)

    assert me.why(turn).learned == ()


def test_a_reply_made_with_a_style_that_was_shredded_stays_and_says_so(
    open_assistant: OpenAssistant,
) -> None:
    me = styled(open_assistant)
    turn = answered(me, "Write a note.")

    held_back = me.profile.writings.all()[2].id
    receipt = me.forget(Selection(writings=(held_back,)))

    [use] = me.why(turn).learned
    assert dict(receipt.stale)["soft_prompt"] == 1
    assert me.profile.turns.latest(1)[0].replied == "Fine."
    assert use.sha256 is None
    assert "erased since" in in_words(use)
    assert me.why(answered(me, "Another one.")).learned == ()


def test_taste_says_which_draft_it_picked_and_which_choices_it_showed(
    open_assistant: OpenAssistant,
) -> None:
    me = open_assistant(ScriptedModel(["Calm.", "Wild! Now!", "Calm.", "Calm."]))
    me.profile.consent.grant(Purpose.LEARN, Category.CHOICES, shown="May it?")
    for at in range(20):
        me.prefer(f"Shall I do {at}?", chosen=f"Do it! Now! {at}", rejected=f"There is time. {at}")
    me.taste.trial()
    me.taste.switch(examples=True, drafts=True)

    turn = answered(me, "Shall I do it?")

    why = me.why(turn)
    assert [one.kind for one in why.learned] == [LearnedKind.TASTE, LearnedKind.TASTE]
    assert {one.counts for one in why.learned} == {((SourceKind.CHOICE, 20),)}
    assert why.taste is not None
    assert why.taste.of == 3
    assert why.examples

    me.forget(Selection(choices=(why.examples[0].id,)))

    assert me.profile.turns.latest(1)[0].replied == ""  # it was shown the very text


def test_a_reply_that_an_erased_taste_picked_stays_and_says_so(
    open_assistant: OpenAssistant,
) -> None:
    me = open_assistant(ScriptedModel(["Calm.", "Wild! Now!", "Calm."]))
    me.profile.consent.grant(Purpose.LEARN, Category.CHOICES, shown="May it?")
    liked = ChoiceSource.RETRY  # becomes no memory, so that no prompt quotes it
    made = [
        me.prefer("Shall I?", chosen=f"Do it! Now! {at}", rejected=f"Wait. {at}", source=liked)
        for at in range(20)
    ]
    me.taste.trial()
    me.taste.switch(examples=False, drafts=True)
    turn = answered(me, "Shall I do it?")

    me.forget(Selection(choices=(made[0].id,)))

    [use] = me.why(turn).learned
    assert me.profile.turns.latest(1)[0].replied
    assert use.sha256 is None


def test_what_earlier_replies_were_built_on_is_named_as_that(open_assistant: OpenAssistant) -> None:
    me = open_assistant()
    [memory] = me.remember("I am allergic to walnuts.")
    attribute = me.attributes.set("name", "Ada")
    turns = me.profile.turns
    use = LearnedUse(LearnedKind.STYLE, "a" * 64, ((SourceKind.WRITING, 1),))
    first, second, third = (turns.begin("c", f"{n}?", model="m") for n in range(3))
    turns.finish(
        first.id,
        "No nuts.",
        complete=True,
        used=[Used(SourceKind.MEMORY, memory.id), Used(SourceKind.ATTRIBUTE, attribute.id)],
        learned={use: []},
    )
    before = Used(SourceKind.TURN, first.id)
    turns.finish(second.id, "As I said.", complete=True, used=[before])
    direct = [Used(SourceKind.ATTRIBUTE, attribute.id), Used(SourceKind.TURN, second.id)]
    turns.finish(third.id, "Still.", complete=True, used=direct)

    why = sources_of(me.profile, third.id)

    assert [one.id for one in why.turns] == [second.id]
    assert why.memories == ()
    assert why.through is not None
    assert [one.id for one in why.through.memories] == [memory.id]
    assert why.through.attributes == ()  # it stood in the prompt itself
    assert [one.id for one in why.through.turns] == [first.id]
    assert why.through.learned == (use,)


def test_a_pick_is_told_in_words() -> None:
    use = LearnedUse(LearnedKind.TASTE, None, ((SourceKind.CHOICE, 1),), pick=Pick(1, 0.814, 3))

    says = in_words(use)

    assert says.startswith("draft 2 of 3, 81% sure that you prefer it to the first (learned taste,")
    assert "of 1 choice; erased since" in says
