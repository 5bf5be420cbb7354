"""
What colluders and the operator can work out together in one round: linear algebra over masks.

A masked vector is a device's noised numbers plus keystreams, each with a sign. Keystreams that the
coalition cannot derive are unknowns, told apart by the real derivations' bytes; what it can open is
every combination of vectors in which all unknowns cancel. Signs are one and minus one and each
unknown is uniform, so that working in a prime field instead of modulo 2^32 loses nothing
(docs/federation/proof.md).
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from itertools import combinations, product
from typing import TypeVar

from homeward_federated.secure_aggregation.identity import SigningKey
from homeward_federated.secure_aggregation.masking import pair_key
from homeward_federated.secure_aggregation.quorums import quorum, two_thirds
from homeward_federated.secure_aggregation.round_keys import agree, agreeing

LARGEST = 8
# Of the devices 0 to 7 by ascending identity key, and of nobody: a key that no one holds.
KEYS = [SigningKey.generate() for _ in range(LARGEST + 1)]
NOBODY = LARGEST
IDENTITIES = [bytes([index]) * 32 for index in range(LARGEST)]
ROSTERS = (b"r" * 32, b"s" * 32)  # what the devices of either view take part in
_FIELD = 2**61 - 1

# From a pair's secret, its roster and its identities to the key of its mask.
Derive = Callable[[bytes, bytes, tuple[bytes, bytes]], bytes]
K = TypeVar("K")
Row = dict[bytes, int]  # of one masked vector: unknown mask to its coefficient


@cache
def derive(secret: bytes, roster: bytes, pair: tuple[bytes, bytes]) -> bytes:
    """The derivation that devices use."""
    return pair_key(secret, roster_hash=roster, pair=pair)


@cache
def secret(one: int, other: int) -> bytes:
    """What the holder of one mask key computes with another: the real key agreement."""
    return agree(agreeing(KEYS[one]), KEYS[other].public)


@dataclass(frozen=True)
class Play:
    """What the coalition does in one round."""

    size: int
    colluders: tuple[int, ...]
    shown: tuple[tuple[int, ...], ...]  # per view and colluder: whose mask key it advertises
    alive: frozenset[int]  # the survivors that the first view's devices are asked to sign
    second_view: frozenset[int] = frozenset()  # honest devices that were given another roster
    withheld: frozenset[tuple[int, int]] = field(default=frozenset())  # (holder, dealer)

    @cached_property
    def honest(self) -> tuple[int, ...]:
        return tuple(i for i in range(self.size) if i not in self.colluders)

    def view(self, device: int) -> int:
        return int(device in self.second_view)

    def key(self, device: int, *, view: int) -> int:
        """Whose mask key `device` advertises."""
        if device in self.colluders:
            return self.shown[view][self.colluders.index(device)]
        return device

    @cached_property
    def signers(self) -> tuple[int, ...]:
        """The honest devices that sign the survivors: asked, alive, and reached by all alive."""
        return tuple(
            i
            for i in self.honest
            if self.view(i) == 0
            and i in self.alive
            and not any(holder == i and dealer in self.alive for holder, dealer in self.withheld)
        )

    @cached_property
    def is_agreed(self) -> bool:
        signed = len(self.signers) + len(self.alive.intersection(self.colluders))
        return signed >= quorum(size=self.size, min_survivors=1)

    def rebuilt(self, dealer: int) -> bool:
        """Whether enough peers gave their share of what is opened of an honest device."""
        if self.view(dealer) or not self.is_agreed:
            return False
        from_honest = sum((i, dealer) not in self.withheld for i in self.signers if i != dealer)
        return from_honest + len(self.colluders) >= two_thirds(self.size - 1)

    @cached_property
    def opened_seeds(self) -> set[int]:
        return {i for i in self.honest if i in self.alive and self.rebuilt(i)}

    @cached_property
    def known_keys(self) -> set[int]:
        opened = {i for i in self.honest if i not in self.alive and self.rebuilt(i)}
        return opened | set(self.colluders)


def row(play: Play, device: int, derivation: Derive) -> Row:
    """The unknown masks in an honest device's vector whose own mask is off."""
    unknown: Row = {}
    view, known = play.view(device), play.known_keys
    for peer in range(play.size):
        if peer == device or (device, peer) in play.withheld:
            continue
        key = play.key(peer, view=view)
        if key not in known and device not in known:
            pair = (IDENTITIES[device], IDENTITIES[peer])
            mask = derivation(secret(device, key), ROSTERS[view], pair)
            unknown[mask] = unknown.get(mask, 0) + (1 if device < peer else -1)
    return {mask: count for mask, count in unknown.items() if count}


