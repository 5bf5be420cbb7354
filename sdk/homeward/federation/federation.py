"""
Lets a person see, join, contribute to and leave federations.

Before joining nothing exists: no key, no connection, no entry. Each round asks the consent ledger
again, and is reserved in the privacy ledger before a byte of it leaves. Flower runs in a process of
its own, which sees no profile.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass

from homeward.federation import exchanged_numbers
from homeward.federation.budget_ledger import BUDGET, ProfileLedger
from homeward.federation.contribution import Contribution
from homeward.federation.storage import KeptPrior, ProfileMemberships
from homeward.taste import Group, PersonalTaste, WeightPrior as Belief
from homeward_federated.enrolment import consent
from homeward_federated.enrolment.consent import Joined, Preview
from homeward_federated.enrolment.enrolment import Certificate, Request
from homeward_federated.enrolment.offer import Offer
from homeward_federated.errors import (
    TermsRefused,
)
from homeward_federated.priors.published_prior import PublishedPrior
from homeward_federated.privacy.accounting import epsilon, largest_rho
from homeward_federated.privacy.budget import YEAR_SECONDS, counted, spent
from homeward_federated.rounds.device import DeviceRound
from homeward_federated.rounds.participation import sample_participation
from homeward_federated.transport.client_loop import Node, Participation, take_part
from homeward_federated.transport.subprocess_link import connect_apart
from homeward_federated.transport.transport import Link
from homeward_store import (
    Category,
    Profile,
    Purpose,
)
from homeward_store.typed import doors

_FROM = Category.CHOICES  # what taste is computed from
_STYLE_FROM = Category.WRITINGS  # and what else a soft prompt is


@dataclass(frozen=True, slots=True)
class Spent:
    """What contributing has cost, over all tasks: epsilon against the server."""

    rounds: int
    epsilon_of_the_year: float
    epsilon_in_all: float


@doors
class Federation:
    """Lets one person join, contribute to and leave federations."""

    def __init__(
        self,
        profile: Profile,
        taste: Callable[[], PersonalTaste],
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._profile, self._taste, self._clock = profile, taste, clock
        self._memberships = ProfileMemberships(profile)
        self._prior = KeptPrior(profile)
        self._ledger = ProfileLedger(profile)
        self._contribution = Contribution(profile, taste, self.shares_style)

    def joined(self) -> list[Joined]:
        """Return what the person has joined and not left, admitted or not."""
        decisions = self._profile.consent.decisions()
        tasks = dict.fromkeys(one.task for one in decisions if one.task)
        found = [self._memberships.load(task) for task in tasks if self._consents(task)]
        return [one for one in found if one is not None]

    def spent(self, *, delta: float = 1e-6) -> Spent:
        """Return what contributing has cost so far."""
        entries, year = self._ledger.entries(), int(self._clock()) - YEAR_SECONDS
        costs = [epsilon(spent(entries, since=since), delta=delta) for since in (year, 0)]
        return Spent(len(counted(entries)), *costs)

    def preview(self, offer: Offer, *, style: bool | None = None) -> Preview:
        """
        Return what one round would take from this person, from data of theirs; nothing leaves.

        `style` is whether the learned style is taken, too; None is as the person has agreed.

        Raises:
            TermsRefused: the task is about other numbers than these.
        """
        _check_meaning(offer)
        start = self._contribution.start(offer)
        data = self._taste().comparisons(self._profile.choices.all())
        style = self.shares_style(offer.policy.task) if style is None else style
        return consent.preview(
            self._contribution.numbers(data, start, style=style), start, offer.policy
        )

    def join(self, offer: Offer, *, agreed_to: bytes) -> Request:
        """
        Join a task: record the consent, make its keys, and return the request to be admitted.

        `agreed_to` is the hash of the offer whose text the person read. Joining again makes new
        keys; what was spent stays spent.

        Raises:
            TermsRefused: the person agreed to another offer, or it is about other numbers.
        """
        _check_meaning(offer)
        allowance, task = offer.allowance, offer.policy.task
        with self._profile.transaction():
            joined = consent.join(
                self._memberships, offer, agreed_to=agreed_to, now=int(self._clock())
            )
            self._profile.consent.grant(Purpose.CONTRIBUTE, _FROM, shown=offer.text, task=task)
            most = largest_rho(allowance.epsilon_lifetime, delta=allowance.delta)
            self._profile.spending.set_budget(BUDGET, most)
        return joined.request

    def share_style(self, task: str, *, on: bool) -> None:
        """
        Let the rounds of a joined task take the learned style, too, or no more, from the next on.

        The person is asked `STYLE_ASKED` before.

        Raises:
            NotJoined: the person has not joined this task.
        """
        consent.require(self._memberships, task)
        if on:
            self._profile.consent.grant(
                Purpose.CONTRIBUTE, _STYLE_FROM, shown=exchanged_numbers.STYLE_ASKED, task=task
            )
        else:
            self._profile.consent.withdraw(Purpose.CONTRIBUTE, _STYLE_FROM, task=task)

    def shares_style(self, task: str) -> bool:
        """Whether rounds of a task may take what was learned from writings."""
        allows = self._profile.consent.allows
        return allows(Purpose.CONTRIBUTE, _STYLE_FROM, task=task) and allows(
            Purpose.LEARN, _STYLE_FROM
        )

    def admit(self, certificate: Certificate) -> Joined:
        """
        Keep the authority's answer.

        Raises:
            NotJoined: its task is not joined. WrongSigner: it is not for this device.
        """
        return consent.complete(self._memberships, certificate)

    def leave(self, task: str) -> None:
        """End a task: the keys are shredded and the consent is withdrawn. Works at any time."""
        with self._profile.transaction():
            consent.leave(self._memberships, task)
            self._profile.consent.withdraw(Purpose.CONTRIBUTE, task=task)

    def end_without_consent(self, task: str) -> bool:
        """Shred a joined task's keys where the person agrees to it no more; whether it did."""
        joined = self._memberships.load(task) is not None
        if joined and not self._consents(task):
            consent.leave(self._memberships, task)
            return True
        return False

    def contribute(
        self, task: str, *, seconds: float = 600.0, share: float = 1.0, link: Link | None = None
    ) -> Participation:
        """
        Wait for one round of a joined task, at most `seconds`, and take part in it.

        `share` is how often this device's own coin lets it take part. `link` carries the messages;
        by default a connection to the task's SuperLink, over TLS, for as long as this takes.

        Raises:
            NotJoined, NothingToShare, BudgetExhausted, LedgerDamaged, TermsRefused: nothing left
            the device that depends on the person. ServerUnreachable: there is no such server.
        """
        joined = consent.require(self._memberships, task)
        membership = joined.membership
        self._contribution.comparisons(task)  # before anything connects

        def begin() -> DeviceRound:
            return DeviceRound(
                membership,
                ledger=self._ledger,
                contribution=lambda start: self._contribution.of_round(task, start),
            )

        if not sample_participation(share):
            return Participation.NONE
        if link is not None:
            return take_part(Node(link, begin, clock=self._clock), seconds=seconds)
        offer, node_key = joined.offer, joined.node.secret
        with connect_apart(offer.address, ca=offer.ca.encode(), node_key=node_key) as connection:
            return take_part(Node(connection, begin, clock=self._clock), seconds=seconds)

    def fetch_prior(self, offer: Offer, *, source: str | None = None) -> PublishedPrior:
        """
        Get the newest published prior and start from it: one request, or none for a path.

        Needs no joining: nothing of the person is sent.

        Raises:
            PriorRefused: not signed by the offer's operator, or older than what is held.
            ServerUnreachable: no file is there. TermsRefused: it is about other numbers.
        """
        from homeward_federated.priors.download import fetch_prior  # noqa: PLC0415  # it loads TLS

        if offer.policy.code != exchanged_numbers.CODE:
            code = offer.policy.code
            raise TermsRefused(
                f"{code!r} publishes no prior for taste; {exchanged_numbers.CODE!r} does"
            )
        publication = fetch_prior(source or offer.priors)
        return self._prior.replace(publication, operator=offer.operator_key)

    def drop_prior(self) -> None:
        """Start from nothing again."""
        self._prior.drop()

    @property
    def prior(self) -> PublishedPrior | None:
        """The published prior that taste starts from, if there is one."""
        return self._prior.load()

    def groups(self, stranger: Belief) -> list[Group]:
        """Return what others' choices say of a new person; nothing without a published prior."""
        prior = self.prior
        return [] if prior is None else exchanged_numbers.groups(prior, stranger)

    def _consents(self, task: str) -> bool:
        return self._profile.consent.allows(Purpose.CONTRIBUTE, _FROM, task=task)


def _check_meaning(offer: Offer) -> None:
    policy = offer.policy
    exchanged_numbers.told(policy.code)
    expected = len(exchanged_numbers.MEANINGS[policy.code])
    if expected != policy.dims:
        raise TermsRefused(
            f"task {policy.code!r} needs {expected} dimensions, the offer has {policy.dims}"
        )
