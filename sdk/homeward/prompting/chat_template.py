"""
Splits a model's chat template into fixed pieces, so that content is never tokenized with them.

Template pieces are tokenized with control tokens, content without: a person, a document or a memory
that contains the text `<|im_end|>` stays text and cannot end its turn. The pieces are read off the
template by rendering marks through it, in conversations of several lengths: what differs from turn
to turn has no pieces, and is refused.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import chain
from typing import NamedTuple

from homeward.errors import UnsupportedModel
from homeward.ports import LanguageModel, TemplateSource, Tokens
from homeward.prompting.plain_roles import PlainRoles
from homeward.prompting.template_rendering import Job, Message, Refused, render
from homeward.prompting.thoughts import (
    ThoughtMarks,
    opened_reply,
    opened_thought,
    thought_marks,
)
from homeward.prompting.tool_calls import OWN_PIECES, CallPieces, CallTokens, ToolSpec, told
from homeward.prompting.tool_template import call_pieces, parts, tools_given

# Private-use characters: no template contains them, and no template's trimming touches them. What
# stands between is what a template would have to escape or to change, were it to do so.
_SYSTEM, *_SAID = (f'\ue000"&aZ{mark}\ue001' for mark in "\ue010\ue011\ue012\ue013\ue014\ue015")
_ROLES = ("user", "assistant", "user", "assistant", "user")
_LENGTHS = (1, 3, 5)  # messages after the system's, of the conversations that are rendered


@dataclass(frozen=True, slots=True)
class ThoughtTokens:
    """How a thought is told from a reply: each mark as a token that shows no text, or as text."""

    begin: str
    end: str
    begin_token: Tokens  # empty: the mark shows as text
    end_token: Tokens
    opening: Tokens
    closing: Tokens  # the end, and what stands between it and the reply


@dataclass(frozen=True, slots=True)
class ChatTemplate:
    """
    Holds the token ids that a chat template puts between contents.

    A conversation is `opening` system `system_end` question `past_reply_start` reply `reply_end`
    question `past_reply_start` reply `reply_end` … question `reply_start`.
    """

    opening: Tokens
    system_end: Tokens
    past_reply_start: Tokens
    reply_end: Tokens
    reply_start: Tokens  # of the reply that is to be written, or of the thought before it
    thought: ThoughtTokens | None = None
    thinks: bool = False  # `reply_start` opens a thought
    plain: PlainRoles = field(default_factory=PlainRoles)
    calls: CallTokens | None = None  # how tools are called; None: there are none
    told: str = ""  # of the tools, at the end of the system message


@dataclass(frozen=True, slots=True)
class ChatTemplates:
    """The pieces with which a model replies at once, and those with which it thinks before."""

    at_once: ChatTemplate
    thinking: ChatTemplate | None = None  # None: it has no thoughts
    dated: bool = False  # the pieces say what day it is


class _Pieces(NamedTuple):
    """The texts between contents, as the template renders them."""

    opening: str
    system_end: str
    past_reply_start: str
    reply_end: str
    opened: str


@dataclass(frozen=True, slots=True)
class TemplateTexts:
    """A template's pieces as text, for both modes, with the marks of its thoughts."""

    at_once: _Pieces
    thinking: _Pieces
    marks: ThoughtMarks | None  # None: it has no thoughts
    dated: bool
    calls: tuple[CallPieces, CallPieces] | None = None  # for both modes; None: it knows no tools


def chat_templates(
    model: LanguageModel, today: date, tools: Sequence[ToolSpec] = ()
) -> ChatTemplates:
    """
    Read the pieces off the model's own template, or write them for a model that has none.

    `tools` stand where the template puts them; where it knows none, the system message tells of
    them.

    Raises:
        UnsupportedModel: as `template_texts`.
    """
    if model.template.jinja is None:
        return _telling(model, ChatTemplates(_base_model(model)), tools)
    given = tools_given(tools) if tools else ""
    read = template_texts(model.template, model.info.name, today, tools=given)
    calls = read.calls or (None, None)
    at_once = _template(model, read.at_once, read.marks, calls=calls[0])
    thinking = (
        _template(model, read.thinking, read.marks, calls=calls[1], thinks=True)
        if read.marks
        else None
    )
    found = ChatTemplates(at_once, thinking, read.dated)
    return found if read.calls else _telling(model, found, tools)


def _telling(
    model: LanguageModel, found: ChatTemplates, tools: Sequence[ToolSpec]
) -> ChatTemplates:
    """Return templates whose system message tells of `tools`."""
    if not tools:
        return found

    def tells(chat: ChatTemplate) -> ChatTemplate:
        return replace(chat, calls=own_calls(model, chat), told=told(tools))

    thinking = None if found.thinking is None else tells(found.thinking)
    return replace(found, at_once=tells(found.at_once), thinking=thinking)


