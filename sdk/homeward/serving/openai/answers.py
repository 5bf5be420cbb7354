"""
Defines OpenAI's response shapes, with Homeward's own fields under `homeward`.

Source:
    OpenAI API reference, chat completions and models.
"""

from typing import Literal

from pydantic import BaseModel, Field

from homeward.serving.learned_use import LearnedUseOut


class UsageDetails(BaseModel):
    """What of the tokens that were written is no part of the reply."""

    reasoning_tokens: int


class Usage(BaseModel):
    """Tokens that were read and written."""

    prompt_tokens: int
    completion_tokens: int
    total_tokens: int
    completion_tokens_details: UsageDetails


class UsedOne(BaseModel):
    """An attribute, a memory, an earlier turn, or a choice that was shown, by its number."""

    kind: str
    id: int


class WithheldOne(BaseModel):
    """An item withheld from the prompt, and the rule that withheld it."""

    kind: str
    id: int | None = Field(description="The record's number; null: every record of this kind.")
    rule: str


class ReplyProvenance(BaseModel):
    """The sources of a reply's prompt, and what was withheld from it."""

    turn: int | None = Field(description="null: incognito.")
    used: list[UsedOne]
    through: list[UsedOne] = Field(
        description="The records that earlier turns among `used` were built on."
    )
    images: list[str] = Field(description="Names of the files attached to the question.")
    learned: list[LearnedUseOut] = Field(description="The learned states that the reply used.")
    withheld: list[WithheldOne]
    dropped_turns: int = Field(description="How many of the oldest turns did not fit the context.")


class ReplyMessage(BaseModel):
    """The reply."""

    role: Literal["assistant"] = "assistant"
    content: str
    reasoning_content: str | None = Field(
        None, description="What the model thought before it replied; null: nothing. Never stored."
    )
    refusal: None = None


FinishReason = Literal["stop", "length"]


class CompletionChoice(BaseModel):
    """The only reply of a completion."""

    index: int = 0
    message: ReplyMessage
    finish_reason: FinishReason
    logprobs: None = None


class ChatCompletion(BaseModel):
    """A whole reply, with what it was built on."""

    id: str
    object: Literal["chat.completion"] = "chat.completion"
    created: int
    model: str
    choices: list[CompletionChoice]
    usage: Usage
    homeward: ReplyProvenance


class Delta(BaseModel):
    """The text that a chunk adds."""

    role: Literal["assistant"] | None = None
    content: str | None = None
    reasoning_content: str | None = None  # comes before the content, and is never stored


class ChunkChoice(BaseModel):
    """The one reply's part of a chunk."""

    index: int = 0
    delta: Delta
    finish_reason: FinishReason | None = None


class ChatChunk(BaseModel):
    """A piece of a streamed reply; the last one says what it was built on."""

    id: str
    object: Literal["chat.completion.chunk"] = "chat.completion.chunk"
    created: int
    model: str
    choices: list[ChunkChoice]
    usage: Usage | None = None
    homeward: ReplyProvenance | None = None


class ModelCard(BaseModel):
    """A model that can be named in a request."""

    id: str
    object: Literal["model"] = "model"
    created: int = 0
    owned_by: Literal["homeward"] = "homeward"


class ModelList(BaseModel):
    """The language model in use and the embedder."""

    object: Literal["list"] = "list"
    data: list[ModelCard]
