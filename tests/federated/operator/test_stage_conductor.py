"""Rounds over a carrier: devices that hang, decline or babble only drop themselves."""

import numpy as np
import pytest

from homeward_federated import TooFewSurvivors
from homeward_federated.enrolment.membership import Membership
from homeward_federated.operator.stage_conductor import Conductor
from homeward_federated.priors.published_prior import PublishedPrior
from homeward_federated.simulation.cohorts import LocalFederation
from homeward_federated.transport.client_loop import Begin, Node
from homeward_federated.transport.in_memory import InMemoryTransport
from homeward_federated.transport.transport import Carrier, Link, Question
from homeward_federated.wire.messages import Terms


class World:
    """Ten nodes and a conductor whose sleep lets the nodes run and time pass."""

    def __init__(self, federation: LocalFederation, now: int) -> None:
        self.exchange = InMemoryTransport(range(10))
        self.time, self.now = 0.0, now
        self.nodes = [
            Node(self.exchange.links[i], self._begin(federation, m), clock=lambda: now)
            for i, m in enumerate(federation.enrol(10))
        ]
        self.conductor = Conductor(
            self.exchange, patience=5.0, clock=lambda: self.time, sleep=self.sleep
        )
        self.deaf: set[int] = set()

    def _begin(self, federation: LocalFederation, member: Membership) -> Begin:
        return lambda: federation.device(member, np.zeros(8))

    def sleep(self, seconds: float) -> None:
        self.time += seconds
        for number, node in enumerate(self.nodes):
            if number not in self.deaf:
                node.step()


@pytest.fixture
def world(federation: LocalFederation, now: int) -> World:
    return World(federation, now)


def test_a_round_runs_over_a_carrier_as_often_as_asked(
    world: World, federation: LocalFederation, prior: PublishedPrior, now: int
) -> None:
    for _ in range(2):
        opened = world.conductor.run(federation.serve(federation.terms(prior, now=now), prior))
        assert opened.survivors == 10
    assert [s.name for s in world.conductor.stages] == [
        "Inviting", "Revealing", "Sharing", "Masking", "Agreeing", "Opening",
    ]  # fmt: skip
    assert {(s.asked, s.answered, s.refused) for s in world.conductor.stages} == {(10, 10, 0)}
    assert {node.stage for node in world.nodes} == {"Over"}


def test_a_deaf_device_costs_one_stages_patience(
    world: World, federation: LocalFederation, terms: Terms, prior: PublishedPrior
) -> None:
    world.deaf = {3}
    assert world.conductor.run(federation.serve(terms, prior)).survivors == 9
    assert [round(s.seconds) for s in world.conductor.stages] == [5, 0, 0, 0, 0, 0]
    assert world.nodes[3].stage == "Idle"


def test_devices_that_refuse_or_babble_only_drop_themselves(
    world: World, federation: LocalFederation, terms: Terms, prior: PublishedPrior
) -> None:
    # One already took part in this round; another's answers are noise.
    refusing, babbling = world.exchange.links[1], world.exchange.links[2]
    world.deaf = {1, 2}
    sleep = world.conductor.sleep

    def awake(seconds: float) -> None:
        if question := refusing.next():
            refusing.decline(question)
        if question := babbling.next():
            babbling.answer(question, b"HWF")
        sleep(seconds)

    world.conductor.sleep = awake
    assert world.conductor.run(federation.serve(terms, prior)).survivors == 8
    assert world.conductor.stages[0].refused == 2


def test_a_round_without_enough_devices_ends_and_the_next_one_starts_afresh(
    world: World, federation: LocalFederation, prior: PublishedPrior, now: int
) -> None:
    world.deaf = set(range(5))
    with pytest.raises(TooFewSurvivors, match="5 devices, 8 promised"):
        world.conductor.run(federation.serve(federation.terms(prior, now=now), prior))
    world.deaf = set()
    # The deaf ones find two invitations waiting; the first is out of time for the server.
    again = world.conductor.run(federation.serve(federation.terms(prior, now=now), prior))
    assert again.survivors == 10


def test_a_node_declines_what_is_not_a_question(world: World) -> None:
    link = world.exchange.links[0]
    world.exchange.ask({0: b"rm -rf"})
    assert world.nodes[0].step()
    assert not world.nodes[0].step()
    [answer] = world.exchange.collect()
    assert answer.data is None
    link.answer(Question(b"", 0), b"late")
    assert world.exchange.collect() == []


def test_the_memory_exchange_fits_both_ports() -> None:
    exchange = InMemoryTransport([1])
    carrier: Carrier = exchange
    link: Link = exchange.links[1]
    carrier.ask({1: b"question"})
    question = link.next()
    assert question is not None
    link.answer(question, b"answer")
    assert [(a.node, a.data) for a in carrier.collect()] == [(1, b"answer")]
