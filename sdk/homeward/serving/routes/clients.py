"""These routes show what other programs may do by MCP, and what they did."""

from datetime import datetime

from fastapi import APIRouter
from pydantic import BaseModel, Field

from homeward.serving.routes.parameters import Limit, Name
from homeward.serving.routes.shapes import RecordShape
from homeward.serving.service import Serving
from homeward_store import Ability, AccessRecord, Client, RequestOutcome

router = APIRouter(prefix="/homeward/v1", tags=["clients"])


class ClientOut(RecordShape):
    """The person's decision about one program. An empty `may` means that it was withdrawn."""

    name: str
    audience: str
    may: frozenset[Ability]
    at: datetime


class AccessOut(RecordShape):
    """One request of a program, without its words."""

    client: str
    ability: Ability
    outcome: RequestOutcome
    memories: tuple[int, ...]
    at: datetime


class NewGrant(BaseModel):
    """The permissions to grant, and the text that the person agreed to."""

    may: list[Ability] = Field(min_length=1)
    audience: str = Field(default="tool", min_length=1, max_length=100)
    shown: str = Field(min_length=1, max_length=10_000)


@router.get("/clients", response_model=list[ClientOut])
async def clients(service: Serving) -> list[Client]:
    """Every program that was decided about, by name."""
    return await service.me.run(lambda me: me.profile.clients.all())


@router.put("/clients/{name}", response_model=ClientOut)
async def grant(name: Name, given: NewGrant, service: Serving) -> Client:
    """Grant a program permissions, replacing earlier ones."""
    return await service.me.run(
        lambda me: me.profile.clients.grant(
            name, *given.may, audience=given.audience, shown=given.shown
        )
    )


@router.delete("/clients/{name}", response_model=ClientOut)
async def withdraw(name: Name, service: Serving) -> Client:
    """Revoke all of a program's permissions."""
    return await service.me.run(lambda me: me.profile.clients.withdraw(name))


@router.get("/accesses", response_model=list[AccessOut])
async def accesses(service: Serving, limit: Limit = 100) -> list[AccessRecord]:
    """List the requests of programs and their outcomes, newest first."""
    return await service.me.run(lambda me: me.profile.clients.accesses(limit=limit))
