"""
What colluders try with the keys of a round, and what stops them: copies, twins, borrowed roles.

A device that copied another's mask key could cancel that device's masks (found 2026-11-28: a third
of the devices and the operator opened the sum of two of a hundred). Now keys are committed to
before any is seen, held provably, like no other, and bound to their pair; each test takes the walls
before it away, by looking into a device's memory where colluders would have to guess.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from tests.federated.ambush import Ambush, adverts, refused, roster

from homeward_federated import OutOfOrder, ProtocolViolation, TermsRefused, WrongSigner
from homeward_federated.rounds.entering import Committed
from homeward_federated.secure_aggregation.identity import SigningKey, seal
from homeward_federated.secure_aggregation.masking import (
    pair_key,
    pair_masks,
    parcel_key,
    self_mask,
)
from homeward_federated.secure_aggregation.roster import commit, make_commitments, read_commitments
from homeward_federated.secure_aggregation.round_keys import (
    Role,
    agree,
    agreeing,
    check_possession,
    distinct,
    prove_possession,
)
from homeward_federated.wire.envelope import decode
from homeward_federated.wire.messages import Advert, Commitment, Commitments, Roster, Signed

PRIME = 2**255 - 19
TWICE, LOW, CANONICAL = "used twice", "low order", "canonical encoding"


# --- what a key may be ------------------------------------------------------------------------


def shifted(key: bytes) -> bytes:
    """The key plus the point of order two, (x, y) to (-x, -y): its shared secrets are the same."""
    number = int.from_bytes(key, "little")
    sign, y = number >> 255, number & (2**255 - 1)
    return ((PRIME - y) | (1 - sign) << 255).to_bytes(32, "little")


def mirrored(key: bytes) -> bytes:
    """The key's negative."""
    return key[:31] + bytes([key[31] ^ 0x80])


def test_a_round_key_agrees_as_x25519_does() -> None:
    ours, theirs = SigningKey.generate(), SigningKey.generate()
    one, other = agreeing(ours), agreeing(theirs)
    secret = agree(one, theirs.public)
    assert secret == agree(other, ours.public) == one.exchange(other.public_key())


def test_other_spellings_of_a_key_agree_on_the_same_secrets_so_they_are_no_other_keys() -> None:
    ours, theirs = agreeing(SigningKey.generate()), SigningKey.generate()
    secret = agree(ours, theirs.public)
    assert agree(ours, mirrored(theirs.public)) == secret
    with pytest.raises(ProtocolViolation, match=TWICE):
        distinct([theirs.public, mirrored(theirs.public)])
    # This one is another key, and yet as good as a copy: only the missing proof tells.
    assert agree(ours, shifted(theirs.public)) == secret
    distinct([theirs.public, shifted(theirs.public)])
    with pytest.raises(WrongSigner, match="possession of a mask key"):
        check_possession(
            shifted(theirs.public),
            prove_possession(theirs, Role.MASK, device=bytes(32), commitments=bytes(32)),
            Role.MASK,
            device=bytes(32),
            commitments=bytes(32),
        )


def test_keys_whose_secrets_anyone_can_compute_and_other_encodings_are_refused() -> None:
    order_8 = 0x7A03AC9277FDC74EC6CC392CFA53202A0F67100D760B3CBA4FD84D3D706A17C7
    private = X25519PrivateKey.generate()
    for y in (0, PRIME - 1, order_8, PRIME - order_8):
        u = (1 + y) * pow(1 - y, -1, PRIME) % PRIME
        with pytest.raises(ValueError, match="shared key"):
            private.exchange(X25519PublicKey.from_public_bytes(u.to_bytes(32, "little")))
    for sign in (0, 1 << 255):
        for y in (0, 1, PRIME - 1, order_8, PRIME - order_8):
            with pytest.raises(ProtocolViolation, match=LOW):
                distinct([(y | sign).to_bytes(32, "little")])
        for y in (PRIME, PRIME + 1, PRIME + 4, 2**255 - 1):
            with pytest.raises(ProtocolViolation, match=CANONICAL):
                agree(private, (y | sign).to_bytes(32, "little"))


