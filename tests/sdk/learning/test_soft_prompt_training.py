"""An assistant learns from its profile: what is kept, when it is used, and how it is forgotten."""

import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from threading import Event
from types import ModuleType

import pytest

from homeward.assistant import Assistant
from homeward.conversation.components import ConversationComponents
from homeward.errors import TooLittleToLearn, UnsupportedModel
from homeward.events import Event as AnyEvent, SwitchedOff
from homeward.learning.controls import Controls, TrainingProgress
from homeward.learning.gradients.gradient import GradientModel
from homeward.learning.paired_trial import TrialVerdict, judge
from homeward.learning.soft_prompt_store import KIND, TrainingResult
from homeward.personalization.soft_prompt_training import VIRTUAL_TOKENS, train_soft_prompt
from homeward.personalization.training_examples import pieces, training_examples
from homeward.ports import Vector
from homeward.prompting.chat_template import chat_templates
from homeward.prompting.prompt_builder import PromptBuilder
from homeward.settings import ModelLoaders
from homeward.testing import HashEmbedder, ScriptedModel
from homeward_store import (
    Category,
    ChoiceId,
    ChoiceSource,
    Consent,
    ConsentRequired,
    Profile,
    Purpose,
    Selection,
    SourceForgotten,
    WritingId,
)

VIRTUAL = "\N{OBJECT REPLACEMENT CHARACTER}" * VIRTUAL_TOKENS


