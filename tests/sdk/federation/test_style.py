"""The 48 numbers of a learned style: whose they are, who says yes to them, and what comes back."""

from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest
from tests.sdk.federation.test_joining import join
from tests.sdk.federation.town import Town
from tests.training import training_through

from homeward.assistant import Assistant
from homeward.federation import CODE, Participation, told
from homeward.federation.exchanged_numbers import (
    BASIS,
    LONGEST,
    SOFT,
    TASTE,
    UNIT,
    origins,
    soft_numbers,
    taste_of,
    vector,
)
from homeward.learning.controls import Controls
from homeward.learning.gradients.gradient import GradientModel
from homeward.learning.gradients.packing import TrainingExample
from homeward.learning.gradients.prompt_slot import PromptSlot
from homeward.learning.objectives import Likelihood
from homeward.learning.paired_trial import TrialRecord, TrialVerdict
from homeward.learning.soft_prompt_prior import shipped_prior
from homeward.learning.soft_prompt_store import SavedSoftPrompt, SoftPromptStore
from homeward.models import DEFAULT_LANGUAGE, path
from homeward.personalization.soft_prompt_training import TRAINED_IN
from homeward.ports import LanguageModel, SoftPrompt
from homeward.prompting.prompt_builder import PromptBuilder
from homeward.settings import ModelLoaders
from homeward.taste.weight_prior import Floats
from homeward.testing import HashEmbedder
from homeward_federated import NotJoined, TermsRefused
from homeward_federated.priors.published_prior import nearest_group
from homeward_store import Category, Profile, Purpose, Selection, WritingId

LENT = np.linspace(-1.0, 1.0, SOFT).astype(np.float32)  # coordinates of the style that is learned


def learn(me: Assistant, *, on: bool = True, basis: str | None = None) -> None:
    """Keep a soft prompt with those coordinates, of a writing and a choice, as learning does."""
    me.profile.consent.grant(Purpose.LEARN, Category.WRITINGS, Category.CHOICES, shown="May it?")
    writing = me.profile.writings.add("Aye. Nay.")
    prior = shipped_prior()
    record = TrialRecord(
        model_sha256="a" * 64,
        soft_sha256="b" * 64,
        start_sha256="c" * 64,
        learned_from=(f"writing:{writing.id}#0", "choice:1"),
        held_back=(),
        curve=(3.0, 2.9),
        verdict=TrialVerdict(0.1, 0.05, 0.15, 12, wins=True),
        cpu_seconds=1.0,
        learned_at="2026-01-01T00:00:00+00:00",
        basis_sha256=prior.sha256 if basis is None else basis,
    )
    soft = SoftPrompt(prior.soft(LENT), record.soft_sha256)
    SoftPromptStore(me.profile.blobs).keep(SavedSoftPrompt(soft, record, on=on))


def style(me: Assistant, town: Town, *, wanted: bool | None = None) -> np.ndarray:
    """What a round would take of it."""
    shown = me.federation.preview(town.offer(), style=wanted)
    return np.asarray(shown.difference[len(TASTE) :] / shown.kept)


@pytest.fixture
def learned(me: Assistant, town: Town) -> Assistant:
    """A person who joined and agreed to add the style that they learned."""
    learn(me)
    join(me, town)
    me.federation.share_style("replies", on=True)
    return me


def test_the_code_names_the_directions_that_are_shipped() -> None:
    assert shipped_prior().sha256.startswith(BASIS)
    assert CODE.endswith(BASIS)
    prior = shipped_prior()
    turned = replace(prior, directions=prior.directions[::-1])
    assert not turned.sha256.startswith(BASIS)


def test_the_numbers_are_the_coordinates_of_the_soft_prompt_in_use(
    learned: Assistant, town: Town
) -> None:
    wanted = LENT / UNIT
    length = float(np.linalg.norm(wanted))
    assert np.allclose(style(learned, town), wanted * min(1.0, LONGEST / length), atol=1e-4)


