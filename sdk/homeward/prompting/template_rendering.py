"""Renders a model's chat template in a child process, within time, memory and output."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from homeward.concurrency import child_process
from homeward.ports import TemplateSource

LONGEST = 1 << 20  # characters of a template; the longest of 70 published ones has 17,000
_CHILD = "homeward.prompting.template_child"
_PATIENCE = 60  # seconds of the clock; processor time is bounded by the child itself

Message = tuple[str, str]  # role and content


@dataclass(frozen=True, slots=True)
class Job:
    """One conversation to be rendered, up to where its next reply begins."""

    messages: tuple[Message, ...]
    thinking: bool
    in_parts: bool = False  # each content as a list of parts, as templates of models that see want
    tools: str = ""  # JSON: those that the model may call
    calls: str = "[]"  # JSON: messages that come after these, with calls and results


@dataclass(frozen=True, slots=True)
class Refused:
    """The reason why there is no text."""

    reason: str


@dataclass(frozen=True, slots=True)
class Rendered:
    """The text of each job, and whether any says what day it is."""

    texts: tuple[str | Refused, ...]
    dated: bool


@lru_cache(maxsize=16)
def render(source: TemplateSource, jobs: tuple[Job, ...], today: date) -> Rendered:
    """
    Render each job with the template of `source`.

    Guarantees:
        Ends within a minute, and on Linux and macOS within 3 s of processor time; on Linux within
        512 MiB, too. A template that takes more is refused, as is one that fails.
    """
    if source.jinja is None or len(source.jinja) > LONGEST:
        return _all(jobs, f"it has more than {LONGEST} characters")
    asked = {
        "template": source.jinja,
        "bos_token": source.bos,
        "eos_token": source.eos,
        "today": today.isoformat(),
        "jobs": [_arguments(job) for job in jobs],
    }
    try:
        answer = child_process.run(_CHILD, sent=json.dumps(asked).encode(), seconds=_PATIENCE)
    except child_process.TimeoutExpired:
        return _all(jobs, f"it takes longer than {_PATIENCE} seconds")
    if not answer:
        return _all(jobs, "it takes too much time or memory")
    found = json.loads(answer)
    return Rendered(tuple(map(_text, found["rendered"])), found["dated"])


def _arguments(job: Job) -> dict[str, object]:
    """What templates are given, under each name that they know a choice of thinking by."""
    return {
        "messages": [
            {"role": role, "content": [{"type": "text", "text": text}] if job.in_parts else text}
            for role, text in job.messages
        ]
        + json.loads(job.calls),
        "add_generation_prompt": True,
        "tools": json.loads(job.tools) if job.tools else None,
        "documents": None,
        "enable_thinking": job.thinking,
        "thinking": job.thinking,
        "thinking_mode": "enabled" if job.thinking else "disabled",
        "thinking_budget": -1 if job.thinking else 0,
    }


def _text(found: object) -> str | Refused:
    return Refused(str(found["refused"])) if isinstance(found, dict) else str(found)


def _all(jobs: Sequence[Job], reason: str) -> Rendered:
    return Rendered((Refused(reason),) * len(jobs), dated=False)
