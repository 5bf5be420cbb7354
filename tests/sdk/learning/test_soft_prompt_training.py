"""An assistant learns from its profile: what is kept, when it is used, and when it is off."""

from dataclasses import replace
from threading import Event

import pytest
from tests.training import VIRTUAL, training_through, write

from homeward.assistant import Assistant
from homeward.errors import TooLittleToLearn, UnsupportedModel
from homeward.learning.controls import Controls, TrainingProgress
from homeward.learning.gradients.gradient import GradientModel
from homeward.personalization.training_examples import pieces
from homeward.settings import ModelLoaders
from homeward.testing import HashEmbedder, ScriptedModel
from homeward_store import (
    Profile,
)


def test_what_won_its_trial_is_used_from_the_next_question_on(
    me: Assistant, model: ScriptedModel
) -> None:
    write(me)
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
    write(me)
    me.learn()

    me.switch_learned(on=False)
    assert me.ask("Well?").text
    assert VIRTUAL not in model.prompts[-1]

    me.switch_learned(on=True)
    assert me.ask("Well?").text
    assert VIRTUAL in model.prompts[-1]


def test_stopped_learning_goes_on_to_the_same_result(me: Assistant) -> None:
    write(me)
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
    write(me)
    first = me.learn().state
    other = ScriptedModel(["Hello."], n_embd=32)
    vars(other)["_info"] = replace(other.info, sha256="cd" * 32)

    loaders = ModelLoaders(lambda: other, HashEmbedder, training_through(lambda: gradient))
    changed = Assistant(tmp_profile, loaders)
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
    write(me)
    me.learn()

    assert me.ask("And now?").text
    assert "Answer in one short sentence." not in model.prompts[-1]
    me.switch_learned(on=False)
    assert me.ask("And without?").text
    assert "Answer in one short sentence." in model.prompts[-1]


def test_too_few_texts_and_no_weights_are_refused(me: Assistant, tmp_profile: Profile) -> None:
    write(me, 5)
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
