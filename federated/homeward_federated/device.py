"""
The device's side of a round, without I/O: the server's message in, the answer out.

    Invited ─Invitation→ Advertised ─Roster→ Dealt ─Inbox→ Sent ─Survivors→ Agreed ─Agreements→ Over

Each state is a value that holds only what the later ones need: keys are dropped with the state that
used them last. An answer that raises leaves the state, and the ledger, as they were; an answer that
is given moves on, so no question is ever answered twice. Source: Bonawitz et al. 2017 (the
variant against an active server), Bell et al. 2020 (neighbour graph).
"""

import hashlib
import os
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from numpy.typing import NDArray

from homeward_federated import ledger as ledgers
from homeward_federated.accounting import rho
from homeward_federated.dealing import NO_SHARE, Held, Links, deal, link, open_inbox
from homeward_federated.envelope import decode, encode
from homeward_federated.errors import OutOfOrder, ProtocolViolation, TermsRefused, TooFewSurvivors
from homeward_federated.identity import check_body, read_invitation, seal
from homeward_federated.ledger import Entry, Ledger, Step
from homeward_federated.masking import pair_masks, self_mask
from homeward_federated.membership import Membership
from homeward_federated.messages import (
    NONCE_BYTES,
    Advert,
    Agreement,
    Agreements,
    Inbox,
    Masked,
    Signed,
    Survivors,
    Terms,
    Unmasking,
)
from homeward_federated.noise import discrete_gaussian
from homeward_federated.policy import check_prior, check_terms
from homeward_federated.prior import Prior, nearest_group
from homeward_federated.quantizing import noise_variance, quantize, to_words
from homeward_federated.roster import Cohort, from_bitmap, quorum, read_roster
from homeward_federated.sharing import SECRET_BYTES
from homeward_federated.slots import Layout, place

# Given the prior of the round, the person's own vector: (dims,) float64.
Contribution = Callable[[Prior], NDArray[np.float64]]


class DeviceRound:
    """
    One round on one device.

    Guarantees:
        Before the last answer, nothing that depends on the person's vector leaves unmasked.
        The last answer is given only when at least `min_survivors` enrolled devices have signed
        the same set of survivors; each of them added its share of the noise.
    """

    def __init__(
        self, membership: Membership, *, ledger: Ledger, contribution: Contribution
    ) -> None:
        self._state: State = Invited(membership, ledger, contribution)

    @property
    def stage(self) -> str:
        """The name of the state: what the device has done last."""
        return type(self._state).__name__

    def receive(self, data: bytes, *, now: int) -> bytes:
        """
        Return the answer to the server's message.

        Raises:
            FederatedError: the message is refused; the state is as it was.
        """
        self._state, answer = self._state.answer(data, now=now)
        return answer

    def leave(self, *, now: int) -> None:
        """Drop the round and its keys; give back the reservation if nothing was sent."""
        state, self._state = self._state, Over()
        if isinstance(state, Advertised | Dealt):
            ledgers.abandon(state.round.ledger, state.round.entry, now=now)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class RoundContext:
    """What stays the same from the accepted invitation on."""

    membership: Membership
    ledger: Ledger
    contribution: Contribution
    terms: Terms
    prior: Prior
    entry: Entry

    def check_open(self, now: int) -> None:
        """Raise `OutOfOrder` once the round's time is over."""
        if now >= self.terms.closes_at:
            raise OutOfOrder(f"the round closed at {self.terms.closes_at}")


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Invited:
    """Nothing has happened; there are no keys yet."""

    membership: Membership
    ledger: Ledger
    contribution: Contribution

    def answer(self, data: bytes, *, now: int) -> tuple["State", bytes]:
        """Check the terms against the policy, reserve the budget, advertise fresh keys."""
        terms, encoded, prior = read_invitation(self.membership.operator, data)
        check_terms(self.membership.policy, terms, now=now)
        if hashlib.sha256(prior).digest() != terms.prior_hash:
            raise ProtocolViolation("the prior is not the one that the terms name")
        start = Prior.decode(prior)
        check_prior(self.membership.policy, start)
        entry = _entry(terms, encoded, now=now)
        context = RoundContext(self.membership, self.ledger, self.contribution, terms, start, entry)
        ledgers.reserve(self.ledger, entry, allowance=self.membership.allowance)
        return _advertise(context)


