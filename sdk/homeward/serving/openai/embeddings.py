"""This route embeds texts, with OpenAI's shapes."""

import base64
from typing import Annotated, Any, Literal

import numpy as np
from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field, field_validator

from homeward.ports import Vector
from homeward.serving.failures import Failure
from homeward.serving.limits import MOST_INPUTS, Said
from homeward.serving.service import Serving

router = APIRouter(prefix="/v1", tags=["openai"])


class EmbeddingRequest(BaseModel):
    """Texts to be turned into vectors."""

    model_config = ConfigDict(extra="ignore")

    model: str = ""
    input: Said | Annotated[list[Said], Field(min_length=1, max_length=MOST_INPUTS)]
    encoding_format: Literal["float", "base64"] = "float"
    dimensions: int | None = Field(
        None, ge=1, description="Refused, unless it is the length that the vectors have."
    )

    @field_validator("input", mode="before")
    @classmethod
    def _has_no_tokens(cls, given: Any) -> Any:  # noqa: ANN401  whatever a client sends
        first = given[0] if isinstance(given, list) and given else None
        if isinstance(first, int | list):
            raise Failure(
                422,
                "unsupported_value",
                "`input` holds token numbers, which are another model's; send the texts"
                " (LangChain: check_embedding_ctx_length=False)",
                param="input",
            )
        return given


class EmbeddingOne(BaseModel):
    """One text's vector: numbers, or base64 of little-endian float32."""

    object: Literal["embedding"] = "embedding"
    index: int
    embedding: list[float] | str


class EmbeddingUsage(BaseModel):
    """Characters that were read: the embedder's tokens are its own affair."""

    prompt_tokens: int
    total_tokens: int


class EmbeddingList(BaseModel):
    """Vectors, in the order of the texts."""

    object: Literal["list"] = "list"
    data: list[EmbeddingOne]
    model: str
    usage: EmbeddingUsage


@router.post("/embeddings")
async def embeddings(asked: EmbeddingRequest, service: Serving) -> EmbeddingList:
    """Unit vectors of texts, by the embedder that recall uses."""
    texts = [asked.input] if isinstance(asked.input, str) else asked.input
    dims = await service.me.run(lambda me: me.embedder.dims)
    if asked.dimensions not in (None, dims):
        raise Failure(
            422,
            "unsupported_value",
            f"`dimensions` can only be {dims} here: the embedder's vectors cannot be shortened",
            param="dimensions",
        )
    vectors = await service.me.run(lambda me: me.embedder.embed(texts))
    wants_base64 = asked.encoding_format == "base64"
    read = sum(map(len, texts))
    return EmbeddingList(
        data=[
            EmbeddingOne(index=at, embedding=_base64(row) if wants_base64 else row.tolist())
            for at, row in enumerate(vectors)
        ],
        model=asked.model,
        usage=EmbeddingUsage(prompt_tokens=read, total_tokens=read),
    )


def _base64(row: Vector) -> str:
    return base64.b64encode(row.astype(np.dtype("<f4")).tobytes()).decode()
