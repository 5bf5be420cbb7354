"""A server on the loopback with Ada's profile behind it, and clients that speak real HTTP to it."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass

import httpx
import openai
import pytest
import uvicorn
from tests.conftest import OpenAssistant

from homeward.aio import AsyncAssistant
from homeward.assistant import Assistant
from homeward.serving.address import listening
from homeward.serving.app import create_app
from homeward.serving.dashboard.login_codes import Admissions
from homeward.serving.guard import RequestPolicy
from homeward.serving.server import configured
from homeward.serving.service import Service
from homeward.testing import ScriptedModel

TOKEN = "a token of the tests, which is long enough"

Serve = Callable[..., "Served"]
ClientOf = Callable[["Served"], openai.OpenAI]


class SlowModel(ScriptedModel):
    """A scripted model that takes some milliseconds a token, as real ones do."""

    def check_open(self) -> None:
        """Take the time; the runtime asks this before each step."""
        time.sleep(0.003)
        super().check_open()


@dataclass
class Served:
    """A running server, seen from outside (`client`) and from inside (`me`)."""

    url: str
    port: int
    me: Assistant
    service: Service
    client: httpx.Client
    admissions: Admissions


@pytest.fixture
def serve(open_assistant: OpenAssistant) -> Iterator[Serve]:
    """Return a function that starts a server; with a scripted model unless it is given another."""
    ends: list[Callable[[], None]] = []

    def start(me: Assistant | None = None, *, waiting: int = 8) -> Served:
        assistant = me or open_assistant(ScriptedModel(["Hello, Ada."]))
        listener = listening("127.0.0.1", 0)
        bound = listener.__enter__()
        port = bound.getsockname()[1]
        service = Service(AsyncAssistant(assistant, waiting=waiting), person="ada")
        admissions = Admissions()
        app = create_app(service, RequestPolicy(TOKEN, port), admissions=admissions)
        server = uvicorn.Server(configured(app))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [bound]})
        thread.start()
        url = f"http://127.0.0.1:{port}"
        headers = {"Authorization": f"Bearer {TOKEN}"}
        client = httpx.Client(base_url=url, headers=headers, timeout=30, trust_env=False)

        def end() -> None:
            client.close()
            service.leave()
            server.should_exit = True
            thread.join()
            service.close()
            listener.__exit__(None, None, None)

        ends.append(end)
        return Served(url, port, assistant, service, client, admissions)

    yield start
    for end in ends:
        end()


@pytest.fixture
def served(serve: Serve) -> Served:
    """Start a server with a model that greets Ada."""
    return serve()


@pytest.fixture
def client_of() -> Iterator[ClientOf]:
    """Return a function that makes a client; all are closed at the end."""
    with ExitStack() as clients:

        def make(served: Served) -> openai.OpenAI:
            url = f"{served.url}/v1"
            return clients.enter_context(openai.OpenAI(base_url=url, api_key=TOKEN, max_retries=0))

        yield make


@pytest.fixture
def client(served: Served, client_of: ClientOf) -> openai.OpenAI:
    return client_of(served)
