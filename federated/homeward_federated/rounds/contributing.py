"""
A device contributes: it sends its clipped, noised vector masked, and only the sum is opened.

What opens it are the shares that its peers hold. A device gives exactly one for each peer, of the
seed of who survived or of the mask key of who did not, once a quorum has signed the same survivors.
"""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from homeward_federated.errors import OutOfOrder, ProtocolViolation, TooFewSurvivors
from homeward_federated.priors.published_prior import PublishedPrior, nearest_group
from homeward_federated.privacy import budget as ledgers
from homeward_federated.privacy.noise import discrete_gaussian
from homeward_federated.rounds.round_state import Contribution, Over, RoundContext, State
from homeward_federated.rounds.stage_names import DeviceStage
from homeward_federated.secure_aggregation.identity import SigningKey, check_body, seal
from homeward_federated.secure_aggregation.masking import pair_masks, self_mask
from homeward_federated.secure_aggregation.quantizing import noise_variance, quantize, to_words
from homeward_federated.secure_aggregation.quorums import quorum
from homeward_federated.secure_aggregation.roster import Cohort, from_bitmap
from homeward_federated.secure_aggregation.share_distribution import (
    NO_SHARE,
    Links,
    ReceivedShares,
    open_inbox,
)
from homeward_federated.secure_aggregation.vector_layout import VectorLayout, place
from homeward_federated.wire.envelope import decode, encode
from homeward_federated.wire.messages import (
    Agreement,
    Agreements,
    Inbox,
    Masked,
    Survivors,
    Unmasking,
)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Dealt:
    """The device has distributed its shares; the person's vector is still untouched."""

    STAGE: ClassVar = DeviceStage.DEALT

    round: RoundContext
    links: Links
    mask: SigningKey
    seed: bytes
    cohort: Cohort
    own: int

    def answer(self, data: bytes, *, now: int) -> tuple[State, bytes]:
        """
        Keep the peers' shares; send the clipped, noised, masked vector.

        Raises:
            OutOfOrder: the round closed, or the message belongs to another roster.
            Malformed: the bytes are not such a message.
            TooFewSurvivors: too few peers dealt sound shares to open the sum later.
        """
        self.round.check_open(now)
        inbox = decode(Inbox, data)
        if inbox.roster_hash != self.cohort.hash:
            raise OutOfOrder("an inbox of another roster")
        held = open_inbox(inbox, self.cohort, self.own, links=self.links)
        whole = sum(share.is_whole for share in held.values())
        if whole < self.cohort.threshold:
            raise TooFewSurvivors(f"{whole} peers dealt sound shares")
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

    def _masks(self, held: dict[int, ReceivedShares]) -> NDArray[np.uint32]:
        size, cohort = (
            VectorLayout(self.round.terms.dims, self.round.terms.groups).size,
            self.cohort,
        )
        device = cohort.keys[self.own]
        peers = [(cohort.keys[index], cohort.adverts[index].mask_key) for index in held]
        pairs = pair_masks(self.mask, device, peers, roster_hash=cohort.hash, size=size)
        return pairs + self_mask(self.seed, roster_hash=cohort.hash, device=device, size=size)


def contribute(
    contribution: Contribution, prior: PublishedPrior, *, clip: float
) -> NDArray[np.float64]:
    """
    Return what a person's vector adds to the sum, before rounding and noise.

    The device chooses its group here; the choice leaves only inside the masked vector.

    Shapes:
        Returns (VectorLayout(dims, groups).size,) float64.

    Guarantees:
        Its L2 norm is at most `clip` (1 + 1e-12).
    """
    groups, dims = prior.groups.shape
    vector = contribution(prior)
    group = nearest_group(vector, prior)
    difference = vector - prior.of_group(group)
    return place(difference, group=group, layout=VectorLayout(dims, groups), largest_norm=clip)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Sent:
    """The masked vector was sent; of the device's secrets only the peers' shares remain."""

    STAGE: ClassVar = DeviceStage.SENT

    round: RoundContext
    cohort: Cohort
    own: int
    held: dict[int, ReceivedShares]

    def answer(self, data: bytes, *, now: int) -> tuple[State, bytes]:
        """
        Sign the set of survivors, if it is one that the terms allow.

        Raises:
            OutOfOrder: the round closed, or the message belongs to another roster.
            Malformed: the bytes are not such a message.
            TooFewSurvivors: fewer survived than the terms promise.
            ProtocolViolation: the set leaves out this device, or names a peer that never reached
                it.
        """
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
        # A peer whose parcel was withheld shares no mask with this device: the sum would
        # not open, and the server knows it.
        if not alive.isdisjoint(set(self.cohort.peers(self.own)) - set(self.held)):
            raise ProtocolViolation("a peer survived that never reached this device")


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Agreed:
    """The device has signed one set of survivors and will sign no other."""

    STAGE: ClassVar = DeviceStage.AGREED

    round: RoundContext
    cohort: Cohort
    own: int
    held: dict[int, ReceivedShares]
    alive: frozenset[int]
    agreement: bytes

    def answer(self, data: bytes, *, now: int) -> tuple[State, bytes]:
        """
        Give one share per peer once enough survivors signed the same set.

        Raises:
            OutOfOrder: the round closed, or the message belongs to another roster.
            Malformed: the bytes are not such a message.
            TooFewSurvivors: fewer signed than the terms promise.
            ProtocolViolation: it does not hold one signature for each device.
            WrongSigner: a signature is not of the device that it stands for.
        """
        self.round.check_open(now)
        agreements = decode(Agreements, data)
        if agreements.roster_hash != self.cohort.hash:
            raise OutOfOrder("agreements of another roster")
        self._check(agreements.signatures)
        shares = tuple(self._share_of(index) for index in self.cohort.peers(self.own))
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
