"""One prompt for one case: training, audit and trial read what a chat reads, token by token."""

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from threading import Event

import numpy as np
import pytest
from tests.conftest import OpenAssistant

from homeward.assistant import Assistant
from homeward.learning.gradients.prompt_slot import PromptSlot
from homeward.learning.paired_trial import TrialRecord, TrialVerdict
from homeward.learning.soft_prompt_store import SavedSoftPrompt, SoftPromptStore
from homeward.personalization.bias_audit import Prompter
from homeward.personalization.soft_prompt_training import TRAINED_IN
from homeward.personalization.taste_in_use import TrialReader
from homeward.personalization.training_examples import training_examples
from homeward.policy.gate import UseContext
from homeward.ports import (
    Embedder,
    Fed,
    LanguageModel,
    Segment,
    Session,
    SoftPrompt,
    Tokens,
    Vector,
)
from homeward.prompting.prompt_builder import PromptBuilder
from homeward.sampling import Sampling
from homeward.testing import HashEmbedder, ScriptedModel
from homeward_store import Category, Purpose

QUESTION = "What should I cook for dinner tonight?"
SHORT = Sampling(temperature=0, max_tokens=1)


class Overheard:
    """A model, and what it had read each time that it was to say something, or to judge it."""

    def __init__(self, model: LanguageModel) -> None:
        self._model = model
        self.read: list[list[object]] = []

    def __getattr__(self, name: str) -> object:
        return getattr(self._model, name)

    @contextmanager
    def session(self) -> Iterator["OverheardSession"]:
        with self._model.session() as session:
            yield OverheardSession(session, self.read)


class OverheardSession:
    def __init__(self, session: Session, read: list[list[object]]) -> None:
        self._session, self._read = session, read
        self._fed: list[object] = []

    def __getattr__(self, name: str) -> object:
        return getattr(self._session, name)

    def feed(self, segments: Sequence[Segment], *, cancel: Event | None = None) -> Fed:
        self._fed = flat(segments)
        return self._session.feed(segments, cancel=cancel)

    def generate(self, sampling: Sampling, **how: object) -> Iterator[str]:
        self._read.append(self._fed)
        return self._session.generate(sampling, **how)  # type: ignore[arg-type]

    def log_probabilities(self, segments: Sequence[Segment], target: Tokens) -> Vector:
        self._read.append(flat(segments))
        return self._session.log_probabilities(segments, target)


def flat(segments: Sequence[Segment]) -> list[object]:
    """Position by position; a soft prompt is one."""
    found: list[object] = []
    for one in segments:
        found += [one.sha256] if isinstance(one, SoftPrompt) else one
    return found


@pytest.fixture(params=["scripted", pytest.param("real", marks=pytest.mark.model)])
def models(request: pytest.FixtureRequest) -> tuple[LanguageModel, Embedder]:
    if request.param == "scripted":
        return ScriptedModel(), HashEmbedder()
    return request.getfixturevalue("smollm2"), request.getfixturevalue("minilm")


@pytest.fixture
def overheard(models: tuple[LanguageModel, Embedder]) -> Overheard:
    return Overheard(models[0])


@pytest.fixture
def me(
    open_assistant: OpenAssistant,
    overheard: Overheard,
    models: tuple[LanguageModel, Embedder],
) -> Iterator[Assistant]:
    with open_assistant(overheard, embedder=models[1]) as me:
        yield me


def learn(me: Assistant) -> SoftPrompt:
    """Put a soft prompt into use, as if it had won its trial."""
    vectors = np.full((4, me.model.n_embd), 0.01, np.float32)
    sha256 = hashlib.sha256(vectors.tobytes()).hexdigest()
    record = TrialRecord(
        model_sha256=me.model.sha256,
        soft_sha256=sha256,
        start_sha256=sha256,
        learned_from=(),
        held_back=(),
        curve=(1.0,),
        verdict=TrialVerdict(0.5, 0.4, 0.6, 8, wins=True),
        cpu_seconds=1.0,
        learned_at="2026-01-01T00:00:00+00:00",
        published="",
    )
    soft = SoftPrompt(vectors, sha256)
    SoftPromptStore(me.profile.blobs).keep(SavedSoftPrompt(soft, record, on=True))
    me._wiring.reload_learned_state()
    return soft


def asked(me: Assistant, overheard: Overheard) -> list[object]:
    with me.conversation(incognito=True) as conversation:
        assert conversation.ask(QUESTION, sampling=SHORT).text is not None
    return overheard.read[-1]


def audited(me: Assistant, overheard: Overheard) -> list[object]:
    parts = me._wiring.parts_in(UseContext())
    with parts.model.session() as session:
        prompter = Prompter(parts, session)
        prompter.replies(prompter.content(QUESTION))
    return overheard.read[-1]


def tried(me: Assistant, overheard: Overheard) -> list[object]:
    parts = me._wiring.parts_in(UseContext())
    with parts.model.session() as session:
        TrialReader(session, parts).reads(QUESTION, "Soup.", ())
    return overheard.read[-1]


def trained(me: Assistant, soft: Sequence[object]) -> list[object]:
    """What stands before the chosen reply while virtual tokens are trained on it."""
    me.profile.consent.grant(Purpose.LEARN, *Category, shown="May it?")
    me.profile.choices.add(QUESTION, "Soup.", "Stew.")
    model = me._wiring.parts.model
    prompts = PromptBuilder.of(model)
    [example] = training_examples(me.profile, model.tokenize, prompts)
    slot = PromptSlot(*prompts.around_soft_prompt(TRAINED_IN))
    return [*slot.before, *soft, *slot.after, *example.context]


def test_with_a_learned_style_chat_audit_trial_and_training_read_the_same(
    me: Assistant, overheard: Overheard
) -> None:
    me.attributes["style.tone"] = "formal"
    soft = learn(me)

    chat = asked(me, overheard)
    assert soft.sha256 in chat
    assert audited(me, overheard) == chat
    assert tried(me, overheard) == chat
    assert trained(me, [soft.sha256]) == chat


def test_with_attributes_and_settings_chat_audit_and_trial_read_the_same(
    me: Assistant, overheard: Overheard
) -> None:
    me.attributes["name"] = "Ada"
    me.attributes["style.tone"] = "formal"
    me.attributes["style.language"] = "German"

    chat = asked(me, overheard)
    said = me._wiring.parts.model.detokenize([one for one in chat if isinstance(one, int)])
    assert "Write formally" in said
    assert "Answer in German." in said
    assert "- name: Ada" in said
    assert "style.tone" not in said
    assert audited(me, overheard) == chat
    assert tried(me, overheard) == chat


def test_with_attributes_and_a_learned_style_chat_audit_and_trial_read_the_same(
    me: Assistant, overheard: Overheard
) -> None:
    me.attributes["name"] = "Ada"
    me.attributes["style.language"] = "German"
    soft = learn(me)

    chat = asked(me, overheard)
    assert soft.sha256 in chat
    assert audited(me, overheard) == chat
    assert tried(me, overheard) == chat


def test_of_nobody_training_and_chat_read_the_same(me: Assistant, overheard: Overheard) -> None:
    chat = asked(me, overheard)
    assert audited(me, overheard) == chat
    assert trained(me, []) == chat


def test_a_memory_that_a_chat_quotes_is_before_the_audited_model(
    me: Assistant, overheard: Overheard
) -> None:
    me.remember("I cook soup for dinner and my kitchen has no oven.")

    chat = asked(me, overheard)
    said = me._wiring.parts.model.detokenize([one for one in chat if isinstance(one, int)])
    assert "no oven" in said
    assert audited(me, overheard) == chat
