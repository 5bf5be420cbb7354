"""
Defines OpenAI's request shapes, as far as Homeward supports them.

Fields that a client sends and that would change nothing are ignored; those that would change the
reply and cannot be honoured are refused, so that nobody believes they were.

Source:
    OpenAI API reference, chat completions.
"""

from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from homeward.errors import InvalidArgument
from homeward.policy.gate import PRIVATE
from homeward.serving.limits import MOST_IN_CHAT, Told, Word
from homeward.serving.openai.unsupported import refuse_unsupported


class TextPart(BaseModel):
    """A piece of a message; there are no images or sounds here."""

    type: Literal["text"]
    text: Told


class ChatMessage(BaseModel):
    """One message of the conversation that the client holds."""

    model_config = ConfigDict(extra="ignore")

    role: Literal["system", "developer", "user", "assistant"]
    content: Told | Annotated[list[TextPart], Field(max_length=100)]

    @property
    def text(self) -> str:
        """The content as one text."""
        if isinstance(self.content, str):
            return self.content
        return "".join(part.text for part in self.content)


class Personal(BaseModel):
    """Homeward's own part of a request (`extra_body={"homeward": {…}}` in OpenAI's clients)."""

    personalize: bool = True
    audience: Word = Field(
        default=PRIVATE, description="Who reads the reply; the rules apply to this audience."
    )
    purpose: Word = "chat"
    conversation: str | None = Field(
        default=None,
        max_length=200,
        description="Continue this Homeward conversation; only the newest message is read.",
    )


class JsonSchema(BaseModel):
    """A JSON Schema with a name, which means nothing here."""

    model_config = ConfigDict(extra="ignore")

    name: str = ""
    content: dict[str, Any] = Field(alias="schema")


class ResponseFormat(BaseModel):
    """The form of the reply; a schema is held to by a grammar, token by token."""

    type: Literal["text", "json_schema"] = "text"
    json_schema: JsonSchema | None = None

    @model_validator(mode="after")
    def _has_its_schema(self) -> Self:
        if (self.type == "json_schema") != (self.json_schema is not None):
            raise InvalidArgument("give `json_schema` if and only if `type` is 'json_schema'")
        return self


class StreamOptions(BaseModel):
    """What a stream tells besides its pieces."""

    include_usage: bool = False


class ChatRequest(BaseModel):
    """A question, at the end of a conversation that the client holds."""

    model_config = ConfigDict(extra="ignore")

    model: str = ""
    messages: list[ChatMessage] = Field(min_length=1, max_length=2000)
    stream: bool = False
    stream_options: StreamOptions | None = None
    temperature: float | None = Field(None, ge=0, le=2)
    top_p: float | None = Field(None, gt=0, le=1)
    max_tokens: int | None = Field(None, ge=1, le=1_000_000)
    max_completion_tokens: int | None = Field(None, ge=1, le=1_000_000)
    reasoning_effort: Literal["none", "minimal", "low", "medium", "high"] | None = Field(
        None,
        description="How long the model may think before it replies, if it can; by default not at"
        " all. Thoughts come back as `reasoning_content` and are never stored.",
    )
    stop: Word | Annotated[list[Word], Field(max_length=16)] | None = None
    seed: int | None = Field(None, ge=0, lt=2**32 - 1)
    store: bool = Field(
        default=True, description="false: incognito; nothing of the conversation is stored."
    )
    response_format: ResponseFormat | None = None
    homeward: Personal = Field(default_factory=Personal)

    @model_validator(mode="before")
    @classmethod
    def _asks_what_can_be_done(cls, given: Any) -> Any:  # noqa: ANN401  whatever a client sends
        refuse_unsupported(given)
        return given

    @model_validator(mode="after")
    def _is_not_too_long(self) -> Self:
        if sum(len(one.text) for one in self.messages) > MOST_IN_CHAT:
            raise InvalidArgument(f"a conversation has at most {MOST_IN_CHAT} characters")
        return self
