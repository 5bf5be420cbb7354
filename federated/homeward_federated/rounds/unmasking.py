"""
Removes the masks of a finished round: the server's arithmetic.

Pure: what the devices sent in, the noisy sum out, or `RoundSpoiled` naming who can be proved to
have lied. Knows no stages. Nothing here can open less than the whole surviving cohort, because
the shares it needs do not exist for less.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from homeward_federated.errors import RoundSpoiled
from homeward_federated.secure_aggregation.identity import SigningKey
from homeward_federated.secure_aggregation.masking import Words, pair_masks, self_mask
from homeward_federated.secure_aggregation.roster import Cohort, place
from homeward_federated.secure_aggregation.shamir import ShareLabel, commit_seed, rebuild
from homeward_federated.secure_aggregation.share_distribution import NO_SHARE
from homeward_federated.wire.messages import Shares


@dataclass(frozen=True, slots=True, eq=False)
class Collected:
    """All that the server holds when the last stage closes, by roster index."""

    cohort: Cohort
    shares: Mapping[int, Shares]  # of every device that dealt
    masked: Mapping[int, Words]  # of every survivor
    unmasking: Mapping[int, tuple[bytes, ...]]  # one share per peer, of every last answer


def open_sum(collected: Collected) -> NDArray[np.uint32]:
    """
    Return the sum of the survivors' noised integers, modulo 2^32.

    Shapes:
        Returns (n,) uint32, n numbers as every survivor masked.

    Raises:
        RoundSpoiled: some device's masks cannot be taken off.

    Source:
        Bonawitz et al. 2017, section 4 (double masking; one secret of each device is opened).
    """
    size = len(next(iter(collected.masked.values())))
    total = np.zeros(size, np.uint32)
    for index, words in collected.masked.items():
        total += words
        seed = _rebuild_seed(collected, index)
        device, roster_hash = collected.cohort.keys[index], collected.cohort.hash
        total -= self_mask(seed, roster_hash=roster_hash, device=device, size=size)
    for index in collected.shares.keys() - collected.masked.keys():
        total += _left_by(collected, index, size=size)
    return total


def _left_by(collected: Collected, dropped: int, *, size: int) -> Words:
    """What the dropped device would have added to cancel its peers' masks."""
    cohort = collected.cohort
    peers = [(cohort.keys[i], cohort.adverts[i].mask_key) for i in collected.masked]
    mask = _rebuild_key(collected, dropped)
    return pair_masks(mask, cohort.keys[dropped], peers, roster_hash=cohort.hash, size=size)


def _rebuild_seed(collected: Collected, dealer: int) -> bytes:
    key = collected.cohort.keys[dealer]
    seed = rebuild(_sound_shares(collected, dealer, secret="seed"))  # noqa: S106
    committed = collected.shares[dealer].seed_hash
    if seed is None or commit_seed(collected.cohort.hash, key, seed) != committed:
        raise RoundSpoiled("a device dealt shares of no seed", culprits=frozenset({key}))
    return seed


def _rebuild_key(collected: Collected, dealer: int) -> SigningKey:
    key = collected.cohort.keys[dealer]
    secret = rebuild(_sound_shares(collected, dealer, secret="key"))  # noqa: S106
    mask = None if secret is None else SigningKey.from_secret(secret)
    if mask is None or mask.public != collected.cohort.adverts[dealer].mask_key:
        raise RoundSpoiled("a device dealt shares of no mask key", culprits=frozenset({key}))
    return mask


def _sound_shares(collected: Collected, dealer: int, *, secret: str) -> dict[int, bytes]:
    """Return exactly the threshold of shares that fit the dealer's commitments."""
    sound: dict[int, bytes] = {}
    liars = set()
    for holder, share in _returned(collected, dealer):
        if _fits(collected, dealer, holder, share, secret=secret):
            sound[holder + 1] = share
        elif share != NO_SHARE:
            liars.add(collected.cohort.keys[holder])
    threshold = collected.cohort.threshold
    if len(sound) < threshold:
        message = f"{len(sound)} sound shares of one device's {secret}, {threshold} needed"
        raise RoundSpoiled(message, culprits=frozenset(liars))
    return dict(sorted(sound.items())[:threshold])


def _returned(collected: Collected, dealer: int) -> Iterator[tuple[int, bytes]]:
    """Yield (holder, share) for each last answer of another device."""
    for holder, shares in sorted(collected.unmasking.items()):
        if holder != dealer:
            yield holder, shares[place(dealer, among=holder)]


def _fits(collected: Collected, dealer: int, holder: int, share: bytes, *, secret: str) -> bool:
    dealt = collected.shares[dealer]
    hashes = dealt.seed_share_hashes if secret == "seed" else dealt.key_share_hashes  # noqa: S105
    keys = collected.cohort.keys
    label = ShareLabel(collected.cohort.hash, keys[dealer], keys[holder], secret)
    return label.commit(share) == hashes[place(holder, among=dealer)]
