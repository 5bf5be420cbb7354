"""These routes show consents, the privacy budget and receipts."""

from fastapi import APIRouter
from pydantic import BaseModel, Field

from homeward.assistant import Assistant
from homeward.errors import InvalidArgument
from homeward.serving.routes.shapes import ConsentOut, ReceiptOut, ReservationOut
from homeward.serving.service import Serving
from homeward_store import Category, Purpose, Receipt

router = APIRouter(prefix="/homeward/v1", tags=["promises"])

# Contributing is agreed to task by task, after its offer was seen: that is joining, not a switch.
SWITCHED = tuple(one for one in Purpose if one is not Purpose.CONTRIBUTE)


class Decided(BaseModel):
    """The person's answer. Of the words that they were shown the hash is kept."""

    purpose: Purpose
    categories: list[Category] = Field(min_length=1)
    granted: bool
    shown: str = Field(
        "",
        max_length=10_000,
        description="The text that the person agreed to; required for a grant.",
    )


class Recorded(BaseModel):
    """The current consents, and what was switched off because a consent was withdrawn."""

    consents: list[ConsentOut]
    switched_off: list[str]


class SpendingOut(BaseModel):
    """Every federated run, and for each budget its limit and what is spent, in rho."""

    reservations: list[ReservationOut]
    limits: dict[str, float]
    spent: dict[str, float]


@router.get("/consents")
async def consents(service: Serving) -> list[ConsentOut]:
    """Whether each category may be read for each purpose now."""
    return await service.me.run(_consents)


@router.put("/consents")
async def decide(decided: Decided, service: Serving) -> Recorded:
    """Record the person's yes or no; it takes effect with the next read."""
    if decided.granted and not decided.shown.strip():
        raise InvalidArgument("a grant needs `words`: the text that the person agreed to")

    def work(me: Assistant) -> Recorded:
        consent = me.profile.consent
        record = consent.grant if decided.granted else consent.withdraw
        went_off = record(decided.purpose, *decided.categories, shown=decided.shown)
        return Recorded(consents=_consents(me), switched_off=list(went_off or ()))

    return await service.me.run(work)


@router.get("/spending")
async def spending(service: Serving) -> SpendingOut:
    """Return the privacy cost so far."""

    def work(me: Assistant) -> SpendingOut:
        spent = me.profile.spending
        runs = spent.reservations()
        budgets = sorted({one.budget for one in runs})
        return SpendingOut(
            reservations=[ReservationOut.model_validate(one) for one in runs],
            limits={one: spent.budget(one) for one in budgets},
            spent={one: spent.spent(one) for one in budgets},
        )

    return await service.me.run(work)


@router.get("/receipts", response_model=list[ReceiptOut])
async def receipts(service: Serving) -> list[Receipt]:
    """Every receipt, oldest first."""
    return await service.me.run(lambda me: me.profile.receipts())


def _consents(me: Assistant) -> list[ConsentOut]:
    allows = me.profile.consent.allows
    return [
        ConsentOut(purpose=purpose, category=category, granted=allows(purpose, category))
        for purpose in SWITCHED
        for category in Category
    ]
