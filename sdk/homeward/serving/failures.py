"""
Maps errors to HTTP statuses. The response has OpenAI's shape, so that its clients raise.

A message names the thing and the number, as every error of Homeward does; of an error that nobody
expected, not even its message is shown.
"""

from typing import Literal

from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse

import homeward_store as store
from homeward import errors as models
from homeward.serving.invalid import sentence
from homeward_federated import errors as federated

_RETRY_WHEN_BUSY = 1  # second: how long the store's time-outs are held by others, at most


class Problem(BaseModel):
    """What went wrong, for a program (`code`) and for a person (`message`)."""

    message: str
    type: str
    code: str
    param: str | None = None


class Problems(BaseModel):
    """The body of every answer that is not a success, in OpenAI's form and in Anthropic's."""

    type: Literal["error"] = "error"
    error: Problem


class Failure(Exception):
    """An answer that is not a success, with its status."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        *,
        param: str | None = None,
        retry_after: int | None = None,
    ) -> None:
        super().__init__(message)
        self.status, self.code, self.param = status, code, param
        self.retry_after = retry_after  # seconds

    def body(self) -> Problems:
        """What is sent."""
        kind = "server_error" if self.status >= 500 else "invalid_request_error"
        return Problems(
            error=Problem(message=str(self), type=kind, code=self.code, param=self.param)
        )

    def response(self) -> JSONResponse:
        """Status, body, and the headers that go with them."""
        headers = {}
        if self.retry_after is not None:
            headers["Retry-After"] = str(self.retry_after)
        if self.status == 401:
            headers["WWW-Authenticate"] = "Bearer"
        return JSONResponse(self.body().model_dump(), self.status, headers)


_STATUS: dict[type[Exception], tuple[int, str]] = {
    models.HomewardError: (500, "failed"),
    models.InvalidArgument: (422, "invalid_request"),
    models.NoSuchKey: (404, "not_found"),
    models.TooLittleToLearn: (409, "too_little_to_learn"),
    models.TooFewChoices: (409, "too_few_choices"),
    models.ImageError: (422, "invalid_image"),
    models.CannotImport: (422, "invalid_file"),
    models.EmptyQuestion: (422, "empty_question"),
    models.ContextOverflow: (400, "context_length_exceeded"),
    models.UnsupportedModel: (422, "unsupported_model"),
    models.Busy: (429, "busy"),
    models.Cancelled: (503, "closing"),
    models.CannotFit: (503, "cannot_fit"),
    models.ModelNotFound: (503, "model_not_found"),
    models.ModelError: (500, "model_failed"),
    store.InvalidValue: (422, "invalid_request"),
    store.WrongType: (422, "invalid_request"),
    store.InvalidText: (422, "invalid_text"),
    store.NotFound: (404, "not_found"),
    store.SourceForgotten: (409, "source_forgotten"),
    store.ConsentRequired: (403, "consent_required"),
    store.BudgetExceeded: (403, "budget_exceeded"),
    store.StoreBusy: (503, "busy"),
    store.StoreFull: (507, "disk_full"),
    store.StoreClosed: (503, "closing"),
    store.RollbackDetected: (409, "rollback_detected"),
    store.StoreError: (500, "store_failed"),
    federated.FederatedError: (409, "federation_refused"),
    federated.ServerUnreachable: (503, "server_unreachable"),
}
"""By class; a class that is not here has the status of the nearest one above it."""


def failure_of(error: Exception) -> Failure:
    """Return what to answer where `error` was raised."""
    if isinstance(error, Failure):
        return error
    if isinstance(error, HTTPException):
        return Failure(error.status_code, "http_error", str(error.detail))
    if isinstance(error, RequestValidationError):
        return _invalid(error)
    for kind in type(error).__mro__:
        if kind in _STATUS:
            status, code = _STATUS[kind]
            return Failure(status, code, str(error), retry_after=_retry_after(error))
    return Failure(500, "internal", f"unexpected {type(error).__name__}; please report it")


def _retry_after(error: Exception) -> int | None:
    if isinstance(error, models.Busy):
        return error.retry_after
    return _RETRY_WHEN_BUSY if isinstance(error, store.StoreBusy) else None


def _invalid(error: RequestValidationError) -> Failure:
    where, said = sentence(error.errors())
    return Failure(422, "invalid_request", said, param=where)


async def answer(_: Request, error: Exception) -> JSONResponse:
    """Turn what a route raised into its answer."""
    return failure_of(error).response()
