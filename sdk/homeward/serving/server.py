"""Runs the server from its first request to a clean end."""

import socket
from collections.abc import Callable
from types import FrameType

import uvicorn
from fastapi import FastAPI

from homeward.aio import AsyncAssistant
from homeward.assistant import Assistant
from homeward.concurrency.worker import MOST_STREAMS
from homeward.serving.address import HOST, PORT, listening
from homeward.serving.app import create_app
from homeward.serving.dashboard.login_codes import Admissions
from homeward.serving.guard import RequestPolicy
from homeward.serving.limits import MOST_CONNECTIONS
from homeward.serving.service import Service
from homeward.serving.timeouts import PatientProtocol

_PATIENCE = 5  # seconds that open connections get once their replies were ended


def serve(
    assistant: Assistant,
    *,
    person: str,
    token: str | None,
    admissions: Admissions | None = None,
    host: str = HOST,
    port: int = PORT,
    waiting: int = MOST_STREAMS,
    ready: Callable[[str], None] = lambda _: None,
) -> None:
    """
    Serve `assistant` until SIGINT or SIGTERM; then end its replies and close it.

    `token` is that of apps; None lets in none, but pages by `admissions`. `ready` is called with
    the server's URL once it listens. `port` 0 takes any free one. At most `waiting` replies wait
    for the one that is being made.

    Raises:
        NotLoopback: `host` is an address that others can reach. PortTaken.
    """
    with listening(host, port) as bound:
        taken = bound.getsockname()[1]
        service = Service(
            AsyncAssistant(assistant, waiting=waiting),
            person=person,
            origins=assistant.origins.all(),
        )
        app = create_app(
            service, RequestPolicy(token, taken), admissions=admissions or Admissions()
        )
        server = _Server(
            configured(app), service, ready=lambda: ready(f"http://{_shown(host)}:{taken}")
        )
        try:
            server.run(sockets=[bound])
        finally:
            service.close()


def configured(app: FastAPI) -> uvicorn.Config:
    """Return how uvicorn is run: what it tells, and how long it waits for whom."""
    return uvicorn.Config(
        app,
        http=PatientProtocol,
        ws="none",
        log_level="critical",  # what clients send wrongly is for them to know
        access_log=False,  # paths hold what the person looks for
        server_header=False,
        lifespan="off",
        limit_concurrency=MOST_CONNECTIONS,
        timeout_graceful_shutdown=_PATIENCE,
    )


def _shown(host: str) -> str:
    return f"[{host}]" if ":" in host else host


class _Server(uvicorn.Server):
    """uvicorn's server, which ends the replies that are being made before it waits for them."""

    def __init__(
        self, config: uvicorn.Config, service: Service, *, ready: Callable[[], None]
    ) -> None:
        super().__init__(config)
        self._service, self._ready = service, ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._ready()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:  # noqa: ARG002
        # Not uvicorn's own, which raises the signal again at the end: SIGTERM would then kill the
        # process before the profile is closed.
        self._service.leave()
        self.force_exit = self.should_exit
        self.should_exit = True
