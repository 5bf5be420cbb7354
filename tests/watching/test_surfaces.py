"""Nothing leaves the device, seen from outside: real children, real models, every system call."""

import re
import subprocess
import sys
from pathlib import Path

import anyio
import httpx
import pytest
from mcp import Client, StdioServerParameters, stdio_client
from mcp.types import Implementation
from tests.watching.conftest import HOMEWARD, Place, clean

from homeward.serving.tokens import token_file
from homeward_store import Ability, Passphrase, open_profile

pytestmark = pytest.mark.model
QUESTION = {"question": "What is my cat called?"}
LIFE = Path(__file__).with_name("life.py")


def test_a_life_with_the_assistant_stays_on_the_device(lived_in: Place) -> None:
    said = lived_in.run(sys.executable, str(LIFE), str(lived_in.data))

    assert "Miso" in said
    assert "False learned" in said  # its few seconds were over
    assert "complete" in said.lower()
    assert "True in order" in said
    clean(lived_in)


def test_the_command_line_stays_on_the_device(lived_in: Place) -> None:
    script = "\n".join(
        " ".join([*HOMEWARD, command])
        for command in (
            'memories add "My cat is called Miso."',
            'ask "What is my cat called?"',
            "doctor",
        )
    )

    said = lived_in.run("sh", "-e", "-c", script)

    assert "Miso" in said
    clean(lived_in)


def address_of(process: subprocess.Popen[str]) -> str:
    assert process.stderr is not None
    address = None
    while address is None:
        line = process.stderr.readline()
        assert line, "it ended before it served"
        address = re.search(r"http://[\d.]+:\d+\S*", line)
    return address[0]


def test_the_server_speaks_on_the_loopback_alone(lived_in: Place) -> None:
    with lived_in.serving(*HOMEWARD, "serve", "--port", "0") as process:
        address = address_of(process)
        token = token_file(lived_in.data, "ada").read_text().strip()
        headers = {"Authorization": f"Bearer {token}"}
        with httpx.Client(base_url=address, headers=headers, timeout=120, trust_env=False) as http:
            http.post("/homeward/v1/memories", json={"text": "My cat is called Miso."})
            question = {"role": "user", "content": "What is my cat called?"}
            body = {"messages": [question], "temperature": 0, "max_tokens": 12}
            reply = http.post("/v1/chat/completions", json=body).json()

    assert "Miso" in reply["choices"][0]["message"]["content"]
    clean(lived_in)


def test_the_dashboard_speaks_on_the_loopback_alone(lived_in: Place) -> None:
    with lived_in.serving(*HOMEWARD, "open", "--no-browser", "--port", "0") as process:
        address, _, code = address_of(process).partition("/#once=")
        with httpx.Client(base_url=address, timeout=60, trust_env=False) as http:
            key = http.post("/dashboard/admit", json={"code": code}).json()["key"]
            http.headers["Authorization"] = f"Bearer {key}"
            statuses = [
                http.get(path).status_code
                for path in ("/", "/dashboard/main.js", "/homeward/v1/dashboard/map")
            ]

    assert statuses == [200, 200, 200]
    clean(lived_in)


def test_the_mcp_server_stays_on_the_device(lived_in: Place) -> None:
    folder = lived_in.data / "profiles" / "ada"
    with open_profile(folder, unlock=Passphrase("correct horse battery staple")) as profile:
        profile.clients.grant("watcher", *Ability, audience="private", shown="May it?")
    told: list[str] = []

    async def main() -> None:
        command, *arguments = lived_in.traced([*HOMEWARD, "mcp"])
        server = StdioServerParameters(
            command=command, args=arguments, env=lived_in.environment, cwd=lived_in.work
        )
        who = Implementation(name="watcher", version="1")
        with anyio.fail_after(120):
            async with Client(stdio_client(server), client_info=who) as client:
                await client.call_tool("remember", {"text": "My cat is called Miso."})
                told.append(str(await client.call_tool("recall", QUESTION)))

    anyio.run(main)

    assert "Miso" in told[0]
    clean(lived_in)