@pytest.mark.parametrize("other", ["role", "device", "round"])
def test_a_proof_serves_one_role_of_one_device_in_one_round(other: str) -> None:
    key, device, commitments = SigningKey.generate(), b"d" * 32, b"c" * 32
    proof = prove_possession(key, Role.MASK, device=device, commitments=commitments)
    check_possession(key.public, proof, Role.MASK, device=device, commitments=commitments)
    with pytest.raises(WrongSigner):
        check_possession(
            key.public,
            proof,
            Role.PARCEL if other == "role" else Role.MASK,
            device=b"e" * 32 if other == "device" else device,
            commitments=b"x" * 32 if other == "round" else commitments,
        )


# --- what is bound to what --------------------------------------------------------------------


def old_pair_key(secret: bytes, *, roster_hash: bytes) -> bytes:
    """The derivation of 2026-11-28 and before: of the secret and the roster, for any pair."""
    info = b"homeward mask 1\0" + b"pair" + roster_hash
    return HKDF(hashes.SHA256(), 32, None, info).derive(secret)


def test_a_copied_mask_key_cancels_no_mask() -> None:
    mask, target = SigningKey.generate(), SigningKey.generate()
    low, own, high = b"a" * 32, b"b" * 32, b"c" * 32
    secret = agree(agreeing(mask), target.public)
    assert len({old_pair_key(secret, roster_hash=bytes(32)) for _ in (low, high)}) == 1
    total = pair_masks(
        mask, own, [(low, target.public), (high, target.public)], roster_hash=bytes(32), size=8
    )
    assert total.any()


def test_every_key_is_bound_to_the_roster_and_to_those_it_is_for() -> None:
    secret, rosters = b"s" * 32, (b"r" * 32, b"q" * 32)
    names = (b"a" * 32, b"b" * 32, b"c" * 32)
    pairs = [(one, other) for one in names for other in names if one < other]
    made = [pair_key(secret, roster_hash=r, pair=pair) for r in rosters for pair in pairs]
    made += [
        parcel_key(secret, roster_hash=r, dealer=one, holder=other)
        for r in rosters
        for one in names
        for other in names
        if one != other
    ]
    assert len(set(made)) == 2 * 3 + 2 * 6
    assert pair_key(secret, roster_hash=rosters[0], pair=pairs[0]) == pair_key(
        secret, roster_hash=rosters[0], pair=(pairs[0][1], pairs[0][0])
    )
    masks = {self_mask(secret, roster_hash=r, device=one, size=4).tobytes()
             for r in rosters for one in names}  # fmt: skip
    assert len(masks) == 6


# --- keys in a roster -------------------------------------------------------------------------


@dataclass(frozen=True)
class Forged:
    """What a colluder advertises, and how it proves that the keys are its own."""

    parcel: bytes
    mask: bytes
    proof: Callable[[Role, bytes, bytes], bytes]  # role, device, commitments


def forged_roster(ambush: Ambush, make: Callable[[Committed], Forged], *, at: int = 3) -> Roster:
    """A roster in which the device at `at` committed to what `make` makes of the victim's keys."""
    colluder, victim = ambush.by_key[ambush.order[at]], ambush.victim
    commitments = [ambush.commitment(ambush.devices[key]) for key in ambush.order]
    peeked = victim._state
    assert isinstance(peeked, Committed)
    forged = make(peeked)
    device = colluder.identity.public
    commitments[at] = commit(ambush.terms_hash, device, forged.parcel, forged.mask)
    listed = make_commitments(ambush.terms_hash, commitments)
    made = [
        ambush.devices[key].receive(listed, now=ambush.now) for key in ambush.order if key != device
    ]
    fixed = read_commitments(
        listed, terms_hash=ambush.terms_hash, authority=bytes(32), task=ambush.terms.task
    ).hash
    advert = Advert(
        fixed,
        colluder.certificate,
        forged.parcel,
        forged.mask,
        forged.proof(Role.PARCEL, device, fixed),
        forged.proof(Role.MASK, device, fixed),
    )
    return roster([*made, seal(colluder.identity, advert)])


OWN, SPARE = SigningKey.generate(), SigningKey.generate()


def proved(parcel: SigningKey, mask: SigningKey) -> Callable[[Role, bytes, bytes], bytes]:
    keys = {Role.PARCEL: parcel, Role.MASK: mask}
    return lambda role, device, fixed: prove_possession(
        keys[role], role, device=device, commitments=fixed
    )