@pytest.fixture(scope="module")
def gradient(tiny_models: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> GradientModel:
    """A random llama whose tokens are the scripted model's: bytes and two controls."""
    file = tmp_path_factory.mktemp("bytes") / "bytes.gguf"
    tiny_models.write("llama", file, vocabulary=258)
    return GradientModel.open(file)


@pytest.fixture
def model() -> ScriptedModel:
    return ScriptedModel(["Hello."], n_embd=32)


@pytest.fixture
def me(tmp_profile: Profile, gradient: GradientModel, model: ScriptedModel) -> Iterator[Assistant]:
    def teaching(parts: ConversationComponents, controls: Controls) -> TrainingResult:
        return train_soft_prompt(
            parts.profile,
            parts.model,
            parts.prompts,
            lambda: gradient,
            refused=parts.remembering.refused,
            controls=controls,
        )

    tmp_profile.consent.grant(Purpose.LEARN, Category.WRITINGS, Category.CHOICES, shown="May it?")
    with Assistant(tmp_profile, ModelLoaders(lambda: model, HashEmbedder, teaching)) as assistant:
        yield assistant


def _write(me: Assistant, count: int = 30) -> None:
    """Short writings in a style of few words, which is easy to learn."""
    rng = random.Random(3)
    for _ in range(count):
        me.profile.writings.add(" ".join(rng.choices(["aye", "nay", "och"], k=6)))


def test_nothing_is_learned_without_consent(me: Assistant) -> None:
    _write(me)
    me.profile.consent.withdraw(Purpose.LEARN, Category.WRITINGS)

    with pytest.raises(ConsentRequired):
        me.learn()
    assert me.learned is None


def test_what_won_its_trial_is_used_from_the_next_question_on(
    me: Assistant, model: ScriptedModel
) -> None:
    _write(me)
    conversation = me.conversation()
    assert conversation.ask("Well?").text
    assert VIRTUAL not in model.prompts[-1]

    trained = me.learn()

    assert trained.finished
    assert trained.state.record.verdict.wins
    assert conversation.ask("And now?").text
    assert VIRTUAL in model.prompts[-1]
    assert me.ask("And without?", personalize=False).text
    assert VIRTUAL not in model.prompts[-1]


def test_it_can_be_switched_off_and_on(me: Assistant, model: ScriptedModel) -> None:
    _write(me)
    me.learn()

    me.switch_learned(on=False)
    assert me.ask("Well?").text
    assert VIRTUAL not in model.prompts[-1]

    me.switch_learned(on=True)
    assert me.ask("Well?").text
    assert VIRTUAL in model.prompts[-1]


def test_forgetting_one_writing_takes_what_was_learned_with_it(
    me: Assistant, model: ScriptedModel
) -> None:
    _write(me)
    me.learn()

    me.forget(Selection(writings=(WritingId(5),)))

    assert me.learned is None
    assert me.ask("Well?").text
    assert VIRTUAL not in model.prompts[-1]
    again = me.learn().state.record
    assert not any(name.startswith("writing:5#") for name in again.learned_from)


def _at_step(step: int, act: Callable[[], object], told: list[TrainingProgress]) -> Controls:
    """Controls under which `act` is done once, in the midst of learning."""

    def report(progress: TrainingProgress) -> None:
        told.append(progress)
        if len(told) == step:
            act()

    return Controls(report=report)


def _kept(me: Assistant) -> list[bytes]:
    return [key for kind in (KIND, "soft_prompt_checkpoint") for key in me.profile.blobs.keys(kind)]


@pytest.mark.parametrize("step", [1, 3])
def test_forgetting_ends_the_lesson_that_learns_from_it(me: Assistant, step: int) -> None:
    _write(me)
    told = list[TrainingProgress]()
    forget = Selection(writings=(WritingId(5),))

    with pytest.raises(SourceForgotten, match="1 of the records"):
        me.learn(_at_step(step, lambda: me.forget(forget), told))

    assert told[-1].ended
    assert len(told) == step + 1
    assert me.learned is None
    assert _kept(me) == []
    assert not any(name.startswith("writing:5#") for name in me.learn().state.record.learned_from)


def test_a_writing_that_was_only_cut_ends_the_lesson_too(me: Assistant) -> None:
    _write(me)
    [memory] = me.write("Och aye, the mill burned down.")
    told = list[TrainingProgress]()
    with pytest.raises(SourceForgotten):
        me.learn(_at_step(2, lambda: me.forget(memory), told))
    assert _kept(me) == []


def test_forgetting_after_the_last_step_leaves_nothing_learned(
    me: Assistant, gradient: GradientModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    _write(me)

    def forget_then_judge(off: Vector, on: Vector) -> TrialVerdict:
        me.profile.forget(Selection(writings=(WritingId(30),)))
        return judge(off, on)

    monkeypatch.setattr("homeward.learning.pipeline.judge", forget_then_judge)
    with pytest.raises(SourceForgotten):
        me.learn()
    assert _kept(me) == []


def test_forgetting_something_else_lets_the_lesson_go_on(me: Assistant) -> None:
    _write(me)
    [memory] = me.remember("The rent is due on the fifth.")
    assert me.learn(_at_step(2, lambda: me.forget(memory), [])).finished


def test_a_consent_that_ends_while_learning_ends_the_lesson(me: Assistant) -> None:
    _write(me)
    consent, told = me.profile.consent, list[TrainingProgress]()
    with pytest.raises(ConsentRequired):
        me.learn(_at_step(2, lambda: consent.withdraw(Purpose.LEARN, Category.WRITINGS), told))
    assert told[-1].ended
    assert me.learned is None


def test_a_withdrawn_consent_switches_off_what_stood_on_it_and_says_so(
    me: Assistant, model: ScriptedModel
) -> None:
    _write(me)
    me.learn()
    conversation, events = me.conversation(), list[AnyEvent]()
    me.events.subscribe(events.append, SwitchedOff)
    assert conversation.ask("Well?").text
    assert VIRTUAL in model.prompts[-1]

    assert me.profile.consent.withdraw(Purpose.LEARN, Category.WRITINGS) == ("learned style",)

    assert events == [SwitchedOff(("learned style",))]
    assert conversation.ask("And now?").text
    assert VIRTUAL not in model.prompts[-1]
    assert me.learned is not None
    assert not me.learned.on
    with pytest.raises(ConsentRequired):
        me.switch_learned(on=True)


def test_a_topic_denied_after_learning_switches_off_what_was_learned_of_it_and_says_so(
    me: Assistant, model: ScriptedModel
) -> None:
    _write(me)
    me.write("The Zorblaxes came for tea, and we played chess until late.")
    me.learn()
    conversation, events = me.conversation(), list[AnyEvent]()
    me.events.subscribe(events.append, SwitchedOff)

    assert me.wishes.deny("golf") == ()
    assert conversation.ask("Well?").text
    assert VIRTUAL in model.prompts[-1]
    assert me.wishes.deny("golf", "Zorblax") == ("learned style",)

    assert events == [SwitchedOff(("learned style",))]
    assert conversation.ask("And now?").text
    assert VIRTUAL not in model.prompts[-1]
    me.learn()
    assert me.learned is not None
    assert me.learned.on
    assert me.wishes.deny("Zorblax", "golf") == ()  # it was learned without them
    assert me.learned.on


def test_a_consent_given_again_switches_on_nothing_by_itself(
    me: Assistant, model: ScriptedModel
) -> None:
    _write(me)
    me.learn()
    consent = me.profile.consent
    consent.withdraw(Purpose.LEARN)
    consent.grant(Purpose.LEARN, Category.WRITINGS, shown="May it again?")

    assert me.ask("Well?").text
    assert VIRTUAL not in model.prompts[-1]
    me.switch_learned(on=True)
    assert me.ask("And now?").text
    assert VIRTUAL in model.prompts[-1]
    assert consent.withdraw(Purpose.LEARN, Category.NOTES) == ()
    assert me.ask("And then?").text
    assert VIRTUAL in model.prompts[-1]


def test_a_consent_withdrawn_while_no_assistant_was_open_counts_as_well(
    me: Assistant, tmp_profile: Profile
) -> None:
    _write(me)
    me.learn()
    consent = Consent(tmp_profile._ledger)  # as by a program that knows the store alone
    consent.withdraw(Purpose.LEARN, Category.WRITINGS)
    consent.grant(Purpose.LEARN, Category.WRITINGS, shown="May it again?")

    model = ScriptedModel(["Hello."], n_embd=32)
    later = Assistant(tmp_profile, ModelLoaders(lambda: model, HashEmbedder))
    assert later.ask("Well?").text
    assert VIRTUAL not in model.prompts[-1]


def test_stopped_learning_goes_on_to_the_same_result(me: Assistant) -> None:
    _write(me)
    cancel = Event()

    def stop(progress: TrainingProgress) -> None:
        if progress.epoch == 1:
            cancel.set()

    halted = me.learn(Controls(cancel=cancel, report=stop))
    assert not halted.finished
    assert me.learned is None

    resumed = me.learn().state.soft.sha256
    assert me.learn().state.soft.sha256 == resumed


def test_with_another_base_model_it_is_off_and_learned_again(
    me: Assistant, tmp_profile: Profile, gradient: GradientModel
) -> None:
    _write(me)
    first = me.learn().state
    other = ScriptedModel(["Hello."], n_embd=32)
    vars(other)["_info"] = replace(other.info, sha256="cd" * 32)

    def teaching(parts: ConversationComponents, controls: Controls) -> TrainingResult:
        return train_soft_prompt(
            parts.profile,
            parts.model,
            parts.prompts,
            lambda: gradient,
            refused=parts.remembering.refused,
            controls=controls,
        )

    changed = Assistant(tmp_profile, ModelLoaders(lambda: other, HashEmbedder, teaching))
    assert changed.learned is None
    assert changed.ask("Well?").text
    assert VIRTUAL not in other.prompts[-1]

    again = changed.learn().state
    assert again.record.model_sha256 == "cd" * 32
    assert again.record.learned_from == first.record.learned_from
    assert changed.ask("And now?").text
    assert VIRTUAL in other.prompts[-1]
    assert [one.record for one in me.learned_for_all_models] == [first.record, again.record]


def test_settings_of_style_give_way_while_what_was_learned_is_in_use(
    me: Assistant, model: ScriptedModel
) -> None:
    me.attributes["style.length"] = "brief"
    assert me.ask("Well?").text
    assert "Answer in one short sentence." in model.prompts[-1]
    _write(me)
    me.learn()

    assert me.ask("And now?").text
    assert "Answer in one short sentence." not in model.prompts[-1]
    me.switch_learned(on=False)
    assert me.ask("And without?").text
    assert "Answer in one short sentence." in model.prompts[-1]


def test_chosen_replies_are_learned_from(me: Assistant) -> None:
    for number in range(30):
        me.profile.choices.add(
            f"Question {number}?", "Aye.", "Well, it depends.", source=ChoiceSource.EXPLICIT
        )
    names = me.learn().state.record.learned_from
    assert names[0].startswith("choice:")


def _choose(me: Assistant, source: ChoiceSource = ChoiceSource.EXPLICIT, count: int = 4) -> None:
    """Choices older than every writing that follows, so that they are learned from."""
    for number in range(count):
        me.profile.choices.add(f"Question {number}?", "Aye.", "Well, it depends.", source=source)


def test_choices_are_learned_over_what_was_rejected(me: Assistant) -> None:
    _choose(me)
    me.profile.choices.add("A good one?", "Och aye.", "", source=ChoiceSource.ACCEPT)
    _write(me)
    record = me.learn().state.record
    assert record.preferred == ("choice:1", "choice:2", "choice:3", "choice:4")
    assert record.learned_from[:5] == (*record.preferred, "choice:5")


def test_without_consent_for_choices_they_are_left_out(me: Assistant) -> None:
    _write(me)
    without = me.learn().state
    me.profile.consent.withdraw(Purpose.LEARN, Category.CHOICES)
    _choose(me)
    again = me.learn().state
    assert again.soft.sha256 == without.soft.sha256
    assert not any(name.startswith("choice:") for name in again.record.learned_from)


def test_a_kind_of_choice_that_counts_nothing_teaches_nothing(me: Assistant) -> None:
    _choose(me, ChoiceSource.RETRY)
    _choose(me, ChoiceSource.EDIT)
    _write(me)
    me.taste.count(ChoiceSource.RETRY, 0)
    record = me.learn().state.record
    names = [f"choice:{number}" for number in range(5, 9)]
    assert list(record.preferred) == names
    assert [one for one in record.learned_from if one.startswith("choice:")] == names


def test_forgetting_one_choice_takes_what_was_learned_with_it(me: Assistant) -> None:
    _choose(me)
    _write(me)
    me.learn()
    me.forget(Selection(choices=(ChoiceId(2),)))
    assert me.learned is None
    record = me.learn().state.record
    assert record.preferred == ("choice:1", "choice:3", "choice:4")
    assert "choice:2" not in (*record.learned_from, *record.held_back)


def test_a_reply_that_is_cut_is_learned_without_an_end(me: Assistant, model: ScriptedModel) -> None:
    chat = chat_templates(model, date(2026, 1, 1)).at_once
    me.profile.choices.add("Well?", "Aye. " * 50, "Nay.")
    [text] = training_examples(me.profile, model.tokenize, PromptBuilder.of(model))
    assert model.detokenize(text.tokens) == "Aye. " * 24
    assert text.tokens[-len(chat.reply_end) :] != chat.reply_end
    assert text.rejected == model.tokenize("Nay.") + chat.reply_end


def test_too_few_texts_and_no_weights_are_refused(me: Assistant, tmp_profile: Profile) -> None:
    _write(me, 5)
    with pytest.raises(TooLittleToLearn, match="got 5"):
        me.learn()
    without = Assistant(tmp_profile, ModelLoaders(ScriptedModel, HashEmbedder))
    with pytest.raises(UnsupportedModel):
        without.learn()


def test_long_texts_are_cut_where_sentences_end() -> None:
    text = "One two three. Four five six! " * 20
    found = pieces(text, lambda part: tuple(part.encode()))
    assert all(piece[-1] in ".!" and len(piece) <= 130 for piece in found)
    assert " ".join(found) == text.strip()
