"""
How models mark their thoughts, by what stands in their templates. Pure: texts in, texts out.

A template says where a reply begins; that a thought stands in it, most leave to the model. The
marks are few, so they are listed here, each with a family that uses it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Thought:
    """A piece of what a model thinks before it replies. Never part of the reply."""

    text: str
    tokens: int = 0  # of the whole thought; on its last piece


@dataclass(frozen=True, slots=True)
class ThoughtMarks:
    """The text around a thought: `begin` thought `end` `then` reply."""

    begin: str
    end: str
    then: str = ""
    told: bool = False  # the template's own system text orders a thought

    def leaves_open(self, text: str) -> bool:
        """Return whether `text` ends within a thought."""
        mark = self.begin.strip()
        return mark in text and self.end not in text[text.rindex(mark) :]

    def without_end(self, text: str) -> str:
        """Return `text` up to where its last thought begins, that mark included."""
        head, mark, _ = text.rpartition(self.begin.strip())
        return head + mark + self.begin[len(self.begin.rstrip()) :] if mark else text + self.begin


_KNOWN = (
    ThoughtMarks(  # gpt-oss
        "<|channel|>analysis<|message|>",
        "<|end|>",
        "<|start|>assistant<|channel|>final<|message|>",
    ),
    ThoughtMarks("<|channel>thought\n", "<channel|>"),  # Gemma 4
    # Muse, Solar, Kimi K3
    ThoughtMarks(" to=self<|message|>", "<|eom|>", "<|start|>assistant to=user<|message|>"),
    ThoughtMarks("<|think|>", "<|end|>", "<|begin|>assistant<|content|>"),
    ThoughtMarks("<|open|>think<|sep|>", "<|close|>think<|sep|>", "<|open|>response<|sep|>"),
    ThoughtMarks("<|START_THINKING|>", "<|END_THINKING|>", "<|START_TEXT|>"),  # Cohere
    ThoughtMarks("<|inner_prefix|>", "<|inner_suffix|>"),  # Apertus
    ThoughtMarks("[THINK]", "[/THINK]"),  # Mistral
    ThoughtMarks(
        "Here are my reasoning steps:\n", "[BEGIN FINAL RESPONSE]", "\n", told=True
    ),  # Apriel
)
# Qwen, DeepSeek, GLM and most others; Seed and MiniMax put a name before it, Hunyuan one behind it.
_TAG = re.compile(r"</?((?:\w+:)?think(?::\w+)?)>")


def thought_marks(template: str, rendered: str) -> ThoughtMarks | None:
    """Return the marks of a thought in a template and in what it renders; None: there are none."""
    text = f"{rendered}\n{template}"
    for marks in _KNOWN:
        if marks.end in text and (marks.begin.strip() in text or marks.told):
            # Cohere's are of two generations, told apart by what stands before a reply.
            then = "<|START_RESPONSE|>" if "<|START_RESPONSE|>" in rendered else marks.then
            return replace(marks, then=then)
    tag = _TAG.search(text)
    return None if tag is None else ThoughtMarks(f"<{tag[1]}>\n", f"</{tag[1]}>", "\n\n")


def opened_reply(past: str, opened: str, marks: ThoughtMarks | None) -> str:
    """
    Return what stands before a reply without a thought.

    `past` stands before earlier replies, `opened` where the template lets the model begin. Where it
    lets the model choose a channel first, as gpt-oss does, the choice is the reply's own.
    """
    if past.startswith(opened) and past[len(opened) :].strip():
        return past
    if marks is None or marks.end in opened[len(_common(past, opened)) :]:
        return opened
    if marks.leaves_open(opened) or (marks.told and marks.end not in opened):
        return f"{opened}{marks.end}{marks.then}"
    return opened


def opened_thought(opened: str, marks: ThoughtMarks) -> str:
    """Return what stands before a thought, given where the template lets a thinker begin."""
    return opened if marks.leaves_open(opened) else marks.without_end(opened)


def _common(one: str, other: str) -> str:
    shorter = min(len(one), len(other))
    return one[: next((at for at in range(shorter) if one[at] != other[at]), shorter)]


def texts(pieces: Iterator[str | Thought]) -> Iterator[str]:
    """Drop the thoughts."""
    return (piece for piece in pieces if isinstance(piece, str))
