"""These routes show the weights of the person's taste, and overrule them."""

from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import BaseModel, Field

from homeward.assistant import Assistant
from homeward.serving.routes.shapes import LearnedWeight, VerdictOut, shown_verdict
from homeward.serving.service import Serving
from homeward_store import NotFound

router = APIRouter(prefix="/homeward/v1", tags=["taste"])

_Weight = Annotated[str, Path(max_length=200)]


class TasteOut(BaseModel):
    """Every weight, clear ones first, and whether taste predicts the newest choices."""

    choices: int
    weights: list[LearnedWeight]
    trial: VerdictOut


class NewWeight(BaseModel):
    """Weight from -3 to 3; 0 means no preference."""

    weight: float = Field(ge=-3, le=3)


@router.get("/taste")
async def taste(service: Serving) -> TasteOut:
    """Learn from all choices there are, and show every weight. Needs consent to learn."""
    return await service.me.run(_shown)


@router.put("/taste/{name}")
async def overrule(name: _Weight, given: NewWeight, service: Serving) -> TasteOut:
    """Set a weight by the person's word; choices no longer move it."""

    def work(me: Assistant) -> TasteOut:
        me.taste.overrule(name, given.weight)
        return _shown(me)

    return await service.me.run(work)


@router.delete("/taste/{name}")
async def trust_choices(name: _Weight, service: Serving) -> TasteOut:
    """Undo a set weight, so that choices decide it again."""

    def work(me: Assistant) -> TasteOut:
        if not me.taste.trust_choices(name):
            raise NotFound("this weight was not set by the person")
        return _shown(me)

    return await service.me.run(work)


def _shown(me: Assistant) -> TasteOut:
    learned = me.taste.learn()
    return TasteOut(
        choices=len(set(learned.data.ids)),
        weights=[LearnedWeight.model_validate(one) for one in learned.explain()],
        trial=shown_verdict(learned.verdict()),
    )
