"""
The local server under load: many clients at once on the loopback, each asking again and again.

A client that is told `busy` waits as long as it is told and asks again; anything else than a whole
stream or a typed `busy` is an error. Memory is the server process's own, once warm (after a few
replies: models are loaded, and as many KV caches as may be open) and at the end.
"""

import argparse
import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from benchmarks.report import report
from homeward import models, paths
from homeward.assistant import Assistant
from homeward.engine_settings import EngineSettings
from homeward.engines.llama import open_model
from homeward.engines.onnx import open_embedder
from homeward.serving.limits import MOST_OPEN_CHATS
from homeward.serving.server import serve
from homeward.settings import ModelLoaders
from homeward.testing import HashEmbedder, ScriptedModel
from homeward_store import Passphrase, create_profile

SERVER = """
import sys
from pathlib import Path
from benchmarks.serve_load import serve_profile
serve_profile(Path(sys.argv[1]), sys.argv[2], waiting=int(sys.argv[3]))
"""
QUESTION = {"role": "user", "content": "Tell me something about lighthouses, please."}
TOKEN = "a token of the benchmark, which is long enough"


@dataclass
class Tally:
    """What the clients saw."""

    whole: int = 0
    pieces: int = 0
    busy: int = 0
    errors: Counter[str] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)  # of whole streams, from asking to the end


def serve_profile(folder: Path, model: str, *, waiting: int) -> None:
    """Serve a new profile in this process; prints the URL."""
    home = paths.home()
    if model == "scripted":
        scripted = ScriptedModel(["A lighthouse warns ships of rocks and shallows. " * 4])
        loaders = ModelLoaders(lambda: scripted, HashEmbedder)
    else:
        loaders = ModelLoaders(
            lambda: open_model(models.path(home, model), EngineSettings(threads=1)),
            lambda: open_embedder(models.path(home, models.DEFAULT_EMBEDDING)),
        )
    profile = create_profile(folder, unlock=[Passphrase("benchmark")]).profile
    assistant = Assistant(profile, loaders)
    for number in range(200):
        assistant.remember(f"Note {number}: lighthouse {number * 37 % 101} was built of stone.")
    serve(
        assistant,
        person="benchmark",
        token=TOKEN,
        port=0,
        waiting=waiting,
        ready=lambda url: print(url, flush=True),
    )


async def stream_once(client: httpx.AsyncClient, tally: Tally, *, max_tokens: int) -> float:
    """Ask once; return the seconds to wait before asking again."""
    body = {"messages": [QUESTION], "stream": True, "max_tokens": max_tokens}
    started = time.perf_counter()
    async with client.stream("POST", "/v1/chat/completions", json=body) as stream:
        if stream.status_code == 429:
            error = json.loads(await stream.aread())["error"]
            tally.busy += error["code"] == "busy"
            tally.errors["429 without busy"] += error["code"] != "busy"
            return float(stream.headers["Retry-After"])
        if stream.status_code != 200:
            tally.errors[str(stream.status_code)] += 1
            return 1.0
        lines = [line async for line in stream.aiter_lines() if line.startswith("data: ")]
    if lines[-1] != "data: [DONE]":
        tally.errors["cut short"] += 1
        return 1.0
    tally.whole += 1
    tally.pieces += len(lines)
    tally.seconds.append(time.perf_counter() - started)
    return 0.0


async def keep_asking(url: str, tally: Tally, *, until: float, max_tokens: int) -> None:
    """One client: ask, wait, ask again."""
    headers = {"Authorization": f"Bearer {TOKEN}"}
    async with httpx.AsyncClient(
        base_url=url, headers=headers, timeout=120, trust_env=False
    ) as client:
        while time.monotonic() < until:
            try:
                wait = await stream_once(client, tally, max_tokens=max_tokens)
            except httpx.HTTPError as error:
                tally.errors[type(error).__name__] += 1
                wait = 1.0
            await asyncio.sleep(min(wait, max(0.0, until - time.monotonic())))


async def load(url: str, pid: int, *, clients: int, seconds: float, max_tokens: int) -> tuple[
    Tally, int, int
]:  # fmt: skip
    """Run the clients; return what they saw, and the server's memory once warm and at the end."""
    warm = Tally()
    headers = {"Authorization": f"Bearer {TOKEN}"}
    async with httpx.AsyncClient(base_url=url, headers=headers, timeout=120) as client:
        for _ in range(MOST_OPEN_CHATS + 3):
            await stream_once(client, warm, max_tokens=max_tokens)
    early = resident(pid)
    tally, until = Tally(), time.monotonic() + seconds
    asking = [
        asyncio.create_task(keep_asking(url, tally, until=until, max_tokens=max_tokens))
        for _ in range(clients)
    ]
    await asyncio.gather(*asking)
    return tally, early, resident(pid)


def resident(pid: int) -> int:
    """Return the resident memory of a process in kilobytes (Linux)."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0])


def main() -> None:
    """Start a server, load it, and print what happened."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clients", type=int, default=32)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--waiting", type=int, default=8)
    parser.add_argument("--max-tokens", type=int, default=48)
    parser.add_argument("--model", default=models.DEFAULT_LANGUAGE, help="or `scripted`")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-c", SERVER, f"{folder}/p", arguments.model]
        with subprocess.Popen(
            [*command, str(arguments.waiting)], stdout=subprocess.PIPE, text=True, env=os.environ
        ) as server:
            assert server.stdout is not None
            url = server.stdout.readline().strip()
            tally, early, late = asyncio.run(
                load(
                    url,
                    server.pid,
                    clients=arguments.clients,
                    seconds=arguments.seconds,
                    max_tokens=arguments.max_tokens,
                )
            )
            server.terminate()
            ended = server.wait(60)
    report(
        {
            "clients": arguments.clients,
            "seconds": arguments.seconds,
            "errors": tally.errors.total(),
            "whole_streams": tally.whole,
            "events_per_s": tally.pieces / arguments.seconds,
            "busy": tally.busy,
            "longest_stream_s": max(tally.seconds, default=0.0),
            "memory_warm_mb": early / 1024,
            "memory_late_mb": late / 1024,
            "memory_growth": late / early - 1,
            "exit_code": ended,
            "model": arguments.model,
            **{f"error {name}": count for name, count in tally.errors.items() if count},
        },
        as_json=arguments.json,
    )


if __name__ == "__main__":
    main()
