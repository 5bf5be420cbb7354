"""An assistant learns from its profile: what is kept, when it is used, and how it is forgotten."""

import random
from collections.abc import Iterator
from dataclasses import replace
from threading import Event
from types import ModuleType

import pytest

from homeward.assistant import Assistant
from homeward.chat_format import ChatFormat, chat_format
from homeward.errors import UnsupportedModel
from homeward.learned import Taught
from homeward.learning.controls import Controls, Progress
from homeward.learning.gradient import GradientModel
from homeward.learning.study import TooLittleToLearn
from homeward.ports import LanguageModel
from homeward.settings import Loaders
from homeward.teaching import VIRTUAL_TOKENS, pieces, teach, texts_of
from homeward.testing import HashEmbedder, ScriptedModel
from homeward_store import (
    Category,
    ChoiceId,
    ChoiceSource,
    ConsentRequired,
    Profile,
    Purpose,
    Selection,
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
    def teaching(
        profile: Profile, language_model: LanguageModel, chat: ChatFormat, controls: Controls
    ) -> Taught:
        return teach(profile, language_model, chat, lambda: gradient, controls=controls)

    tmp_profile.consent.grant(Purpose.LEARN, Category.WRITINGS, Category.CHOICES, shown="May it?")
    with Assistant(tmp_profile, Loaders(lambda: model, HashEmbedder, teaching)) as assistant:
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

    taught = me.learn()

    assert taught.finished
    assert taught.state.record.verdict.wins
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


def test_stopped_learning_goes_on_to_the_same_result(me: Assistant) -> None:
    _write(me)
    cancel = Event()

    def stop(progress: Progress) -> None:
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

    def teaching(
        profile: Profile, language_model: LanguageModel, chat: ChatFormat, controls: Controls
    ) -> Taught:
        return teach(profile, language_model, chat, lambda: gradient, controls=controls)

    changed = Assistant(tmp_profile, Loaders(lambda: other, HashEmbedder, teaching))
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
    chat = chat_format(model)
    me.profile.choices.add("Well?", "Aye. " * 50, "Nay.")
    [text] = texts_of(me.profile, model.tokenize, chat)
    assert model.detokenize(text.tokens) == "Aye. " * 24
    assert text.tokens[-len(chat.reply_end) :] != chat.reply_end
    assert text.rejected == model.tokenize("Nay.") + chat.reply_end


def test_too_few_texts_and_no_weights_are_refused(me: Assistant, tmp_profile: Profile) -> None:
    _write(me, 5)
    with pytest.raises(TooLittleToLearn, match="5 texts"):
        me.learn()
    without = Assistant(tmp_profile, Loaders(ScriptedModel, HashEmbedder))
    with pytest.raises(UnsupportedModel):
        without.learn()


def test_long_texts_are_cut_where_sentences_end() -> None:
    text = "One two three. Four five six! " * 20
    found = pieces(text, lambda part: tuple(part.encode()))
    assert all(piece[-1] in ".!" and len(piece) <= 130 for piece in found)
    assert " ".join(found) == text.strip()
