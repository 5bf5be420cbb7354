"""Ada's data folder, and the MCP SDK's own client that starts `homeward mcp` in it."""

import os
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import anyio
import pytest
from mcp import Client, StdioServerParameters, stdio_client
from mcp.types import Implementation

from homeward_store import Passphrase, Profile, create_profile, open_profile
from homeward_store.keys.key_derivation import FASTEST

SECRET = "correct horse battery staple"
NAME = "test-client"

Ask = Callable[[Client], Awaitable[None]]


class Place:
    """A data folder, with ways into its one profile."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.environment = os.environ | {
            "HOMEWARD_HOME": str(home),
            "HOMEWARD_PASSPHRASE_FILE": str(home / "passphrase"),
            "HOMEWARD_THREADS": "1",
        }

    def open(self) -> Profile:
        return open_profile(self.home / "profiles" / "me", unlock=Passphrase(SECRET))

    def command(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "homeward.cli", *arguments],
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    @asynccontextmanager
    async def client(self, name: str = NAME) -> AsyncIterator[Client]:
        """Start the server as a client would, and shake hands under `name`."""
        server = StdioServerParameters(
            command=sys.executable, args=["-m", "homeward.cli", "mcp"], env=self.environment
        )
        info = Implementation(name=name, version="1")
        async with Client(stdio_client(server), client_info=info) as client:
            yield client

    def ask(self, work: Ask, *, name: str = NAME) -> None:
        """Do `work` with a connected client."""

        async def main() -> None:
            with anyio.fail_after(120):
                async with self.client(name) as client:
                    await work(client)

        anyio.run(main)


@pytest.fixture
def place(tmp_path: Path, models_home: Path) -> Place:
    """Return a data folder with a profile called "me" and the models."""
    made = create_profile(tmp_path / "profiles" / "me", unlock=[Passphrase(SECRET)], cost=FASTEST)
    made.profile.close()
    (tmp_path / "passphrase").write_text(SECRET)
    (tmp_path / "models").symlink_to(models_home / "models")
    return Place(tmp_path)
