"""These routes show and change which web origins may ask."""

from fastapi import APIRouter
from pydantic import BaseModel, Field

from homeward.policy.allowed_origins import AllowedOrigin
from homeward.serving.service import Serving

router = APIRouter(prefix="/homeward/v1", tags=["clients"])


class OriginOut(BaseModel):
    """An origin whose pages may ask, and the audience that they are."""

    origin: str
    audience: str
    at: str


class NewOrigin(BaseModel):
    """An origin to allow, exactly."""

    origin: str = Field(max_length=300)
    audience: str = Field(default="tool", min_length=1, max_length=200)


class OriginToken(BaseModel):
    """The token of an origin. It is told once."""

    token: str


class OldOrigin(BaseModel):
    """An origin to allow no longer."""

    origin: str = Field(max_length=300)


@router.get("/origins")
async def origins(service: Serving) -> list[OriginOut]:
    """Every origin that is allowed, by name."""
    return _shown(await _current(service))


@router.post("/origins", status_code=201)
async def allow(given: NewOrigin, service: Serving) -> OriginToken:
    """Allow an origin; its pages reach `/v1` alone, with this token, as this audience."""
    token = await service.me.run(lambda me: me.origins.allow(given.origin, audience=given.audience))
    await _current(service)
    return OriginToken(token=token)


@router.post("/origins/withdraw")
async def withdraw(given: OldOrigin, service: Serving) -> list[OriginOut]:
    """Allow an origin no longer, at once; those that are left."""
    await service.me.run(lambda me: me.origins.withdraw(given.origin))
    return _shown(await _current(service))


async def _current(service: Serving) -> tuple[AllowedOrigin, ...]:
    """Return those that are allowed now, and let the guard go by them."""
    service.origins = await service.me.run(lambda me: me.origins.all())
    return service.origins


def _shown(found: tuple[AllowedOrigin, ...]) -> list[OriginOut]:
    return [OriginOut(origin=one.origin, audience=one.audience, at=one.at) for one in found]
