"""These routes show the joined tasks, their privacy cost and what joining would take."""

from fastapi import APIRouter
from pydantic import BaseModel, Field

from homeward.assistant import Assistant
from homeward.federation import CODE, NAMES
from homeward.serving.routes.parameters import Name
from homeward.serving.service import Serving
from homeward_federated.enrolment.consent import Joined
from homeward_federated.priors.published_prior import PublishedPrior
from homeward_federated.privacy.budget import Allowance

router = APIRouter(prefix="/homeward/v1", tags=["federation"])


class TaskOut(BaseModel):
    """A task that the person joined and has not left."""

    task: str
    summary: str
    operator: str
    authority: str
    admitted: bool = Field(
        description="Whether the authority has admitted this device, so that it can join rounds."
    )
    rounds_per_year: int
    style: bool = Field(description="Whether rounds include the learned style.")


class StartOut(BaseModel):
    """The published prior that taste starts from."""

    task: str
    version: int
    groups: int


class FederationOut(BaseModel):
    """Everything about learning with others; costs are epsilons against the server."""

    joined: list[TaskOut]
    rounds: int
    epsilon_of_the_year: float
    epsilon_per_year: float = Field(description="What the person allows.")
    epsilon_in_all: float
    epsilon_lifetime: float = Field(description="What the person allows.")
    start: StartOut | None
    code: str = Field(description="The code that says what the numbers mean.")
    numbers: tuple[str, ...]


@router.get("/federation")
async def federation(service: Serving) -> FederationOut:
    """Show where the person stands. Reads this device alone."""
    return await service.me.run(_standing)


@router.delete("/federation/{task}")
async def leave(task: Name, service: Serving) -> FederationOut:
    """Leave a task: its keys are shredded and the consent is withdrawn."""

    def work(me: Assistant) -> FederationOut:
        me.federation.leave(task)
        return _standing(me)

    return await service.me.run(work)


def _standing(me: Assistant) -> FederationOut:
    joined, spent, prior = me.federation.joined(), me.federation.spent(), me.federation.prior
    allowance = joined[0].offer.allowance if joined else Allowance()
    return FederationOut(
        joined=[_task(me, one) for one in joined],
        rounds=spent.rounds,
        epsilon_of_the_year=spent.epsilon_of_the_year,
        epsilon_per_year=allowance.epsilon_per_year,
        epsilon_in_all=spent.epsilon_in_all,
        epsilon_lifetime=allowance.epsilon_lifetime,
        start=None if prior is None else _start(prior),
        code=CODE,
        numbers=NAMES,
    )


def _start(prior: PublishedPrior) -> StartOut:
    return StartOut(task=prior.task, version=prior.version, groups=int(prior.live.sum()))


def _task(me: Assistant, joined: Joined) -> TaskOut:
    offer = joined.offer
    return TaskOut(
        task=joined.consent.task,
        summary=offer.summary,
        operator=offer.operator,
        authority=offer.authority,
        admitted=bool(joined.certificate),
        rounds_per_year=offer.rounds_per_year,
        style=me.federation.shares_style(joined.consent.task),
    )
