"""
Defines the requests of Anthropic's Messages interface, and turns one into a question. Pure.

Source:
    Anthropic API reference, messages.
"""

import json
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from homeward.errors import InvalidArgument
from homeward.prompting.tool_calls import ToolSpec
from homeward.serving.chat.images import from_base64
from homeward.serving.chat.question import ClientQuestion, Dialogue, Drawing, Personal
from homeward.serving.failures import Failure
from homeward.serving.limits import MOST_IN_CHAT, Told, Word
from homeward.tools.calling import AUTO, MOST_TOOLS, NO_TOOLS, REQUIRED, ToolUse


class _Lenient(BaseModel):
    model_config = ConfigDict(extra="ignore")


class TextBlock(_Lenient):
    """A piece of a message's text."""

    type: Literal["text"]
    text: Told


class ImageSource(_Lenient):
    """The bytes of an image."""

    type: str
    data: str = ""


class ImageBlock(_Lenient):
    """An image beside a message's text."""

    type: Literal["image"]
    source: ImageSource


class UseBlock(_Lenient):
    """A call that an earlier reply asked for."""

    type: Literal["tool_use"]
    id: Word
    name: Word
    input: dict[str, Any]


class ResultBlock(_Lenient):
    """What the tool of a call printed."""

    type: Literal["tool_result"]
    tool_use_id: Word
    content: Told | list[TextBlock] = ""

    @property
    def text(self) -> str:
        """The result as one text."""
        if isinstance(self.content, str):
            return self.content
        return "".join(one.text for one in self.content)


class ThoughtBlock(_Lenient):
    """What the model thought before an earlier reply; it is not read again."""

    type: Literal["thinking", "redacted_thinking"]


Block = Annotated[
    TextBlock | ImageBlock | UseBlock | ResultBlock | ThoughtBlock, Field(discriminator="type")
]


class AnthropicMessage(_Lenient):
    """One message of the conversation that the client holds."""

    role: Literal["user", "assistant"]
    content: Told | Annotated[list[Block], Field(max_length=100)]

    @property
    def blocks(self) -> list[Block]:
        """The content as blocks."""
        if isinstance(self.content, str):
            return [TextBlock(type="text", text=self.content)]
        return self.content

    @property
    def text(self) -> str:
        """The content as one text."""
        return "".join(one.text for one in self.blocks if isinstance(one, TextBlock))


class ToolIn(_Lenient):
    """A tool of the client; its input is held to the JSON Schema by a grammar."""

    type: Literal["custom"] | None = None
    name: Word
    description: Told = ""
    input_schema: dict[str, Any]


class ToolChoice(_Lenient):
    """Which tools are to be called."""

    type: Literal["auto", "any", "tool", "none"]
    name: Word | None = None
    disable_parallel_tool_use: bool = False


class Thinking(_Lenient):
    """Whether the model thinks before it replies, and for how many tokens."""

    type: Literal["enabled", "disabled", "adaptive"]
    budget_tokens: int = Field(1024, ge=1, le=1_000_000)


class MessageRequest(_Lenient):
    """A question, at the end of a conversation that the client holds."""

    model: str = ""
    max_tokens: int = Field(ge=1, le=1_000_000)
    messages: list[AnthropicMessage] = Field(min_length=1, max_length=2000)
    system: Told | list[TextBlock] = ""
    stop_sequences: list[Word] = Field(default_factory=list, max_length=16)
    stream: bool = False
    temperature: float | None = Field(None, ge=0, le=1)
    top_p: float | None = Field(None, gt=0, le=1)
    top_k: int | None = Field(None, ge=0)
    tools: list[ToolIn] = Field(default_factory=list, max_length=MOST_TOOLS)
    tool_choice: ToolChoice | None = None
    thinking: Thinking | None = None
    store: bool = Field(default=True, description="Homeward's own; false: nothing is stored.")
    homeward: Personal = Field(default_factory=Personal)

    @model_validator(mode="after")
    def _is_not_too_long(self) -> "MessageRequest":
        if sum(len(one.text) for one in self.messages) > MOST_IN_CHAT:
            raise InvalidArgument(f"a conversation has at most {MOST_IN_CHAT} characters")
        return self


def question_of(request: MessageRequest) -> ClientQuestion:
    """
    Return what a request asks.

    Raises:
        Failure: it asks nothing, or what cannot be done.
    """
    said = Dialogue()
    if system := _system(request):
        said.system.append(system)
    for at, message in enumerate(request.messages):
        _add(said, message, param=f"messages.{at}")
    said.check_ends_with_question()
    return said.asks(
        request.model,
        _tools(request),
        _drawing(request),
        request.homeward,
        incognito=not request.store,
    )


def _system(request: MessageRequest) -> str:
    if isinstance(request.system, str):
        return request.system
    return "\n\n".join(one.text for one in request.system)


def _add(said: Dialogue, message: AnthropicMessage, *, param: str) -> None:
    if message.role == "assistant":
        uses = [one for one in message.blocks if isinstance(one, UseBlock)]
        said.assistant(
            message.text,
            [(one.id, one.name, json.dumps(one.input, ensure_ascii=False)) for one in uses],
        )
        return
    for block in message.blocks:
        if isinstance(block, ResultBlock):
            said.tool(block.tool_use_id, block.text)
    begun = len(said.images)
    images = [
        _image(block, number=begun + at, param=param)
        for at, block in enumerate(
            (one for one in message.blocks if isinstance(one, ImageBlock)), start=1
        )
    ]
    if message.text or images or not any(isinstance(one, ResultBlock) for one in message.blocks):
        said.user(message.text, images)


def _image(block: ImageBlock, *, number: int, param: str) -> Any:  # noqa: ANN401  ImageBytes
    if block.source.type != "base64":
        raise Failure(
            422,
            "unsupported_value",
            f"`{param}`: an image has to come as base64; this server fetches nothing from anywhere",
            param=param,
        )
    return from_base64(block.source.data, number=number, param=param)


def _tools(request: MessageRequest) -> ToolUse:
    choice = request.tool_choice or ToolChoice(type="auto")
    if not request.tools or choice.type == "none":
        return NO_TOOLS
    specs = [ToolSpec(one.name, one.description, one.input_schema) for one in request.tools]
    names = {"auto": AUTO, "any": REQUIRED, "tool": choice.name or ""}
    several = not choice.disable_parallel_tool_use and choice.type != "tool"
    try:
        return ToolUse.of(specs, choice=names[choice.type], several=several)
    except InvalidArgument as error:
        raise Failure(422, "invalid_request", f"`tools`: {error}", param="tools") from None


def _drawing(request: MessageRequest) -> Drawing:
    thinks = request.thinking is not None and request.thinking.type != "disabled"
    return Drawing(
        temperature=request.temperature,
        top_p=request.top_p,
        top_k=request.top_k,
        most=request.max_tokens,
        thinking=request.thinking.budget_tokens if request.thinking and thinks else 0,
        stop=tuple(filter(None, request.stop_sequences)),
    )