def _entry(terms: Terms, encoded: bytes, *, now: int) -> Entry:
    return Entry(
        at=now,
        task=terms.task,
        round_id=terms.round_id,
        terms_hash=hashlib.sha256(encoded).digest(),
        code=terms.code,
        noise_multiplier=terms.noise_multiplier,
        clip=terms.clip,
        rho=rho(terms.noise_multiplier),
        step=Step.RESERVED,
    )


def _advertise(context: RoundContext) -> tuple["State", bytes]:
    parcel, mask = X25519PrivateKey.generate(), X25519PrivateKey.generate()
    advert = Advert(
        terms_hash=context.entry.terms_hash,
        certificate=context.membership.certificate,
        parcel_key=parcel.public_key().public_bytes_raw(),
        mask_key=mask.public_key().public_bytes_raw(),
        nonce=os.urandom(NONCE_BYTES),
    )
    signed = seal(context.membership.identity, advert)
    return Advertised(context, parcel, mask, signed), signed


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Advertised:
    """The round's keys exist; the cohort is not known yet."""

    round: RoundContext
    parcel: X25519PrivateKey
    mask: X25519PrivateKey
    advert: bytes

    def answer(self, data: bytes, *, now: int) -> tuple["State", bytes]:
        """Check every peer, then deal shares of the mask key and of a new seed."""
        self.round.check_open(now)
        cohort = self._check_cohort(data)
        own = cohort.keys.index(self.round.membership.identity.public)
        seed = os.urandom(SECRET_BYTES)
        links = link(cohort, own, parcel=self.parcel)
        shares = deal(cohort, own, links=links, mask=self.mask, seed=seed)
        dealt = Dealt(self.round, links, self.mask, seed, cohort, own)
        return dealt, seal(self.round.membership.identity, shares)

    def _check_cohort(self, data: bytes) -> Cohort:
        cohort = read_roster(
            data,
            authority=self.round.membership.authority,
            task=self.round.terms.task,
            terms_hash=self.round.entry.terms_hash,
            known=frozenset({hashlib.sha256(self.advert).digest()}),
        )
        if not self.round.terms.min_cohort <= cohort.size <= self.round.terms.max_cohort:
            raise TermsRefused(f"a cohort of {cohort.size} where the terms promise more")
        mine = decode(Signed, self.advert)
        own = (mine.sender, decode(Advert, mine.body))
        if own not in zip(cohort.keys, cohort.adverts, strict=True):
            raise ProtocolViolation("this device's own advert is missing or changed")
        return cohort


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Dealt:
    """Shares are out; the person's vector is still untouched."""

    round: RoundContext
    links: Links
    mask: X25519PrivateKey
    seed: bytes
    cohort: Cohort
    own: int

    def answer(self, data: bytes, *, now: int) -> tuple["State", bytes]:
        """Keep the neighbours' shares; send the clipped, noised, masked vector."""
        self.round.check_open(now)
        inbox = decode(Inbox, data)
        if inbox.roster_hash != self.cohort.hash:
            raise OutOfOrder("an inbox of another roster")
        held = open_inbox(inbox, self.cohort, self.own, links=self.links)
        whole = sum(share.is_whole for share in held.values())
        if whole < self.cohort.threshold(self.own):
            raise TooFewSurvivors(f"{whole} neighbours dealt sound shares")
        words = self._noised() + self._masks(held)
        sealed = seal(
            self.round.membership.identity, Masked(self.cohort.hash, words.astype("<u4").tobytes())
        )
        # Before the bytes leave: a crash between here and there costs budget, never privacy.
        ledgers.mark_sent(self.round.ledger, self.round.entry, now=now)
        return Sent(self.round, self.cohort, self.own, held), sealed

    def _noised(self) -> NDArray[np.uint32]:
        terms = self.round.terms
        placed = contribute(self.round.contribution, self.round.prior, clip=terms.clip)
        quanta = quantize(placed, largest_norm=terms.clip, scale=terms.scale)
        noise = discrete_gaussian(noise_variance(terms, size=len(quanta)), len(quanta))
        return to_words(quanta + noise)

    def _masks(self, held: dict[int, Held]) -> NDArray[np.uint32]:
        size = Layout(self.round.terms.dims, self.round.terms.groups).size
        peers = ((index, self.cohort.adverts[index].mask_key) for index in held)
        pairs = pair_masks(self.mask, self.own, peers, roster_hash=self.cohort.hash, size=size)
        return pairs + self_mask(self.seed, roster_hash=self.cohort.hash, size=size)