def test_what_a_round_sums_is_the_difference_to_the_version_it_started_from(
    learned: Assistant, town: Town, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    alone = style(learned, town)
    town.prior.everyone[len(TASTE) :] = 0.02
    path = tmp_path / "latest.hwf"
    path.write_bytes(town.publication())
    learned.federation.fetch_prior(town.offer(), source=str(path))
    shown = learned.federation.preview(town.offer())
    assert np.allclose(style(learned, town), alone - 0.02, atol=1e-6)
    monkeypatch.setattr(
        "homeward_federated.rounds.contributing.discrete_gaussian",
        lambda _, size: np.zeros(size, np.int64),
    )
    town.invite()
    assert learned.federation.contribute("replies", link=town) is Participation.WHOLE
    assert town.opened is not None
    others = np.full(SOFT, -7 * 0.02)  # seven devices whose own numbers are zeros
    mine = town.opened.sums.everyone[len(TASTE) :] - others
    assert np.allclose(mine, shown.difference[len(TASTE) :], atol=9 / 2**16)


def test_without_a_yes_of_its_own_the_style_stays_here(me: Assistant, town: Town) -> None:
    learn(me)
    with pytest.raises(NotJoined):
        me.federation.share_style("replies", on=True)
    join(me, town)
    assert not style(me, town).any()
    assert style(me, town, wanted=True).any()
    assert me.profile.consent.allows(Purpose.CONTRIBUTE, Category.CHOICES, task="replies")


@pytest.mark.parametrize(
    "ended", ["style", "learning", "choices", "switched off", "forgotten", "left"]
)
def test_any_no_takes_it_out_of_the_next_round(
    learned: Assistant, town: Town, ended: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    me = learned
    assert style(me, town).any()
    before = me.federation.preview(town.offer()).difference[: len(TASTE)]
    if ended == "style":
        me.federation.share_style("replies", on=False)
    elif ended == "learning":
        me.profile.consent.withdraw(Purpose.LEARN, Category.WRITINGS)
    elif ended == "choices":
        me.profile.consent.withdraw(Purpose.LEARN, Category.CHOICES)
    elif ended == "switched off":
        [state] = me.learned_for_all_models
        SoftPromptStore(me.profile.blobs).keep(replace(state, on=False))
    elif ended == "forgotten":
        me.forget(Selection(writings=(WritingId(1),)))
    else:
        me.federation.leave("replies")
        join(me, town)
    assert not style(me, town).any()
    after = me.federation.preview(town.offer()).difference[: len(TASTE)]
    assert np.count_nonzero(after) == np.count_nonzero(before)
    monkeypatch.setattr(
        "homeward_federated.rounds.contributing.discrete_gaussian",
        lambda _, size: np.zeros(size, np.int64),
    )
    town.invite()
    assert me.federation.contribute("replies", link=town) is Participation.WHOLE
    assert town.opened is not None
    assert not town.opened.sums.everyone[len(TASTE) :].any()
    assert town.opened.sums.everyone[: len(TASTE)].any()


def test_learned_anew_it_is_back(learned: Assistant, town: Town) -> None:
    learned.forget(Selection(writings=(WritingId(1),)))
    assert not style(learned, town).any()
    learn(learned)
    assert style(learned, town).any()


def test_a_soft_prompt_that_was_learned_elsewhere_has_no_coordinates(
    me: Assistant, town: Town
) -> None:
    join(me, town)
    me.federation.share_style("replies", on=True)
    for basis in ("", "0" * 64):
        learn(me, basis=basis)
        assert not style(me, town).any()


def test_who_adds_no_style_moves_nobodys(me: Assistant, town: Town) -> None:
    town.prior.live[:] = True
    town.prior.everyone[:] = 0.1
    town.prior.groups[:, 0] = (-0.4, 0.4)
    town.prior.groups[1, len(TASTE) :] = 0.05
    none = dict.fromkeys(TASTE, 0.1)
    for length, group in ((-0.3, 0), (0.5, 1)):
        mine = vector(none | {TASTE[0]: length}, None, start=town.prior)
        assert nearest_group(mine, town.prior) == group
        assert np.array_equal(mine[len(TASTE) :], town.prior.of_group(group)[len(TASTE) :])
    assert taste_of(town.prior).groups.shape == (2, len(TASTE))


def test_a_long_style_leaves_room_for_taste_in_both_directions(town: Town) -> None:
    assert np.linalg.norm(soft_numbers(100 * LENT)) == pytest.approx(LONGEST)
    town.prior.everyone[len(TASTE) :] = 1e6
    [only] = origins(town.prior)
    assert np.linalg.norm(only) == pytest.approx(UNIT * LONGEST)


def test_what_is_published_comes_back_as_coordinates(town: Town) -> None:
    assert origins(town.prior) == ()
    numbers = soft_numbers(0.1 * LENT)
    town.prior.everyone[len(TASTE) :] = numbers
    town.prior.groups[1, 0] = 1.0
    town.prior.groups[1, len(TASTE) :] = numbers
    town.prior.live[1] = True
    everyone, group = origins(town.prior)
    assert np.allclose(everyone, 0.1 * LENT, atol=1e-6)
    assert np.allclose(group, 0.2 * LENT, atol=1e-6)


def test_a_version_of_other_directions_is_not_started_from(
    me: Assistant, town: Town, tmp_path: Path
) -> None:
    path = tmp_path / "latest.hwf"
    path.write_bytes(town.publication())
    other = replace(town.offer(), policy=replace(town.offer().policy, code=f"{CODE[:-8]}00000000"))
    with pytest.raises(TermsRefused, match=CODE):
        me.federation.fetch_prior(other, source=str(path))
    assert me.federation.prior is None


def test_the_person_reads_that_they_are_included_and_what_they_are() -> None:
    words = told(CODE)
    assert f"{SOFT} say how you write" in words
    assert "zero unless you say yes" in words


WORDS = ["lol yeah just apt-get it", "hm which version ?", "nope , still broken here", "ok thx !"]


@pytest.fixture(scope="module")
def gradient(models_home: Path) -> GradientModel:
    """The default model's weights to learn through."""
    return GradientModel.open(path(models_home, DEFAULT_LANGUAGE))


@pytest.fixture
def writer(tmp_profile: Profile, smollm2: LanguageModel, gradient: GradientModel) -> Assistant:
    """A person with the real model and enough short texts, who has not learned yet."""
    tmp_profile.consent.grant(Purpose.LEARN, Category.WRITINGS, Category.CHOICES, shown="May it?")
    for at in range(24):
        tmp_profile.writings.add(WORDS[at % len(WORDS)])

    train = training_through(lambda: gradient)
    return Assistant(tmp_profile, ModelLoaders(lambda: smollm2, HashEmbedder, train))


@pytest.mark.model
def test_learning_starts_where_a_published_version_lies_if_the_texts_are_likelier_there(
    writer: Assistant,
    town: Town,
    tmp_path: Path,
    smollm2: LanguageModel,
    gradient: GradientModel,
) -> None:
    latest = tmp_path / "latest.hwf"

    def started() -> str:
        record = writer.learn(Controls(budget=0.0)).state.record  # where it would begin, no step
        assert record.basis_sha256 == shipped_prior().sha256
        return record.start_sha256

    def published(numbers: Floats) -> str:
        town.prior = replace(town.prior, version=town.prior.version + 1, previous=town.prior.hash)
        town.prior.everyone[len(TASTE) :] = numbers
        latest.write_bytes(town.publication())
        writer.federation.fetch_prior(town.offer(), source=str(latest))
        return started()

    down = downhill(gradient, smollm2)
    nothing = sha256(shipped_prior().mean.tobytes()).hexdigest()
    assert published(np.zeros(SOFT)) == nothing
    assert published(-down) == nothing
    assert published(down) != nothing
    [there] = origins(town.prior)
    assert started() == sha256(shipped_prior().soft(there).tobytes()).hexdigest()
    writer.federation.drop_prior()
    assert started() == nothing


def downhill(gradient: GradientModel, model: LanguageModel) -> Floats:
    """Numbers that are a step from the mean along which the texts become likelier."""
    prompts, prior = PromptBuilder.of(model), shipped_prior()
    before = prompts.asked("Write the next lines in my words.")
    texts = [TrainingExample((*before, *model.tokenize(one)), len(before)) for one in WORDS]
    frame = PromptSlot(*prompts.around_soft_prompt(TRAINED_IN))
    _, slope = Likelihood(frame, texts).step(gradient, prior.mean, range(len(texts)))
    along = prior.along(slope)
    return soft_numbers(-along / np.linalg.norm(along))
