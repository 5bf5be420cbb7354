"""
Renders one chat template in a process of its own: `python -m homeward.prompting.template_child`.

A template comes with a model's file, so it may be anybody's program. Jinja's sandbox keeps it from
Python's insides, but not from counting for ever or from filling the memory. What is started here
holds nothing of a profile, and the operating system ends it when it takes too much.

Source:
    Hugging Face transformers, utils/chat_template_utils.py: what a template may expect.
"""

import json
import sys
from collections.abc import Mapping
from datetime import date
from typing import Any

from jinja2 import TemplateError
from jinja2.ext import Extension, loopcontrols
from jinja2.nodes import Node
from jinja2.parser import Parser
from jinja2.sandbox import ImmutableSandboxedEnvironment

MOST_SECONDS = 3  # of processor time; the longest of 70 published templates takes 0.2
MOST_MEMORY = 1 << 29  # bytes of address space
MOST_CHARACTERS = 1 << 20  # of one rendering


class _Generation(Extension):
    """`{% generation %}` marks what training reads; the text within it stays as it is."""

    tags = {"generation"}  # noqa: RUF012  jinja2's own type

    def parse(self, parser: Parser) -> list[Node]:
        next(parser.stream)
        return parser.parse_statements(("name:endgeneration",), drop_needle=True)


class _Dates:
    """`strftime_now` of one day, which remembers that it was asked."""

    def __init__(self, today: str) -> None:
        self._today = date.fromisoformat(today)
        self.asked = False

    def __call__(self, form: str) -> str:
        self.asked = True
        return self._today.strftime(form)


def render(asked: Mapping[str, Any]) -> dict[str, Any]:
    """Render every job of `asked`; a job's result is its text, or why there is none."""
    dates = _Dates(asked["today"])
    try:
        template = _environment(dates).from_string(asked["template"])
    except Exception as error:  # noqa: BLE001  a stranger's program: whatever it does is its refusal
        return {"dated": False, "rendered": [_refusal(error)] * len(asked["jobs"])}
    words = {key: asked[key] for key in ("bos_token", "eos_token")}
    rendered = [_rendered(template, {**words, **job}) for job in asked["jobs"]]
    return {"dated": dates.asked, "rendered": rendered}


def _environment(dates: _Dates) -> ImmutableSandboxedEnvironment:
    environment = ImmutableSandboxedEnvironment(
        trim_blocks=True, lstrip_blocks=True, extensions=[_Generation, loopcontrols]
    )
    environment.filters["tojson"] = _to_json
    environment.globals.update(raise_exception=_raise, strftime_now=dates)
    return environment


def _rendered(template: Any, values: Mapping[str, Any]) -> object:  # noqa: ANN401  jinja2's own
    pieces, room = [], MOST_CHARACTERS
    try:
        for piece in template.generate(values):
            room -= len(piece)
            if room < 0:
                return {"refused": f"it writes more than {MOST_CHARACTERS} characters"}
            pieces.append(piece)
    except Exception as error:  # noqa: BLE001  as above
        return _refusal(error)
    return "".join(pieces)


def _refusal(error: Exception) -> dict[str, str]:
    says = " ".join(str(error).split())[:200]
    return {"refused": f"{type(error).__name__}: {says}".rstrip(": ")}


def _raise(message: object) -> None:
    raise TemplateError(str(message))


def _to_json(value: object, **how: Any) -> str:  # noqa: ANN401  json's own arguments
    return json.dumps(value, **{"ensure_ascii": False, **how})


def _bound() -> None:
    """Let the operating system end this process where it takes too much, as far as it can."""
    if sys.platform == "win32":
        return  # only the parent's clock bounds it there
    import resource  # noqa: PLC0415  there is none on Windows

    resource.setrlimit(resource.RLIMIT_CPU, (MOST_SECONDS, MOST_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":  # others take the number and do not keep to it
        resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))


def main() -> None:
    """Read a request from standard input; write the answer."""
    _bound()
    answer = render(json.loads(sys.stdin.buffer.read()))
    sys.stdout.buffer.write(json.dumps(answer).encode())


if __name__ == "__main__":
    main()