def template_texts(
    source: TemplateSource, name: str, today: date, *, tools: str = ""
) -> TemplateTexts:
    """
    Render the template of the model called `name`, and cut it.

    `tools`: as `tools_given`. Where the template does not know tools, there are no `calls`, and the
    pieces are those without.

    Raises:
        UnsupportedModel: the template fails, takes too long, drops, repeats, changes or reorders
            what it is given, or differs from turn to turn.
    """
    at_once, thinking, dated = _read(source, today)
    in_parts = isinstance(at_once, Refused)
    if isinstance(at_once, Refused):
        others, thinking, dated = _read(source, today, in_parts=True)
        if isinstance(others, Refused):
            raise UnsupportedModel(f"the chat template of {name} cannot be used: {at_once.reason}")
        at_once = others
    texts = _texts(source, at_once, thinking, dated=dated)
    if not tools or "tools" not in (source.jinja or ""):
        return texts
    return _with_tools(source, today, texts, tools=tools, in_parts=in_parts) or texts


def _texts(
    source: TemplateSource, at_once: _Pieces, thinking: _Pieces | Refused, *, dated: bool
) -> TemplateTexts:
    if isinstance(thinking, Refused):
        thinking = at_once
    marks = thought_marks(source.jinja or "", "".join(at_once + thinking))
    begun = opened_reply(at_once.past_reply_start, at_once.opened, marks)
    thought = opened_thought(thinking.opened, marks) if marks else thinking.opened
    return TemplateTexts(
        at_once._replace(opened=begun), thinking._replace(opened=thought), marks, dated
    )


def _with_tools(
    source: TemplateSource, today: date, without: TemplateTexts, *, tools: str, in_parts: bool
) -> TemplateTexts | None:
    """Return the pieces with `tools` in them; None where the template does not know what to do."""
    at_once, thinking, dated = _read(source, today, in_parts=in_parts, tools=tools)
    if isinstance(at_once, Refused) or at_once[:2] == without.at_once[:2]:
        return None
    texts = _texts(source, at_once, thinking, dated=dated)
    for merged in (False, True):
        messages = _conversations(merged=merged)[0]
        calls = call_pieces(
            source,
            messages,
            at_once.past_reply_start,
            texts.marks,
            today,
            tools=tools,
            in_parts=in_parts,
        )
        if calls is not None:
            return replace(texts, calls=calls)
    return None


def _read(
    source: TemplateSource, today: date, *, in_parts: bool = False, tools: str = ""
) -> tuple[_Pieces | Refused, _Pieces | Refused, bool]:
    """Return the pieces without and with a thought, and whether they say what day it is."""
    shapes = [*_conversations(merged=False), *_conversations(merged=True)]
    jobs = [Job(one, thinking, in_parts, tools) for thinking in (False, True) for one in shapes]
    rendered = render(source, tuple(jobs), today)
    half = len(shapes)
    return _pieces(rendered.texts[:half]), _pieces(rendered.texts[half:]), rendered.dated


def _conversations(*, merged: bool) -> list[tuple[Message, ...]]:
    """Return conversations of every length; `merged`: without a message of the system's."""
    said = list(zip(_ROLES, _SAID, strict=True))
    if merged:
        said[0] = ("user", f"{_SYSTEM}\n\n{_SAID[0]}")
    head = [] if merged else [("system", _SYSTEM)]
    return [(*head, *said[:length]) for length in _LENGTHS]


def _pieces(texts: Sequence[str | Refused]) -> _Pieces | Refused:
    """Cut conversations with a system's message; where they are refused, those without."""
    half = len(texts) // 2
    own = _agreeing([_cut(text) for text in texts[:half]])
    merged = _agreeing([_cut(text) for text in texts[half:]]) if isinstance(own, Refused) else own
    return own if isinstance(merged, Refused) else merged


def _agreeing(found: Sequence[_Pieces | Refused]) -> _Pieces | Refused:
    """Return what conversations of several lengths have in common: all, or it is refused."""
    for one in found:
        if isinstance(one, Refused):
            return one
    cut = [one for one in found if isinstance(one, _Pieces)]
    longest = cut[-1]
    first = cut[0]._replace(
        past_reply_start=longest.past_reply_start, reply_end=longest.reply_end
    )  # it has no earlier reply
    if any(one != longest for one in (first, *cut[1:])):
        return Refused("it differs from turn to turn")
    return longest


