"""These routes show the trained style and its trial, switch it, and run background training."""

from dataclasses import asdict

from fastapi import APIRouter
from pydantic import BaseModel, Field

from homeward.assistant import Assistant
from homeward.learning.soft_prompt_store import SavedSoftPrompt
from homeward.serving.routes.shapes import VerdictOut, shown_verdict
from homeward.serving.service import Serving
from homeward.serving.training_job import JobState
from homeward_store import NotFound

router = APIRouter(prefix="/homeward/v1", tags=["learning"])


class LearnedOut(BaseModel):
    """A learned soft prompt: where it came from, how its trial went, and whether it is used."""

    on: bool
    model_sha256: str
    soft_sha256: str
    virtual_tokens: int
    learned_from: tuple[str, ...]
    preferred: tuple[str, ...] = Field(
        description="How many of these are choices between two replies."
    )
    held_back: tuple[str, ...]
    curve: tuple[float, ...] = Field(
        description="Held-out loss before training, then after each epoch."
    )
    trial: VerdictOut
    cpu_seconds: float
    learned_at: str


class Switch(BaseModel):
    """Whether to use the trained style, whatever its trial showed."""

    on: bool


class ProgressOut(BaseModel):
    """The state of background training."""

    epoch: int
    epochs: int
    step: int
    steps: int
    loss: float
    held_loss: float
    cpu_seconds: float
    expected_cpu_seconds: float
    ended: str


class LearningOut(BaseModel):
    """Whether learning runs, how far it is, and why the last one ended without a result."""

    state: JobState
    progress: ProgressOut | None = None
    failed: str | None = None


class NewLearning(BaseModel):
    """How long to train; the next start resumes from there."""

    cpu_seconds: float | None = Field(None, gt=0, le=1e6)


@router.get("/learned")
async def learned(service: Serving) -> LearnedOut | None:
    """Return the style trained for the language model in use; null if there is none."""
    state = await service.me.run(lambda me: me.learned)
    return None if state is None else _shown(state)


@router.put("/learned")
async def switch(given: Switch, service: Serving) -> LearnedOut:
    """Use what was learned, or keep it unused."""

    def work(me: Assistant) -> LearnedOut:
        state = me.switch_learned(on=given.on)
        if state is None:
            raise NotFound(
                "nothing was trained for this model yet; POST /homeward/v1/learning starts training"
            )
        return _shown(state)

    return await service.me.run(work)


@router.get("/learning")
async def learning(service: Serving) -> LearningOut:
    """Whether learning runs, and how far it is."""
    return _now(service)


@router.post("/learning", status_code=202)
async def start(given: NewLearning, service: Serving) -> LearningOut:
    """Learn in the background, from writings and choices. Needs consent to learn from writings."""
    await service.me.run(lambda me: service.training.start(me, budget=given.cpu_seconds))
    return _now(service)


@router.delete("/learning")
async def stop(service: Serving) -> LearningOut:
    """Stop after the current step; a checkpoint is kept."""
    service.training.stop()
    return _now(service)


def _now(service: Serving) -> LearningOut:
    training = service.training
    progress = ProgressOut(**asdict(training.progress)) if training.progress else None
    return LearningOut(state=training.state, progress=progress, failed=training.failed)


def _shown(state: SavedSoftPrompt) -> LearnedOut:
    record = state.record
    return LearnedOut(
        on=state.on,
        model_sha256=record.model_sha256,
        soft_sha256=record.soft_sha256,
        virtual_tokens=len(state.soft.vectors),
        learned_from=record.learned_from,
        preferred=record.preferred,
        held_back=record.held_back,
        curve=record.curve,
        trial=shown_verdict(record.verdict),
        cpu_seconds=record.cpu_seconds,
        learned_at=record.learned_at,
    )