def contribute(contribution: Contribution, prior: Prior, *, clip: float) -> NDArray[np.float64]:
    """
    Return what a person's vector adds to the sum, before rounding and noise.

    The device chooses its group here; the choice leaves only inside the masked vector.
    """
    groups, dims = prior.groups.shape
    vector = contribution(prior)
    group = nearest_group(vector, prior)
    difference = vector - prior.of_group(group)
    return place(difference, group=group, layout=Layout(dims, groups), largest_norm=clip)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Sent:
    """The masked vector is out; of the device's secrets only the neighbours' shares remain."""

    round: RoundContext
    cohort: Cohort
    own: int
    held: dict[int, Held]

    def answer(self, data: bytes, *, now: int) -> tuple["State", bytes]:
        """Sign the set of survivors, if it is one that the terms allow."""
        self.round.check_open(now)
        survivors = decode(Survivors, data)
        if survivors.roster_hash != self.cohort.hash:
            raise OutOfOrder("survivors of another roster")
        alive = from_bitmap(survivors.bitmap, size=self.cohort.size)
        self._check(alive)
        agreement = Agreement(survivors.roster_hash, survivors.bitmap)
        return (
            Agreed(self.round, self.cohort, self.own, self.held, alive, encode(agreement)),
            seal(self.round.membership.identity, agreement),
        )

    def _check(self, alive: frozenset[int]) -> None:
        least = quorum(size=self.cohort.size, min_survivors=self.round.terms.min_survivors)
        if len(alive) < least:
            raise TooFewSurvivors(f"{len(alive)} survivors of {self.cohort.size}, {least} promised")
        if self.own not in alive:
            raise ProtocolViolation("this device is declared dropped and still asked")
        # A neighbour whose parcel was withheld shares no mask with this device: the sum would
        # not open, and the server knows it.
        if not alive.isdisjoint(set(self.cohort.neighbours[self.own]) - set(self.held)):
            raise ProtocolViolation("a neighbour survived that never reached this device")


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Agreed:
    """One set of survivors is signed; no other will be."""

    round: RoundContext
    cohort: Cohort
    own: int
    held: dict[int, Held]
    alive: frozenset[int]
    agreement: bytes

    def answer(self, data: bytes, *, now: int) -> tuple["State", bytes]:
        """Give one share per neighbour once enough survivors signed the same set."""
        self.round.check_open(now)
        agreements = decode(Agreements, data)
        if agreements.roster_hash != self.cohort.hash:
            raise OutOfOrder("agreements of another roster")
        self._check(agreements.signatures)
        shares = tuple(self._share_of(index) for index in self.cohort.neighbours[self.own])
        return Over(), seal(self.round.membership.identity, Unmasking(self.cohort.hash, shares))

    def _check(self, signatures: tuple[bytes, ...]) -> None:
        if len(signatures) != self.cohort.size:
            raise ProtocolViolation(f"{len(signatures)} signatures for {self.cohort.size} devices")
        signers = [i for i in sorted(self.alive) if signatures[i] and i != self.own]
        least = quorum(size=self.cohort.size, min_survivors=self.round.terms.min_survivors)
        if len(signers) + 1 < least:
            raise TooFewSurvivors(f"{len(signers) + 1} devices agreed, {least} promised")
        # This device signed too. More than the quorum adds nothing but 90 us each.
        for index in signers[: least - 1]:
            check_body(self.cohort.keys[index], self.agreement, signatures[index])

    def _share_of(self, index: int) -> bytes:
        """Exactly one of the two shares: both together would unmask one device alone."""
        held = self.held.get(index)
        if held is None:
            return NO_SHARE
        return held.seed if index in self.alive else held.key


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Over:
    """The round has ended for this device; nothing of it is left."""

    def answer(self, data: bytes, *, now: int) -> tuple["State", bytes]:  # noqa: ARG002
        """Refuse everything."""
        raise OutOfOrder("the round is over")


State = Invited | Advertised | Dealt | Sent | Agreed | Over
