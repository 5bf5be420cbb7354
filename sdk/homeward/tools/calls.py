"""Describes the outcome of one tool call, as a value, and what may be shown of a result."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from homeward.policy.admission import Admission
from homeward_store import Memory


class CallOutcome(StrEnum):
    """The outcome of a call."""

    DONE = "done"
    DECLINED = "declined"  # the person, or an app that asked nobody, said no
    FAILED = "failed"  # the function raised; `error` has what
    MALFORMED = "malformed"  # the model did not finish its arguments


@dataclass(frozen=True, slots=True)
class Call:
    """
    A call that the model wanted.

    `memories`: what was kept of the result, as words of a tool. None where it holds a secret or
    something that the person denied: such a result is not shown to the model either.
    """

    tool: str
    arguments: Mapping[str, Any]
    outcome: CallOutcome
    memories: tuple[Memory, ...] = ()
    error: Exception | None = None


@dataclass(frozen=True, slots=True)
class KeptResult:
    """What the model may read of a result, and the memories that were made of it."""

    text: str
    memories: tuple[Memory, ...] = ()


def kept_result(
    tool: str,
    printed: str,
    admission: Admission,
    keep: Callable[[str, str], list[Memory]],
    refused: Callable[[str], object],
    *,
    incognito: bool,
) -> KeptResult:
    """Keep a result, unless `incognito`, and return what `admission` lets the model read of it."""
    if incognito:
        shown = not refused(printed) and admission.admits_text(printed)
        return KeptResult(printed if shown else "")
    memories = tuple(filter(admission.admits, keep(tool, printed)))
    return KeptResult("\n".join(one.text for one in memories), memories)