def proved_by_victim(peeked: Committed) -> Callable[[Role, bytes, bytes], bytes]:
    """The victim's own proofs, as they would be copied from its advert."""
    keys = {Role.PARCEL: peeked.parcel, Role.MASK: peeked.mask}
    device = peeked.round.membership.identity.public
    return lambda role, _, fixed: prove_possession(
        keys[role], role, device=device, commitments=fixed
    )


FORGERIES: dict[str, tuple[Callable[[Committed], Forged], type[ProtocolViolation], str]] = {
    "the victim's mask key": (
        lambda p: Forged(OWN.public, p.mask.public, proved(OWN, p.mask)), ProtocolViolation, TWICE,
    ),
    "the victim's parcel key": (
        lambda p: Forged(p.parcel.public, OWN.public, proved(p.parcel, OWN)),
        ProtocolViolation, TWICE,
    ),
    "the victim's mask key as a parcel key": (
        lambda p: Forged(p.mask.public, OWN.public, proved(p.mask, OWN)), ProtocolViolation, TWICE,
    ),
    "the victim's identity as a mask key": (
        lambda p: Forged(
            OWN.public, p.round.membership.identity.public, proved(OWN, p.round.membership.identity)
        ),
        ProtocolViolation, TWICE,
    ),
    "one key in both roles": (
        lambda _: Forged(OWN.public, OWN.public, proved(OWN, OWN)), ProtocolViolation, TWICE,
    ),
    "the victim's mask key, negated": (
        lambda p: Forged(OWN.public, mirrored(p.mask.public), proved(OWN, p.mask)),
        ProtocolViolation, TWICE,
    ),
    "the victim's mask key, shifted": (
        lambda p: Forged(OWN.public, shifted(p.mask.public), proved(OWN, p.mask)),
        WrongSigner, "mask key",
    ),
    "the victim's parcel key, shifted": (
        lambda p: Forged(shifted(p.parcel.public), OWN.public, proved_by_victim(p)),
        WrongSigner, "parcel key",
    ),
    "a key of nobody's": (
        lambda _: Forged(OWN.public, SPARE.public, proved(OWN, OWN)), WrongSigner, "mask key",
    ),
    "a mask key that everyone knows": (
        lambda _: Forged(OWN.public, bytes(32), proved(OWN, OWN)), ProtocolViolation, LOW,
    ),
    "a parcel key in another encoding": (
        lambda _: Forged(b"\xff" * 32, OWN.public, proved(OWN, OWN)), ProtocolViolation, CANONICAL,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", FORGERIES)
def test_a_roster_with_a_key_that_is_not_its_devices_own_is_refused(
    ambush: Ambush, name: str
) -> None:
    make, kind, says = FORGERIES[name]
    refused(ambush, forged_roster(ambush, make), kind, says)


def test_a_roster_with_keys_that_are_a_devices_own_is_taken(ambush: Ambush) -> None:
    # What the forgeries are measured by: the same roster, made honestly, passes.
    ambush.ask(
        forged_roster(ambush, lambda _: Forged(OWN.public, SPARE.public, proved(OWN, SPARE)))
    )
    assert ambush.victim.stage == "Dealt"


@pytest.mark.parametrize("name", ["the victim's mask key", "a key of nobody's"])
def test_the_server_keeps_no_such_advert(ambush: Ambush, name: str) -> None:
    make, kind, says = FORGERIES[name]
    made = forged_roster(ambush, make)
    honest = ambush.server
    for at, key in enumerate(ambush.order):
        forged = decode(Advert, decode(Signed, made.adverts[at]).body)
        committed = commit(ambush.terms_hash, key, forged.parcel_key, forged.mask_key)
        member = ambush.by_key[key]
        honest.receive(
            seal(member.identity, Commitment(ambush.terms_hash, member.certificate, committed))
        )
    honest.close()
    for at, advert in enumerate(made.adverts):
        if at != 3:
            honest.receive(advert)
    with pytest.raises(kind, match=says):
        honest.receive(made.adverts[3])
    assert honest.answered == 9


# --- commitments ------------------------------------------------------------------------------


def test_keys_that_were_not_committed_to_are_refused(ambush: Ambush) -> None:
    # A colluder that waits for the others' keys before it chooses its own.
    ambush.until("Sharing")
    items = adverts(ambush)
    signed = decode(Signed, items[5])
    honest = decode(Advert, signed.body)
    colluder = ambush.by_key[ambush.order[5]]
    late = replace(
        honest,
        mask_key=OWN.public,
        mask_proof=prove_possession(
            OWN, Role.MASK, device=signed.sender, commitments=honest.commitments_hash
        ),
    )
    items[5] = seal(colluder.identity, late)
    refused(ambush, roster(items), ProtocolViolation, "had not committed to")


def test_commitments_made_after_a_key_was_seen_are_of_another_list(ambush: Ambush) -> None:
    # The server shows one device a first list, reads its keys, and shows the others a second one.
    commitments = [ambush.commitment(ambush.devices[key]) for key in ambush.order]
    seen = ambush.ask(make_commitments(ambush.terms_hash, commitments))
    colluder = ambush.by_key[ambush.order[3]].identity
    late = commit(ambush.terms_hash, colluder.public, OWN.public, SPARE.public)
    second = make_commitments(ambush.terms_hash, [*commitments[:3], late, *commitments[4:]])
    others = [
        ambush.devices[key].receive(second, now=ambush.now)
        for key in ambush.order[1:]
        if key != colluder.public
    ]
    refused(ambush, roster([seen, *others]), ProtocolViolation, "other terms or commitments")


@pytest.mark.parametrize(
    ("change", "kind", "says"),
    [
        (lambda items: items[1:], ProtocolViolation, "had not committed to"),
        (lambda items: items[:5], TermsRefused, "a cohort of 5"),
        (lambda items: [items[0], *items], ProtocolViolation, "one twice"),
        (lambda items: items[::-1], ProtocolViolation, "not sorted"),
    ],
)
def test_a_device_shows_its_keys_for_a_sound_list_alone(
    ambush: Ambush,
    change: Callable[[list[bytes]], list[bytes]],
    kind: type[ProtocolViolation],
    says: str,
) -> None:
    mine = ambush.commitment(ambush.victim)
    others = [bytes([n]) * 32 for n in range(1, 10)]
    items = sorted([mine, *others])
    items = [mine, *(one for one in items if one != mine)] if says.startswith("had") else items
    refused(ambush, Commitments(ambush.terms_hash, tuple(change(items))), kind, says)


def test_commitments_to_other_terms_are_refused(ambush: Ambush) -> None:
    mine = ambush.commitment(ambush.victim)
    refused(ambush, Commitments(bytes(32), (mine,)), ProtocolViolation, "other terms")


def test_the_server_takes_no_copied_commitment(ambush: Ambush) -> None:
    ambush.server.receive(first := ambush.victim.receive(ambush.server.invitation, now=ambush.now))
    message = decode(Commitment, decode(Signed, first).body)
    copier = ambush.by_key[ambush.order[1]]
    copied = replace(message, certificate=copier.certificate)
    with pytest.raises(ProtocolViolation, match="a copy of another"):
        ambush.server.receive(seal(copier.identity, copied))


def test_an_advert_of_who_had_not_committed_is_refused_by_the_server(ambush: Ambush) -> None:
    answers = ambush.answers()
    late = ambush.order[0]
    for key in ambush.order[1:]:
        ambush.server.receive(answers[key])
    other = ambush.order[1]
    advert = ambush.devices[other].receive(ambush.server.close()[other], now=ambush.now)
    message = decode(Advert, decode(Signed, advert).body)
    with pytest.raises(OutOfOrder, match="does not wait for"):
        ambush.server.receive(seal(ambush.by_key[late].identity, message))


def test_words_of_a_mask_are_different_for_every_peer() -> None:
    mask, peers = SigningKey.generate(), [SigningKey.generate() for _ in range(3)]
    one_by_one = [
        pair_masks(mask, b"m" * 32, [(bytes([n]) * 32, p.public)], roster_hash=bytes(32), size=64)
        for n, p in enumerate(peers)
    ]
    assert len({words.tobytes() for words in one_by_one}) == 3
    together = pair_masks(
        mask,
        b"m" * 32,
        [(bytes([n]) * 32, p.public) for n, p in enumerate(peers)],
        roster_hash=bytes(32),
        size=64,
    )
    assert np.array_equal(together, sum(one_by_one, np.zeros(64, np.uint32)))
