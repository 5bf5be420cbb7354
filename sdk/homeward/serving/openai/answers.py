"""
Defines OpenAI's response shapes, with Homeward's own fields under `homeward`.

Source:
    OpenAI API reference, chat completions and models.
"""

from typing import Literal

from pydantic import BaseModel, Field

from homeward.serving.provenance import ReplyProvenance


class UsageDetails(BaseModel):
    """What of the tokens that were written is no part of the reply."""

    reasoning_tokens: int


class PromptDetails(BaseModel):
    """What of the tokens that were read was in the KV cache already."""

    cached_tokens: int


class Usage(BaseModel):
    """Tokens that were read and written."""

    prompt_tokens: int
    completion_tokens: int
    total_tokens: int
    prompt_tokens_details: PromptDetails
    completion_tokens_details: UsageDetails


class CalledFunction(BaseModel):
    """A function of the client, and the arguments that it is to be called with, as JSON."""

    name: str
    arguments: str


class ToolCall(BaseModel):
    """A call that the client is to make."""

    id: str
    type: Literal["function"] = "function"
    function: CalledFunction


class LikelyToken(BaseModel):
    """A token's text, its bytes, and the natural logarithm of its probability."""

    token: str
    logprob: float
    bytes: list[int]


class TokenLogprob(LikelyToken):
    """The same of a token that was drawn, with the likeliest at its place."""

    top_logprobs: list[LikelyToken]


class Logprobs(BaseModel):
    """The tokens of a reply, or of a piece of it."""

    content: list[TokenLogprob]


class ReplyMessage(BaseModel):
    """The reply."""

    role: Literal["assistant"] = "assistant"
    content: str | None = Field(description="null: there are only calls.")
    reasoning_content: str | None = Field(
        None, description="What the model thought before it replied; null: nothing. Never stored."
    )
    refusal: None = None
    tool_calls: list[ToolCall] | None = None


FinishReason = Literal["stop", "length", "tool_calls"]


class CompletionChoice(BaseModel):
    """The only reply of a completion."""

    index: int = 0
    message: ReplyMessage
    finish_reason: FinishReason
    logprobs: Logprobs | None = None


class ChatCompletion(BaseModel):
    """A whole reply, with what it was built on."""

    id: str
    object: Literal["chat.completion"] = "chat.completion"
    created: int
    model: str
    choices: list[CompletionChoice]
    usage: Usage
    homeward: ReplyProvenance


class CalledPiece(BaseModel):
    """A piece of a call: its name comes first, and then its arguments."""

    name: str | None = None
    arguments: str


class CallDelta(BaseModel):
    """The part of one call that a chunk adds."""

    index: int
    id: str | None = None
    type: Literal["function"] | None = None
    function: CalledPiece


class Delta(BaseModel):
    """The text that a chunk adds."""

    role: Literal["assistant"] | None = None
    content: str | None = None
    reasoning_content: str | None = None  # comes before the content, and is never stored
    tool_calls: list[CallDelta] | None = None


class ChunkChoice(BaseModel):
    """The one reply's part of a chunk."""

    index: int = 0
    delta: Delta
    finish_reason: FinishReason | None = None
    logprobs: Logprobs | None = None


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
