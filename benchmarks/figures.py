"""Printing a benchmark's figures: a line each for people, one JSON object as the last line."""

import json
import os
import platform
import sys
from collections.abc import Mapping

Figure = float | int | str


def machine() -> str:
    """The processor and how many of its cores this process may use."""
    name = platform.processor() or platform.machine()
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            models = [line.split(":", 1)[1].strip() for line in file if "model name" in line]
        name = models[0] if models else name
    except OSError:
        pass  # not Linux
    return f"{name}, {os.cpu_count()} cores, Python {platform.python_version()}"


def show(figures: Mapping[str, Figure], *, as_json: bool) -> None:
    """Print the figures, with the machine that they were taken on."""
    named = {**figures, "machine": machine()}
    if not as_json:
        for name, value in named.items():
            print(f"{name:32} {value}")
    else:
        print(json.dumps(named))
    sys.stdout.flush()
