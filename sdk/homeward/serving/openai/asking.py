"""Turns a chat request of OpenAI's shape into a question. Pure."""

from homeward.errors import InvalidArgument
from homeward.prompting.tool_calls import ToolSpec
from homeward.serving.chat.images import image_of
from homeward.serving.chat.question import ClientQuestion, Dialogue, Drawing, grammar_for
from homeward.serving.failures import Failure
from homeward.serving.openai.requests import ChatMessage, ChatRequest, ChosenTool
from homeward.tools.calling import AUTO, NO_TOOLS, ToolUse

EFFORTS = {"none": 0, "minimal": 128, "low": 512, "medium": 1024, "high": 4096}  # tokens


def question_of(request: ChatRequest) -> ClientQuestion:
    """
    Return what a request asks.

    Raises:
        Failure: it asks nothing, or what cannot be done.
    """
    said = Dialogue()
    for at, message in enumerate(request.messages):
        _add(said, message, param=f"messages.{at}")
    said.check_ends_with_question()
    tools = _tools(request)
    drawing = _drawing(request)
    if drawing.grammar and tools.tools and tools.choice == AUTO:
        raise Failure(
            422,
            "unsupported_value",
            "`response_format` goes with `tools` only where `tool_choice` is 'none' or 'required':"
            " a reply has one form",
            param="response_format",
        )
    return said.asks(
        request.model, tools, drawing, request.homeward, incognito=request.store is False
    )


def _add(said: Dialogue, message: ChatMessage, *, param: str) -> None:
    match message.role:
        case "system" | "developer":
            said.system.append(message.text)
        case "user":
            begun = len(said.images)
            images = [
                image_of(one, number=begun + at, param=f"{param}.content")
                for at, one in enumerate(message.images, start=1)
            ]
            said.user(message.text, images)
        case "assistant":
            calls = message.tool_calls or []
            said.assistant(
                message.text,
                [(one.id, one.function.name, one.function.arguments) for one in calls],
            )
        case "tool":
            said.tool(message.tool_call_id or "", message.text)


def _tools(request: ChatRequest) -> ToolUse:
    choice = request.tool_choice or AUTO
    if not request.tools or choice == "none":
        return NO_TOOLS
    name = choice.function.name if isinstance(choice, ChosenTool) else choice
    functions = [one.function for one in request.tools]
    specs = [ToolSpec(one.name, one.description, one.parameters) for one in functions]
    several = request.parallel_tool_calls is not False and not isinstance(choice, ChosenTool)
    return tool_use(specs, choice=name, several=several)


def tool_use(specs: list[ToolSpec], *, choice: str, several: bool) -> ToolUse:
    """
    Return the use of a client's tools.

    Raises:
        Failure: one of them cannot be called; the message names it and why.
    """
    try:
        return ToolUse.of(specs, choice=choice, several=several)
    except InvalidArgument as error:
        raise Failure(422, "invalid_request", f"`tools`: {error}", param="tools") from None


def _drawing(request: ChatRequest) -> Drawing:
    wanted = request.response_format.wanted if request.response_format else None
    stop = (request.stop,) if isinstance(request.stop, str) else tuple(request.stop or ())
    if request.top_logprobs and not request.logprobs:
        raise Failure(
            422,
            "invalid_request",
            "`top_logprobs` goes with `logprobs`: true",
            param="top_logprobs",
        )
    return Drawing(
        temperature=request.temperature,
        top_p=request.top_p,
        most=request.max_completion_tokens or request.max_tokens,
        thinking=EFFORTS[request.reasoning_effort or "none"],
        stop=tuple(filter(None, stop)),
        seed=request.seed,
        presence_penalty=request.presence_penalty or 0.0,
        frequency_penalty=request.frequency_penalty or 0.0,
        bias=_bias(request),
        top_logprobs=(request.top_logprobs or 0) if request.logprobs else None,
        grammar=None if wanted is None else grammar_for(wanted, param="response_format"),
    )


def _bias(request: ChatRequest) -> tuple[tuple[int, float], ...]:
    given = request.logit_bias or {}
    if wrong := next((key for key in given if not key.isdecimal() or len(key) > 9), None):
        raise Failure(
            422,
            "invalid_request",
            f"`logit_bias`: a key has to be a token's number, and one of {len(wrong)} characters"
            " is none",
            param="logit_bias",
        )
    return tuple((int(key), by) for key, by in given.items())
