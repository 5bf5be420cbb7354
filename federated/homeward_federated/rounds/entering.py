"""
A device enters a round: it commits to fresh keys, reveals them and shares its secrets.

Nothing here depends on the person's vector; what was reserved for the round is given back if it
ends before `contributing` takes over.
"""

import hashlib
import os
from dataclasses import dataclass
from typing import ClassVar

from homeward_federated.enrolment.membership import Membership
from homeward_federated.errors import ProtocolViolation
from homeward_federated.priors.published_prior import PublishedPrior
from homeward_federated.priors.round_policy import check_prior, check_terms
from homeward_federated.privacy import budget as ledgers
from homeward_federated.privacy.accounting import rho
from homeward_federated.privacy.budget import BudgetEntry, BudgetLedger, Step
from homeward_federated.rounds.contributing import Dealt
from homeward_federated.rounds.round_state import Contribution, RoundContext, State
from homeward_federated.rounds.stage_names import DeviceStage
from homeward_federated.secure_aggregation.identity import SigningKey, read_invitation, seal
from homeward_federated.secure_aggregation.roster import (
    Cohort,
    CommitmentList,
    commit,
    read_commitments,
    read_roster,
)
from homeward_federated.secure_aggregation.round_keys import Role, prove_possession
from homeward_federated.secure_aggregation.shamir import SECRET_BYTES
from homeward_federated.secure_aggregation.share_distribution import distribute_shares, link
from homeward_federated.wire.envelope import decode
from homeward_federated.wire.messages import Advert, Commitment, Signed, Terms


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Invited:
    """Nothing has happened; there are no keys yet."""

    STAGE: ClassVar = DeviceStage.INVITED

    membership: Membership
    ledger: BudgetLedger
    contribution: Contribution

    def answer(self, data: bytes, *, now: int) -> tuple[State, bytes]:
        """
        Check the terms against the policy, reserve the budget, commit to fresh keys.

        Raises:
            TermsRefused: they offer less than this device's policy demands.
            BudgetExhausted: what is left of the budget does not cover the round.
            LedgerDamaged: what was spent can no longer be known.
            ProtocolViolation: not of the operator, or not with the prior that the terms name.
        """
        terms, encoded, prior = read_invitation(self.membership.operator, data)
        check_terms(self.membership.policy, terms, now=now)
        if hashlib.sha256(prior).digest() != terms.prior_hash:
            raise ProtocolViolation("the prior is not the one that the terms name")
        start = PublishedPrior.decode(prior)
        check_prior(self.membership.policy, start)
        entry = _entry(terms, encoded, now=now)
        context = RoundContext(self.membership, self.ledger, self.contribution, terms, start, entry)
        ledgers.reserve(self.ledger, entry, allowance=self.membership.allowance)
        return _commit(context)


def _entry(terms: Terms, encoded: bytes, *, now: int) -> BudgetEntry:
    return BudgetEntry(
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


def _commit(context: RoundContext) -> tuple[State, bytes]:
    identity, parcel, mask = (
        context.membership.identity,
        SigningKey.generate(),
        SigningKey.generate(),
    )
    terms_hash = context.entry.terms_hash
    made = commit(terms_hash, identity.public, parcel.public, mask.public)
    message = Commitment(terms_hash, context.membership.certificate, made)
    return Committed(context, parcel, mask), seal(identity, message)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Committed:
    """The round's keys exist, and nobody has seen them."""

    STAGE: ClassVar = DeviceStage.COMMITTED

    round: RoundContext
    parcel: SigningKey
    mask: SigningKey

    def answer(self, data: bytes, *, now: int) -> tuple[State, bytes]:
        """Show the keys, once it is fixed which other keys can be shown."""
        self.round.check_open(now)
        membership = self.round.membership
        commitments = read_commitments(
            data,
            terms_hash=self.round.entry.terms_hash,
            authority=membership.authority,
            task=self.round.terms.task,
        )
        self.round.check_size(len(commitments.items))
        advert = self._advert(commitments.hash)
        commitments.check_opens(membership.identity.public, advert)
        signed = seal(membership.identity, advert)
        return Advertised(self.round, self.parcel, self.mask, commitments, signed), signed

    def _advert(self, commitments: bytes) -> Advert:
        membership = self.round.membership
        parcel_proof, mask_proof = (
            prove_possession(key, role, device=membership.identity.public, commitments=commitments)
            for key, role in ((self.parcel, Role.PARCEL), (self.mask, Role.MASK))
        )
        return Advert(
            commitments_hash=commitments,
            certificate=membership.certificate,
            parcel_key=self.parcel.public,
            mask_key=self.mask.public,
            parcel_proof=parcel_proof,
            mask_proof=mask_proof,
        )


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Advertised:
    """The round's keys are shown; the cohort is not known yet."""

    STAGE: ClassVar = DeviceStage.ADVERTISED

    round: RoundContext
    parcel: SigningKey
    mask: SigningKey
    commitments: CommitmentList
    advert: bytes

    def answer(self, data: bytes, *, now: int) -> tuple[State, bytes]:
        """Check every peer, then deal shares of the mask key and of a new seed."""
        self.round.check_open(now)
        cohort = self._check_cohort(data)
        own = cohort.keys.index(self.round.membership.identity.public)
        seed = os.urandom(SECRET_BYTES)
        links = link(cohort, own, parcel=self.parcel)
        shares = distribute_shares(cohort, own, links=links, mask=self.mask, seed=seed)
        dealt = Dealt(self.round, links, self.mask, seed, cohort, own)
        return dealt, seal(self.round.membership.identity, shares)

    def _check_cohort(self, data: bytes) -> Cohort:
        cohort = read_roster(data, self.commitments, known={self.advert})
        self.round.check_size(cohort.size)
        mine = decode(Signed, self.advert)
        own = (mine.sender, decode(Advert, mine.body))
        if own not in zip(cohort.keys, cohort.adverts, strict=True):
            raise ProtocolViolation("this device's own advert is missing or changed")
        return cohort


# The states in which nothing that depends on the person has left.
UNSENT = (Committed, Advertised, Dealt)
