"""
Packs shares into encrypted parcels for peers, and opens and checks received parcels.

Pure: keys and a cohort in, messages out. Knows no stages.
"""

from dataclasses import dataclass

from homeward_federated.errors import ProtocolViolation
from homeward_federated.secure_aggregation.identity import SigningKey
from homeward_federated.secure_aggregation.masking import open_parcel, parcel_key, seal_parcel
from homeward_federated.secure_aggregation.roster import Cohort
from homeward_federated.secure_aggregation.round_keys import agree, agreeing
from homeward_federated.secure_aggregation.shamir import ShareLabel, commit_seed, split
from homeward_federated.wire.messages import SHARE_BYTES, Inbox, Shares

NO_SHARE = bytes(SHARE_BYTES)


@dataclass(frozen=True, slots=True, repr=False)
class ReceivedShares:
    """The shares that a device holds for one peer; none if they never came or never fitted."""

    seed: bytes = NO_SHARE
    key: bytes = NO_SHARE

    @property
    def is_whole(self) -> bool:
        """Whether the peer's shares came and fitted their commitments."""
        return self.seed != NO_SHARE


Links = dict[int, bytes]  # roster index to the X25519 secret for parcels with that peer


def link(cohort: Cohort, own: int, *, parcel: SigningKey) -> Links:
    """
    Return the secret that this device shares with each peer.

    Raises:
        ProtocolViolation: a peer's key is no sound key.
    """
    private = agreeing(parcel)
    return {i: agree(private, cohort.adverts[i].parcel_key) for i in cohort.peers(own)}


def distribute_shares(
    cohort: Cohort, own: int, *, links: Links, mask: SigningKey, seed: bytes
) -> Shares:
    """Return the shares of `mask` and `seed` for all peers of the device at index `own`."""
    near, dealer = cohort.peers(own), cohort.keys[own]
    threshold, holders = cohort.threshold, [index + 1 for index in near]
    seeds = split(seed, threshold=threshold, holders=holders)
    keys = split(mask.expose(), threshold=threshold, holders=holders)
    parcels, seed_hashes, key_hashes = [], [], []
    for index, seed_share, key_share in zip(near, seeds, keys, strict=True):
        holder = cohort.keys[index]
        key = parcel_key(links[index], roster_hash=cohort.hash, dealer=dealer, holder=holder)
        parcels.append(seal_parcel(key, seed_share + key_share, roster_hash=cohort.hash))
        seed_hashes.append(ShareLabel(cohort.hash, dealer, holder, "seed").commit(seed_share))
        key_hashes.append(ShareLabel(cohort.hash, dealer, holder, "key").commit(key_share))
    return Shares(
        cohort.hash,
        commit_seed(cohort.hash, dealer, seed),
        tuple(parcels),
        tuple(seed_hashes),
        tuple(key_hashes),
    )


def open_inbox(
    inbox: Inbox, cohort: Cohort, own: int, *, links: Links
) -> dict[int, ReceivedShares]:
    """
    Return what each peer that did not drop out gave this device, by roster index.

    A parcel that does not open, or does not fit its commitments, is kept as an empty
    `ReceivedShares`: the pair's masks must still cancel, only this device's share is missing.

    Raises:
        ProtocolViolation: the inbox is not shaped like this device's cohort.
    """
    near = cohort.peers(own)
    columns = (inbox.parcels, inbox.seed_share_hashes, inbox.key_share_hashes)
    if any(len(column) != len(near) for column in columns):
        raise ProtocolViolation(f"an inbox that is not for {len(near)} peers")
    held = {}
    for index, *items in zip(near, *columns, strict=True):
        if len({bool(item) for item in items}) != 1:
            raise ProtocolViolation("an inbox with half a parcel")
        if items[0]:
            names = {"dealer": cohort.keys[index], "holder": cohort.keys[own]}
            key = parcel_key(links[index], roster_hash=cohort.hash, **names)
            opened = open_parcel(key, items[0], roster_hash=cohort.hash)
            labels = [ShareLabel(cohort.hash, secret=kind, **names) for kind in ("seed", "key")]
            held[index] = _check(opened, labels, items[1:])
    return held


def _check(opened: bytes | None, labels: list[ShareLabel], hashes: list[bytes]) -> ReceivedShares:
    """Return the shares if the parcel opened and both fit their commitments."""
    if opened is None:
        return ReceivedShares()
    shares = [opened[:SHARE_BYTES], opened[SHARE_BYTES:]]
    if [label.commit(share) for label, share in zip(labels, shares, strict=True)] != hashes:
        return ReceivedShares()
    return ReceivedShares(*shares)
