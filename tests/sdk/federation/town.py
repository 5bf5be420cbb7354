"""Seven other devices and a server: the world around one assistant in a round, without threads."""

from dataclasses import dataclass, field

import numpy as np

from homeward.federation import CODE, DIMS
from homeward_federated.enrolment.enrolment import Certificate, Request, admit
from homeward_federated.enrolment.offer import Offer
from homeward_federated.priors.published_prior import PublishedPrior
from homeward_federated.priors.publishing import publish
from homeward_federated.priors.round_policy import Policy
from homeward_federated.privacy.budget import Allowance
from homeward_federated.rounds.device import DeviceRound
from homeward_federated.rounds.server import Opened, ServerRound
from homeward_federated.simulation.cohorts import LocalFederation
from homeward_federated.transport.transport import Question
from homeward_federated.wire.messages import Terms

POLICY = Policy("replies", CODE, DIMS, 2, min_cohort=8, min_survivors=6)


@dataclass
class Town:
    """A `Link` whose other end asks, closes and goes on as soon as this device has answered."""

    now: int
    federation: LocalFederation = field(default_factory=lambda: LocalFederation(POLICY))
    declined: int = 0
    sent: int = 0  # bytes that left this device
    silent_after: str = ""  # the server's stage after which it never asks again
    opened: Opened | None = None

    def __post_init__(self) -> None:
        policy = self.federation.policy
        self.prior = PublishedPrior.blank(policy.task, dims=policy.dims, groups=policy.groups)
        self._waiting: list[Question] = []

    def offer(self, allowance: Allowance | None = None) -> Offer:
        return Offer(
            "How you like replies to be.",
            "Example Foundation",
            "Example Registrar",
            self.federation.policy,
            allowance or Allowance(),
            self.federation.operator.public,
            self.federation.authority.public,
            "127.0.0.1:1",
            "no certificate",
        )

    def admits(self, request: Request) -> Certificate:
        return admit(self.federation.authority, request)

    def publication(self) -> bytes:
        return publish(self.federation.operator, self.prior)

    def invite(self, terms: Terms | None = None) -> None:
        """Begin a round."""
        self.opened = None
        terms = terms or self.federation.terms(self.prior, now=self.now)
        self._server: ServerRound = self.federation.serve(terms, self.prior)
        self._others: dict[bytes, DeviceRound] = {
            one.identity.public: self.federation.device(one, np.zeros(self.federation.policy.dims))
            for one in self.federation.enrol(7)
        }
        self._questions = dict.fromkeys(self._others, self._server.invitation)
        self._waiting = [Question(self._server.invitation, None)]

    def next(self) -> Question | None:
        return self._waiting.pop() if self._waiting else None

    def answer(self, question: Question, data: bytes) -> None:  # noqa: ARG002
        self.sent += len(data)
        self._server.receive(data)
        for key in self._questions.keys() & self._others.keys():
            self._server.receive(self._others[key].receive(self._questions[key], now=self.now))
        stage, self._questions = self._server.stage, self._server.close()
        if not self._questions:
            self.opened = self._server.opened
        elif stage != self.silent_after:
            [mine] = self._questions.keys() - self._others.keys()
            self._waiting = [Question(self._questions[mine], None)]

    def decline(self, question: Question) -> None:  # noqa: ARG002
        self.declined += 1