def openable(rows: Mapping[int, Row]) -> list[dict[int, int]]:
    """
    Return a basis of all combinations of vectors in which every unknown cancels.

    Gaussian elimination that carries along which vectors each row was made of.
    """
    pivots: list[tuple[bytes, Row, dict[int, int]]] = []
    found = []
    for device, unknown in rows.items():
        left, made = dict(unknown), {device: 1}
        for mask, pivot, of in pivots:
            if factor := left.get(mask, 0):
                left, made = _less(left, pivot, factor), _less(made, of, factor)
        if not left:
            found.append(made)
            continue
        mask = next(iter(left))
        inverse = pow(left[mask], -1, _FIELD)
        scaled = {key: value * inverse % _FIELD for key, value in left.items()}
        pivots.append(
            (mask, scaled, {key: value * inverse % _FIELD for key, value in made.items()})
        )
    return found


def _less(left: dict[K, int], right: dict[K, int], factor: int) -> dict[K, int]:
    made = {key: (left.get(key, 0) - factor * right.get(key, 0)) % _FIELD
            for key in left.keys() | right.keys()}  # fmt: skip
    return {key: value for key, value in made.items() if value}


def leak(play: Play, derivation: Derive) -> dict[int, int] | None:
    """
    Return a combination that the coalition can open and must not, or None.

    It may open one: the sum of all honest devices among the survivors that a quorum signed.
    """
    if not (opened := play.opened_seeds):
        return None
    rows = {device: row(play, device, derivation) for device in opened}
    allowed = set(play.honest) & play.alive
    for combination in openable(rows):
        if set(combination) != allowed or len(set(combination.values())) != 1:
            return combination
    return None


def survivor_sets(size: int) -> Iterator[frozenset[int]]:
    """Every set that a device would sign, were it asked: of at least a quorum."""
    for count in range(quorum(size=size, min_survivors=1), size + 1):
        yield from map(frozenset, combinations(range(size), count))


def coalitions(size: int) -> Iterator[tuple[int, ...]]:
    """Every placing of fewer than a third among the identities: what grinding them can reach."""
    for count in range(1, (size - 1) // 3 + 1):
        yield from combinations(range(size), count)


def key_choices(size: int, count: int) -> Iterator[tuple[int, ...]]:
    """Every choice of mask keys by `count` colluders: anyone's, their own included, or nobody's."""
    return product([*range(size), NOBODY], repeat=count)


def drops_and_copies(size: int) -> Iterator[Play]:
    """Every coalition, every choice of keys, every set of survivors that a quorum could sign."""
    for colluders in coalitions(size):
        for shown in key_choices(size, len(colluders)):
            for alive in survivor_sets(size):
                yield Play(size, colluders, (shown, shown), alive)


def split_views(size: int) -> Iterator[Play]:
    """Two rosters at once, each with its own choice of keys, for every division of the honest."""
    for colluders in coalitions(size):
        honest = [i for i in range(size) if i not in colluders]
        choices = list(key_choices(size, len(colluders))) if size <= 6 else [colluders]
        for first, second, alive in product(choices, choices, survivor_sets(size)):
            for count in range(1, len(honest) + 1):
                for others in combinations(honest, count):
                    yield Play(size, colluders, (first, second), alive, frozenset(others))


def withheld_parcels(size: int) -> Iterator[Play]:
    """Parcels that the server loses: up to one for each honest device, beside copied keys."""
    for colluders in coalitions(size):
        honest = [i for i in range(size) if i not in colluders]
        losses = [[None, *(j for j in range(size) if j != i)] for i in honest]
        for shown in key_choices(size, len(colluders)):
            for lost, alive in product(product(*losses), survivor_sets(size)):
                pairs = zip(honest, lost, strict=True)
                withheld = frozenset((i, j) for i, j in pairs if j is not None)
                yield Play(size, colluders, (shown, shown), alive, withheld=withheld)


def agreed_twice(size: int, colluders: int) -> bool:
    """Whether a quorum could sign two sets: each honest device signs one, colluders sign both."""
    least = quorum(size=size, min_survivors=1)
    bad, honest = set(range(colluders)), set(range(colluders, size))
    for one, other in combinations(survivor_sets(size), 2):
        first, second = least - len(bad & one), least - len(bad & other)
        # Disjoint signers exist when each side has enough, and both together do (Hall).
        if (
            first <= len(honest & one)
            and second <= len(honest & other)
            and first + second <= len(honest & (one | other))
        ):
            return True
    return False
