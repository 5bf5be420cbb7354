"""
Defines the requests of OpenAI's Responses interface, and turns one into a question. Pure.

Source:
    OpenAI API reference, responses.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag, model_validator

from homeward.conversation.reply import DrawnCall
from homeward.errors import InvalidArgument
from homeward.prompting.tool_calls import ToolSpec
from homeward.serving.chat.conversations import OpenConversation
from homeward.serving.chat.images import image_of
from homeward.serving.chat.question import ClientQuestion, Dialogue, Drawing, Personal, grammar_for
from homeward.serving.failures import Failure
from homeward.serving.limits import MOST_IN_CHAT, Told, Word
from homeward.serving.openai.asking import EFFORTS, tool_use
from homeward.serving.openai.unsupported import OF_RESPONSES, refuse_unsupported
from homeward.tools.calling import AUTO, MOST_TOOLS, NO_TOOLS, ToolUse

_CALL = re.compile(r"call_[0-9a-f]{24}(\d)")


class _Lenient(BaseModel):
    model_config = ConfigDict(extra="ignore")


class TextItem(_Lenient):
    """A piece of a message's text."""

    type: Literal["input_text", "output_text", "refusal", "text"]
    text: Told = ""
    refusal: Told = ""


class ImageItem(_Lenient):
    """An image beside a message's text."""

    type: Literal["input_image"]
    image_url: str


class InputMessage(_Lenient):
    """A message of the conversation."""

    type: Literal["message"] = "message"
    role: Literal["system", "developer", "user", "assistant"]
    content: (
        Told
        | Annotated[
            list[Annotated[TextItem | ImageItem, Field(discriminator="type")]],
            Field(max_length=100),
        ]
    )

    @property
    def text(self) -> str:
        """The content as one text."""
        if isinstance(self.content, str):
            return self.content
        return "".join(one.text or one.refusal for one in self.content if one.type != "input_image")

    @property
    def images(self) -> list[str]:
        """The addresses of its images."""
        parts = [] if isinstance(self.content, str) else self.content
        return [one.image_url for one in parts if one.type == "input_image"]


class FunctionCall(_Lenient):
    """A call that an earlier response asked for."""

    type: Literal["function_call"]
    call_id: Word
    name: Word
    arguments: Told


class FunctionOutput(_Lenient):
    """What the tool of a call printed."""

    type: Literal["function_call_output"]
    call_id: Word
    output: Told | list[TextItem]

    @property
    def text(self) -> str:
        """The output as one text."""
        if isinstance(self.output, str):
            return self.output
        return "".join(one.text for one in self.output)


class Reasoning(_Lenient):
    """What the model thought before an earlier response; it is not read again."""

    type: Literal["reasoning"]


def _kind(item: Any) -> str:  # noqa: ANN401  whatever a client sends
    given = item.get("type") if isinstance(item, Mapping) else getattr(item, "type", None)
    return str(given or "message")


Item = Annotated[
    Annotated[InputMessage, Tag("message")]
    | Annotated[FunctionCall, Tag("function_call")]
    | Annotated[FunctionOutput, Tag("function_call_output")]
    | Annotated[Reasoning, Tag("reasoning")],
    Discriminator(_kind),
]


class ResponseTool(_Lenient):
    """A function of the client; its arguments are held to their JSON Schema by a grammar."""

    type: Literal["function"]
    name: Word
    description: Told | None = None
    parameters: dict[str, Any] | None = None


class ChosenResponseTool(_Lenient):
    """The one tool that has to be called."""

    type: Literal["function"]
    name: Word


class TextFormat(_Lenient):
    """The form of the reply."""

    type: Literal["text", "json_object", "json_schema"] = "text"
    content: dict[str, Any] | None = Field(None, alias="schema")


class TextConfig(_Lenient):
    """How the reply is written."""

    format: TextFormat | None = None


class ReasoningConfig(_Lenient):
    """How long the model may think before it replies."""

    effort: Literal["none", "minimal", "low", "medium", "high"] | None = None


