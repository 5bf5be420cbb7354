"""
Who shares masks and secrets with whom, and how many of them are enough.

Small cohorts use every pair. Above `COMPLETE_UP_TO`, each device has `DEGREE` neighbours in a ring
whose order is drawn from the roster's hash, so that cost per device stops growing. Neither number
is the server's to choose. Knows indices, no keys.

Source: Bell et al. 2020, eprint 2020/704, section 3 (random Harary graph);
Bonawitz et al. 2017, section 6 (two thirds against an active server).
"""

import hashlib

# With a tenth of the cohort colluding, enough colluders around one device have probability below
# 1e-10 for cohorts up to 2,000; with a fifth dropping out, too few holders for some device has 1 %
# for 500 and 7 % for 1,000 (hypergeometric tails; tests compute both).
DEGREE = 128
COMPLETE_UP_TO = DEGREE + 1


def degree(cohort: int) -> int:
    """Return the number of neighbours of each device in a cohort of this size."""
    return cohort - 1 if cohort <= COMPLETE_UP_TO else DEGREE


def two_thirds(count: int) -> int:
    """
    Return the smallest number above two thirds of `count`.

    Guarantees:
        Two sets of this size out of `count` overlap in more than a third of it: while fewer than
        a third collude, one honest member is in both, and an honest member answers only once.
    """
    return 2 * count // 3 + 1


def neighbours(cohort: int, *, seed: bytes) -> list[tuple[int, ...]]:
    """Return each device's neighbours, by roster index, ascending."""
    width = degree(cohort)
    if width == cohort - 1:
        everyone = tuple(range(cohort))
        return [everyone[:i] + everyone[i + 1 :] for i in everyone]
    ring = sorted(range(cohort), key=lambda i: hashlib.sha256(seed + i.to_bytes(4, "big")).digest())
    steps = [s for step in range(1, width // 2 + 1) for s in (step, -step)]
    found: list[tuple[int, ...]] = [()] * cohort
    for place, index in enumerate(ring):
        found[index] = tuple(sorted(ring[(place + step) % cohort] for step in steps))
    return found
