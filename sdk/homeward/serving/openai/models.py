"""These routes list the models that a request may name."""

from fastapi import APIRouter

from homeward.assistant import Assistant
from homeward.serving.chat.question import MODEL
from homeward.serving.failures import Failure
from homeward.serving.openai.answers import ModelCard, ModelList
from homeward.serving.service import Serving

router = APIRouter(prefix="/v1", tags=["openai"])


@router.get("/models")
async def models(service: Serving) -> ModelList:
    """The language model in use, by both of its names, and the embedder."""
    return ModelList(data=await service.me.run(_cards))


@router.get("/models/{name:path}")
async def model(name: str, service: Serving) -> ModelCard:
    """One of these models."""
    for card in await service.me.run(_cards):
        if card.id == name:
            return card
    raise Failure(
        404,
        "model_not_found",
        "this server has no model of that name; GET /v1/models lists what it has",
        param="model",
    )


def _cards(me: Assistant) -> list[ModelCard]:
    names = (MODEL, me.model.name, f"embedder-{me.embedder.sha256[:12]}")
    return [ModelCard(id=one) for one in names]