def _cut(text: str | Refused) -> _Pieces | Refused:
    if isinstance(text, Refused):
        return text
    marks = [mark for mark in (_SYSTEM, *_SAID) if mark in text]
    places = [text.find(mark) for mark in marks]
    if len(marks) not in [length + 1 for length in _LENGTHS] or places != sorted(places):
        return Refused("it does not keep every message in its place")
    if any(text.count(mark) > 1 for mark in marks):
        return Refused("it repeats a message")
    pieces = []
    for mark in marks:
        before, _, text = text.partition(mark)
        pieces.append(before)
    starts, ends = set(pieces[2::2]), set(pieces[3::2])
    if len(starts) > 1 or len(ends) > 1:
        return Refused("it differs from turn to turn")
    return _Pieces(pieces[0], pieces[1], "".join(starts), "".join(ends), text)


def _template(
    model: LanguageModel,
    pieces: _Pieces,
    marks: ThoughtMarks | None,
    *,
    calls: CallPieces | None = None,
    thinks: bool = False,
) -> ChatTemplate:
    begins = model.template.begins
    if not pieces.opening.startswith(begins):
        pieces = pieces._replace(opening=begins + pieces.opening)
    opening, system_end, past, end, start = (_tokens(model, piece) for piece in pieces)
    shown = [
        piece
        for piece, tokens in ((pieces.past_reply_start, past), (pieces.reply_end, end))
        if model.detokenize(tokens).strip() == piece.strip()
    ]
    return ChatTemplate(
        opening,
        system_end,
        past_reply_start=past,
        reply_end=end,
        reply_start=start,
        thought=None if marks is None else _thought(model, marks),
        thinks=thinks,
        plain=PlainRoles.of(shown, begins=pieces.past_reply_start, ends=pieces.reply_end),
        calls=None if calls is None else _template_calls(model, calls),
    )


def _tokens(model: LanguageModel, piece: str) -> Tokens:
    """Return a piece as tokens; an app's words in it are content."""
    stretches = (
        model.tokenize(text, special=not is_content) for text, is_content in parts(piece) if text
    )
    return tuple(chain.from_iterable(stretches))


def _template_calls(model: LanguageModel, pieces: CallPieces) -> CallTokens:
    sign = pieces.begin.strip().partition("\n")[0]
    then, close = pieces.then or "", ""
    if then.endswith(pieces.begin):
        close = then.removesuffix(pieces.begin)
    begin, between, next_call, printed, next_result, opened = (
        model.tokenize(piece or "", special=True) for piece in pieces
    )
    unseen = _unseen(model, sign)
    return CallTokens(
        begin,
        between,
        next_call,
        printed,
        next_result,
        opened,
        sign="" if unseen else sign,
        sign_token=unseen,
        close=model.tokenize(close, special=True) if close else (),
    )


def own_calls(model: LanguageModel, chat: ChatTemplate) -> CallTokens:
    """Return how calls are written to a model whose template does not say."""
    pieces = OWN_PIECES
    begin, between, then, printed, next_result, opened = (
        model.tokenize(piece or "") for piece in pieces
    )
    close = (pieces.then or "").removesuffix(pieces.begin)
    return CallTokens(
        begin,
        between,
        then,
        model.tokenize("}") + chat.reply_end + printed,
        next_result,
        opened + chat.reply_start,
        sign=pieces.begin,
        close=model.tokenize(close),
        quotes=True,
    )


def _thought(model: LanguageModel, marks: ThoughtMarks) -> ThoughtTokens:
    begin, end = marks.begin.strip(), marks.end
    return ThoughtTokens(
        begin=begin,
        end=end,
        begin_token=_unseen(model, begin),
        end_token=_unseen(model, end),
        opening=model.tokenize(marks.begin, special=True),
        closing=model.tokenize(f"{end}{marks.then}", special=True),
    )


def _unseen(model: LanguageModel, mark: str) -> Tokens:
    """Return the token that a mark begins with, if that shows no text."""
    first = model.tokenize(mark, special=True)[:1]
    return () if model.detokenize(first) else first


def _base_model(model: LanguageModel) -> ChatTemplate:
    """
    Return the pieces for a model that only continues text: a written-down conversation.

    ChatML is plain text to it, and it rambles in that; between `User:` and `Assistant:` it answers.
    """
    pieces = _Pieces(
        "", "\n\nUser:", past_reply_start="\nAssistant:", reply_end="\nUser:", opened="\nAssistant:"
    )
    # Some vocabularies put a space before a text by themselves.
    spaced = model.tokenize("x:") + model.tokenize("a") == model.tokenize("x: a")
    template = _template(model, pieces, None)
    return replace(template, plain=replace(template.plain, space="" if spaced else " "))
