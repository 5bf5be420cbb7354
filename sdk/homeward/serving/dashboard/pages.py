"""
Serves the dashboard's pages with the headers that confine them.

They hold no data, so they are given without a token. The policy lets a page load scripts, styles
and data from this server and nothing from anywhere: with no inline script and no other origin, text
that somebody made the assistant remember cannot become code or be sent away.
"""

import mimetypes
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, Field
from starlette.responses import JSONResponse, Response

from homeward.serving.dashboard.login_codes import Admissions
from homeward.serving.failures import Failure

router = APIRouter(include_in_schema=False)

_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
        "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
        "require-trusted-types-for 'script'"
    ),
    "Cache-Control": "no-cache",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
# The system's own table of types may lack these, and a module of another type does not run.
_TYPES = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}


def _files() -> dict[str, Response]:
    root = Path(__file__).parent / "web"
    return {
        one.relative_to(root).as_posix(): Response(one.read_bytes(), 200, _HEADERS, _type(one))
        for one in root.rglob("*")
        if one.is_file()
    }


def _type(file: Path) -> str | None:
    return _TYPES.get(file.suffix) or mimetypes.guess_type(file.name)[0]


_FILES = _files()


class LoginInvitation(BaseModel):
    """The code of an address that `homeward open` made."""

    code: str = Field(max_length=100)


def _admissions(request: Request) -> Admissions:
    admissions: Admissions = request.app.state.admissions
    return admissions


@router.get("/")
async def index() -> Response:
    """The one page; which part of it is shown stands after the # of its address."""
    return _FILES["index.html"]


@router.get("/dashboard/{file:path}")
async def asset(file: str) -> Response:
    """A script, a style or the icon."""
    if file not in _FILES:
        raise Failure(404, "not_found", "the dashboard has no such file")
    return _FILES[file]


@router.post("/dashboard/admit", response_model=None)
async def admit(
    given: LoginInvitation, admissions: Annotated[Admissions, Depends(_admissions)]
) -> Response:
    """Give a page its key for a code, once."""
    key = admissions.admit(given.code)
    if key is None:
        raise Failure(
            403,
            "code_used",
            "this code was used already or is older than a minute; run `homeward open` again",
        )
    return JSONResponse({"key": key}, headers={"Cache-Control": "no-store"})