class ResponseRequest(_Lenient):
    """A question: at the end of `input`, or after the response of `previous_response_id`."""

    model: str = ""
    input: Told | Annotated[list[Item], Field(min_length=1, max_length=2000)]
    instructions: Told | None = None
    previous_response_id: Word | None = None
    store: bool | None = Field(None, description="false: incognito; nothing is stored.")
    stream: bool | None = None
    temperature: float | None = Field(None, ge=0, le=2)
    top_p: float | None = Field(None, gt=0, le=1)
    max_output_tokens: int | None = Field(None, ge=1, le=1_000_000)
    reasoning: ReasoningConfig | None = None
    text: TextConfig | None = None
    tools: list[ResponseTool] | None = Field(None, max_length=MOST_TOOLS)
    tool_choice: Literal["none", "auto", "required"] | ChosenResponseTool | None = None
    parallel_tool_calls: bool | None = None
    homeward: Personal = Field(default_factory=Personal)

    @model_validator(mode="before")
    @classmethod
    def _asks_what_can_be_done(cls, given: Any) -> Any:  # noqa: ANN401  whatever a client sends
        refuse_unsupported(given, OF_RESPONSES)
        return given

    @model_validator(mode="after")
    def _is_not_too_long(self) -> "ResponseRequest":
        items = [self.input] if isinstance(self.input, str) else self.input
        if sum(len(one if isinstance(one, str) else getattr(one, "text", "")) for one in items) > (
            MOST_IN_CHAT
        ):
            raise InvalidArgument(f"a conversation has at most {MOST_IN_CHAT} characters")
        return self


def question_of(
    request: ResponseRequest, waiting: OpenConversation | None = None
) -> ClientQuestion:
    """
    Return what a request asks, in the conversation that is `waiting`, if it continues one.

    Raises:
        Failure: it asks nothing, or what cannot be done.
    """
    said = Dialogue()
    items = (
        [InputMessage(role="user", content=request.input)]
        if isinstance(request.input, str)
        else (request.input)
    )
    if waiting is not None and (wanted := _wanted(items, waiting.calls)):
        said.user(waiting.asked)
        said.assistant("", wanted)
    _read(said, items)
    said.check_ends_with_question("input")
    if request.instructions:
        said.system.insert(0, request.instructions)
    own = request.homeward
    if waiting is not None:
        own = own.model_copy(update={"conversation": waiting.conversation})
    return said.asks(
        request.model,
        _tools(request),
        _drawing(request),
        own,
        incognito=request.store is False,
    )


def _read(said: Dialogue, items: Sequence[Any]) -> None:
    calls: list[tuple[str, str, str]] = []
    for at, item in enumerate(items):
        if isinstance(item, FunctionCall):
            calls.append((item.call_id, item.name, item.arguments))
            continue
        if calls and not isinstance(item, Reasoning):
            said.assistant("", calls)
            calls = []
        if isinstance(item, FunctionOutput):
            said.tool(item.call_id, item.text)
        elif isinstance(item, InputMessage):
            _add(said, item, param=f"input.{at}")
    if calls:
        said.assistant("", calls)


def _add(said: Dialogue, message: InputMessage, *, param: str) -> None:
    if message.role == "user":
        begun = len(said.images)
        said.user(
            message.text,
            [
                image_of(one, number=begun + at, param=param)
                for at, one in enumerate(message.images, start=1)
            ],
        )
    elif message.role == "assistant":
        said.assistant(message.text)
    else:
        said.system.append(message.text)


def _wanted(items: Sequence[Any], calls: Sequence[DrawnCall]) -> list[tuple[str, str, str]]:
    """Return the calls under the ids by which their results name them."""
    wanted = []
    for item in items:
        found = _CALL.fullmatch(item.call_id) if isinstance(item, FunctionOutput) else None
        if found is not None and int(found[1]) < len(calls):
            call = calls[int(found[1])]
            wanted.append((item.call_id, call.name, call.arguments))
    return wanted


def _tools(request: ResponseRequest) -> ToolUse:
    choice = request.tool_choice or AUTO
    if not request.tools or choice == "none":
        return NO_TOOLS
    nothing: dict[str, Any] = {"type": "object", "properties": {}}
    specs = [
        ToolSpec(one.name, one.description or "", one.parameters or nothing)
        for one in request.tools
    ]
    name = choice.name if isinstance(choice, ChosenResponseTool) else choice
    several = request.parallel_tool_calls is not False and not isinstance(
        choice, ChosenResponseTool
    )
    return tool_use(specs, choice=name, several=several)


def _drawing(request: ResponseRequest) -> Drawing:
    form = request.text.format if request.text else None
    effort = request.reasoning.effort if request.reasoning else None
    return Drawing(
        temperature=request.temperature,
        top_p=request.top_p,
        most=request.max_output_tokens,
        thinking=EFFORTS[effort or "none"],
        grammar=_grammar(form),
    )


def _grammar(form: TextFormat | None) -> str | None:
    if form is None or form.type == "text":
        return None
    schema = form.content if form.type == "json_schema" else {"type": "object"}
    if schema is None:
        raise Failure(
            422, "invalid_request", "`text.format.schema` is missing", param="text.format"
        )
    return grammar_for(schema, param="text.format")
