"""
Reads off a model's own template how its tools, calls and results are written.

Names, descriptions and schemas are an app's words: each is marked before it is rendered, so that
it is tokenized without control tokens wherever the template puts it. A template that knows no
tools, or writes arguments in another form than JSON, is left aside: such a model is told of tools
in words of our own.

Source:
    Hugging Face transformers, docs "Tool use": what templates are given.
"""

import json
import re
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from homeward.ports import TemplateSource
from homeward.prompting.template_rendering import Job, Message, Refused, render
from homeward.prompting.thoughts import ThoughtMarks, opened_reply, opened_thought
from homeward.prompting.tool_calls import CallPieces, ToolSpec

_BEGIN, _END = "\ue020", "\ue021"  # around an app's words
_PRIVATE = re.compile("[\ue000-\uf8ff]")
_CONTENT = re.compile(f"{_BEGIN}([^{_END}]*){_END}")
_NAMES, _RESULTS = ("\ue022", "\ue023"), ("\ue026", "\ue027")
_KEY, _VALUES = "\ue028", ("\ue024", "\ue025")
_IDS = ("call00001", "call00002")  # nine letters or digits, as Mistral's templates insist on
# Words of JSON Schema and of the form that tools are given in: a template may compare with them.
_PLAIN = frozenset(
    "type function name description parameters properties required items enum anyOf $defs $ref"
    " object array string integer number boolean null additionalProperties".split()
)


def tools_given(tools: Sequence[ToolSpec]) -> str:
    """Return `tools` as JSON, as a template is given them, with each of an app's words marked."""
    return json.dumps(
        [
            {
                "type": "function",
                "function": _marked(
                    {
                        "name": one.name,
                        "description": one.description,
                        "parameters": dict(one.parameters),
                    }
                ),
            }
            for one in tools
        ],
        ensure_ascii=False,
    )


def parts(text: str) -> Iterator[tuple[str, bool]]:
    """Yield the stretches of a rendered text, and whether each is an app's."""
    at = 0
    for found in _CONTENT.finditer(text):
        yield text[at : found.start()], False
        yield found[1], True
        at = found.end()
    yield text[at:], False


def call_pieces(
    source: TemplateSource,
    messages: Sequence[Message],
    past_reply_start: str,
    marks: ThoughtMarks | None,
    today: date,
    *,
    tools: str,
    in_parts: bool,
) -> tuple[CallPieces, CallPieces] | None:
    """
    Return the pieces for a reply at once and for one after a thought; None: there are none.

    `messages` end with the question that calls come after.
    """
    jobs = [
        Job(tuple(messages), thinking, in_parts, tools, _called(count, as_text=as_text))
        for as_text in (False, True)
        for thinking in (False, True)
        for count in (1, 2)
    ]
    texts = render(source, tuple(jobs), today).texts
    question = messages[-1][1]
    for at in (0, 4):
        read = [
            _read(texts[at + mode : at + mode + 2], question, past_reply_start) for mode in (0, 2)
        ]
        if (at_once := read[0]) is not None:
            thinking = read[1] or at_once
            return _opened(at_once, marks, past_reply_start), _thinking(thinking, marks)
    return None


def _marked(value: Any) -> Any:  # noqa: ANN401  whatever JSON can say
    if isinstance(value, str):
        return _mark(value)
    if isinstance(value, dict):
        return {_mark(key): _marked(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_marked(one) for one in value]
    return value


def _mark(text: str) -> str:
    return text if text in _PLAIN else f"{_BEGIN}{_PRIVATE.sub('', text)}{_END}"


def _called(count: int, *, as_text: bool) -> str:
    """Return the messages of `count` calls at once, and of their results."""
    arguments: list[object] = [{_KEY: value} for value in _VALUES]
    if as_text:
        arguments = [json.dumps(one, ensure_ascii=False) for one in arguments]
    calls = [
        {"id": _IDS[at], "type": "function", "function": {"name": name, "arguments": arguments[at]}}
        for at, name in enumerate(_NAMES[:count])
    ]
    results = [
        {"role": "tool", "tool_call_id": _IDS[at], "name": _NAMES[at], "content": _RESULTS[at]}
        for at in range(count)
    ]
    return json.dumps([{"role": "assistant", "content": "", "tool_calls": calls}, *results])


def _read(
    texts: Sequence[str | Refused], question: str, past_reply_start: str
) -> CallPieces | None:
    """Return the pieces in a conversation with one call, with those of two where they agree."""
    one, two = (_cut(text, question, count) for text, count in zip(texts, (1, 2), strict=True))
    if one is None or not one[0].startswith(past_reply_start):
        return None
    begin, between, printed, opened = one
    begin = begin.removeprefix(past_reply_start)
    pieces = CallPieces(begin, between, None, printed, "", opened)
    if two is None:
        return pieces
    head, between, then, again, last, next_result, end = two
    if (head, between, again, last, end) != (one[0], one[1], one[1], printed, opened):
        return pieces
    return pieces._replace(then=then, next_result=next_result)


def _cut(text: str | Refused, question: str, count: int) -> list[str] | None:
    """Return the texts between the question, the calls and the results; None: one is amiss."""
    if isinstance(text, Refused):
        return None
    stretches = [re.escape(question)]
    for name, value in zip(_NAMES[:count], _VALUES, strict=False):
        stretches += [name, rf'\{{\s*"{_KEY}"\s*:\s*"{value}"\s*\}}']
    stretches += _RESULTS[:count]
    pieces = []
    for at, stretch in enumerate(stretches):
        found = re.search(stretch, text)
        if found is None:
            return None
        if at:
            pieces.append(text[: found.start()])
        text = text[found.end() :]
    return [*pieces, text]


def _opened(pieces: CallPieces, marks: ThoughtMarks | None, past: str) -> CallPieces:
    return pieces._replace(opened=opened_reply(past, pieces.opened, marks))


def _thinking(pieces: CallPieces, marks: ThoughtMarks | None) -> CallPieces:
    return pieces._replace(opened=opened_thought(pieces.opened, marks)) if marks else pieces
