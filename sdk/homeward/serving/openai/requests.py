"""
Defines the shapes of OpenAI's chat requests, as far as Homeward supports them.

Fields that a client sends and that would change nothing are ignored; those that would change the
reply and cannot be honoured are refused, so that nobody believes they were.

Source:
    OpenAI API reference, chat completions.
"""

from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from homeward.engines.runtime import MOST_LIKELY
from homeward.errors import InvalidArgument
from homeward.serving.chat.question import Personal
from homeward.serving.limits import MOST_IN_CHAT, Told, Word
from homeward.serving.openai.unsupported import refuse_unsupported
from homeward.tools.calling import MOST_CALLS, MOST_TOOLS

MOST_BIASES = 1000


class TextPart(BaseModel):
    """A piece of a message's text."""

    type: Literal["text"]
    text: Told


class RefusalPart(BaseModel):
    """An earlier reply's refusal, which is read as its text."""

    type: Literal["refusal"]
    refusal: Told

    @property
    def text(self) -> str:
        """The words."""
        return self.refusal


class ImageAddress(BaseModel):
    """Where an image is: only a `data:` URL is read."""

    model_config = ConfigDict(extra="ignore")

    url: str


class ImagePart(BaseModel):
    """An image beside a message's text."""

    type: Literal["image_url"]
    image_url: ImageAddress


Part = Annotated[TextPart | RefusalPart | ImagePart, Field(discriminator="type")]


class GivenFunction(BaseModel):
    """The name and the arguments of a call; the arguments are JSON."""

    name: Word
    arguments: Told = "{}"


class GivenCall(BaseModel):
    """A call that an earlier reply asked for."""

    model_config = ConfigDict(extra="ignore")

    id: Word
    type: Literal["function"] = "function"
    function: GivenFunction


class ChatMessage(BaseModel):
    """One message of the conversation that the client holds."""

    model_config = ConfigDict(extra="ignore")

    role: Literal["system", "developer", "user", "assistant", "tool"]
    content: Told | Annotated[list[Part], Field(max_length=100)] | None = None
    tool_calls: list[GivenCall] | None = Field(None, max_length=MOST_CALLS)
    tool_call_id: Word | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self.content is None and not self.tool_calls and self.role != "assistant":
            raise InvalidArgument("content is missing")
        if self.role == "tool" and self.tool_call_id is None:
            raise InvalidArgument("tool_call_id is missing")
        return self

    @property
    def text(self) -> str:
        """The content as one text."""
        if isinstance(self.content, list):
            return "".join(part.text for part in self.content if not isinstance(part, ImagePart))
        return self.content or ""

    @property
    def images(self) -> list[str]:
        """The addresses of its images."""
        parts = self.content if isinstance(self.content, list) else []
        return [part.image_url.url for part in parts if isinstance(part, ImagePart)]


class JsonSchema(BaseModel):
    """A JSON Schema with a name, which means nothing here."""

    model_config = ConfigDict(extra="ignore")

    name: str = ""
    content: dict[str, Any] = Field(alias="schema")


class ResponseFormat(BaseModel):
    """The form of the reply; it is held to by a grammar, token by token."""

    type: Literal["text", "json_object", "json_schema"] = "text"
    json_schema: JsonSchema | None = None

    @model_validator(mode="after")
    def _has_its_schema(self) -> Self:
        if (self.type == "json_schema") != (self.json_schema is not None):
            raise InvalidArgument("give `json_schema` if and only if `type` is 'json_schema'")
        return self

    @property
    def wanted(self) -> dict[str, Any] | None:
        """The schema of the reply; None: it is text."""
        if self.json_schema is not None:
            return self.json_schema.content
        return {"type": "object"} if self.type == "json_object" else None


class StreamOptions(BaseModel):
    """What a stream tells besides its pieces."""

    include_usage: bool = False


class FunctionTool(BaseModel):
    """A function of the client; its arguments are held to their JSON Schema by a grammar."""

    model_config = ConfigDict(extra="ignore")

    name: Word
    description: Told = ""
    parameters: dict[str, Any] = Field(default_factory=lambda: {"type": "object", "properties": {}})


class ClientTool(BaseModel):
    """A tool of the client, which the client calls."""

    model_config = ConfigDict(extra="ignore")

    type: Literal["function"]
    function: FunctionTool


class ChosenFunction(BaseModel):
    """The name of a function."""

    name: Word


class ChosenTool(BaseModel):
    """The one tool that has to be called."""

    type: Literal["function"]
    function: ChosenFunction


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
    store: bool | None = Field(
        None, description="false: incognito; nothing of the conversation is stored."
    )
    response_format: ResponseFormat | None = None
    presence_penalty: float | None = Field(None, ge=-2, le=2)
    frequency_penalty: float | None = Field(None, ge=-2, le=2)
    logit_bias: dict[str, Annotated[float, Field(ge=-100, le=100)]] | None = Field(
        None, max_length=MOST_BIASES, description="By token ids of the model in use."
    )
    logprobs: bool | None = None
    top_logprobs: int | None = Field(None, ge=0, le=MOST_LIKELY)
    tools: list[ClientTool] | None = Field(None, max_length=MOST_TOOLS)
    tool_choice: Literal["none", "auto", "required"] | ChosenTool | None = None
    parallel_tool_calls: bool | None = None
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
