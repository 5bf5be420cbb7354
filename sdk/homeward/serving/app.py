"""Builds the web application: routes, request policy and error responses."""

import importlib.metadata
from dataclasses import replace
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from homeward.errors import ModelError
from homeward.serving.anthropic import messages
from homeward.serving.dashboard import pages, routes as dashboard
from homeward.serving.dashboard.login_codes import Admissions
from homeward.serving.failures import Failure, Problems, answer
from homeward.serving.guard import RequestPolicy, RequestPolicyMiddleware
from homeward.serving.openai import chat, completions, embeddings, models, responses
from homeward.serving.routes import (
    clients,
    consents,
    events,
    federation,
    learning,
    memories,
    memory_settings,
    origins,
    person,
    rules,
    taste,
    turns,
    writings_and_choices,
)
from homeward.serving.service import Service
from homeward_store import StoreError

_EXPECTED = (
    Failure, HTTPException, RequestValidationError, ValueError, ModelError, StoreError,
)  # fmt: skip
_REFUSALS: dict[int | str, dict[str, Any]] = {
    400: {"model": Problems, "description": "The conversation does not fit the model's context."},
    401: {"model": Problems, "description": "The bearer token is missing or wrong."},
    403: {"model": Problems, "description": "Wrong Host or Origin header, or a missing consent."},
    404: {"model": Problems, "description": "Not found."},
    413: {"model": Problems, "description": "The request is too large."},
    422: {"model": Problems, "description": "Invalid request."},
    429: {
        "model": Problems,
        "description": "The queue for the model is full; retry after `Retry-After` seconds.",
    },
    503: {"model": Problems, "description": "The store is busy, or the server is closing."},
}
_ROUTERS: tuple[APIRouter, ...] = (
    chat.router,
    completions.router,
    responses.router,
    messages.router,
    embeddings.router,
    models.router,
    person.router,
    memories.router,
    writings_and_choices.router,
    turns.router,
    taste.router,
    learning.router,
    consents.router,
    rules.router,
    clients.router,
    origins.router,
    events.router,
    dashboard.router,
    memory_settings.router,
    federation.router,
    pages.router,
)


def create_app(service: Service, door: RequestPolicy, *, admissions: Admissions) -> FastAPI:
    """
    Return the ASGI application that serves one assistant behind `door`.

    `admissions` are the codes by which pages are let in. The dashboard is at `/`.
    Its OpenAPI document is at `/openapi.json`. There is no page of documentation: FastAPI's would
    load its scripts from elsewhere.
    """
    app = _routed()
    app.state.service = service
    app.state.admissions = admissions
    for kind in (*_EXPECTED, Exception):
        app.add_exception_handler(kind, answer)
    app.add_middleware(
        RequestPolicyMiddleware,
        door=replace(door, pages=admissions.knows, origins=lambda: service.origins),
    )
    return app


def described() -> dict[str, Any]:
    """The OpenAPI document of the routes, without a server."""
    return _routed().openapi()


def _routed() -> FastAPI:
    app = FastAPI(
        title="Homeward",
        summary="A local assistant that knows one person, for the programs of this machine.",
        version=importlib.metadata.version("homeward"),
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        responses=_REFUSALS,
    )
    for router in _ROUTERS:
        app.include_router(router)
    return app
