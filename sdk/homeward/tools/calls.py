"""Describes the outcome of one tool call, as a value."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

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
