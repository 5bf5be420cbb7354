"""
Taking the masks off a finished round: the server's arithmetic.

Pure: what the devices sent in, the noisy sum out, or `RoundSpoiled` naming who can be proved to
have lied. Knows no stages. Nothing here can open less than the whole surviving cohort, because
the shares it needs do not exist for less.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from numpy.typing import NDArray

from homeward_federated.dealing import NO_SHARE
from homeward_federated.errors import RoundSpoiled
from homeward_federated.masking import Words, pair_masks, self_mask
from homeward_federated.messages import Shares
from homeward_federated.roster import Cohort
from homeward_federated.sharing import ShareLabel, commit_seed, rebuild


@dataclass(frozen=True, slots=True, eq=False)
class Collected:
    """All that the server holds when the last stage closes, by roster index."""

    cohort: Cohort
    shares: Mapping[int, Shares]  # of every device that dealt
    masked: Mapping[int, Words]  # of every survivor
    unmasking: Mapping[int, tuple[bytes, ...]]  # one share per neighbour, of every last answer


def open_sum(collected: Collected) -> NDArray[np.uint32]:
    """
    Return the sum of the survivors' noised integers, modulo 2^32.

    Raises:
        RoundSpoiled: some device's masks cannot be taken off.
    """
    size = len(next(iter(collected.masked.values())))
    total = np.zeros(size, np.uint32)
    for index, words in collected.masked.items():
        total += words
        seed = _rebuild_seed(collected, index)
        total -= self_mask(seed, roster_hash=collected.cohort.hash, size=size)
    for index in collected.shares.keys() - collected.masked.keys():
        total += _left_by(collected, index, size=size)
    return total


def _left_by(collected: Collected, dropped: int, *, size: int) -> Words:
    """What the dropped device would have added to cancel its neighbours' masks."""
    cohort = collected.cohort
    private = _rebuild_key(collected, dropped)
    peers = [
        (index, cohort.adverts[index].mask_key)
        for index in cohort.neighbours[dropped]
        if index in collected.masked
    ]
    return pair_masks(private, dropped, peers, roster_hash=cohort.hash, size=size)


def _rebuild_seed(collected: Collected, dealer: int) -> bytes:
    key = collected.cohort.keys[dealer]
    seed = rebuild(_sound_shares(collected, dealer, secret="seed"))  # noqa: S106
    committed = collected.shares[dealer].seed_hash
    if seed is None or commit_seed(collected.cohort.hash, key, seed) != committed:
        raise RoundSpoiled("a device dealt shares of no seed", culprits=frozenset({key}))
    return seed


def _rebuild_key(collected: Collected, dealer: int) -> X25519PrivateKey:
    key = collected.cohort.keys[dealer]
    secret = rebuild(_sound_shares(collected, dealer, secret="key"))  # noqa: S106
    if secret is None or _public(secret) != collected.cohort.adverts[dealer].mask_key:
        raise RoundSpoiled("a device dealt shares of no mask key", culprits=frozenset({key}))
    return X25519PrivateKey.from_private_bytes(secret)


def _public(secret: bytes) -> bytes:
    return X25519PrivateKey.from_private_bytes(secret).public_key().public_bytes_raw()


def _sound_shares(collected: Collected, dealer: int, *, secret: str) -> dict[int, bytes]:
    """Return exactly the threshold of shares that fit the dealer's commitments."""
    sound: dict[int, bytes] = {}
    liars = set()
    for holder, place, share in _returned(collected, dealer):
        if _fits(collected, dealer, holder, place, share, secret=secret):
            sound[holder + 1] = share
        elif share != NO_SHARE:
            liars.add(collected.cohort.keys[holder])
    threshold = collected.cohort.threshold(dealer)
    if len(sound) < threshold:
        message = f"{len(sound)} sound shares of one device's {secret}, {threshold} needed"
        raise RoundSpoiled(message, culprits=frozenset(liars))
    return dict(sorted(sound.items())[:threshold])


def _returned(collected: Collected, dealer: int) -> Iterator[tuple[int, int, bytes]]:
    """Yield (holder, its place among the dealer's neighbours, share) for each last answer."""
    near = collected.cohort.neighbours
    for place, holder in enumerate(near[dealer]):
        if holder in collected.unmasking:
            yield holder, place, collected.unmasking[holder][near[holder].index(dealer)]


def _fits(
    collected: Collected, dealer: int, holder: int, place: int, share: bytes, *, secret: str
) -> bool:
    dealt = collected.shares[dealer]
    hashes = dealt.seed_share_hashes if secret == "seed" else dealt.key_share_hashes  # noqa: S105
    keys = collected.cohort.keys
    label = ShareLabel(collected.cohort.hash, keys[dealer], keys[holder], secret)
    return label.commit(share) == hashes[place]
