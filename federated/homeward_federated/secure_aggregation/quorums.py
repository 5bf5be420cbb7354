"""
Computes how many devices suffice, and how many of them may collude.

Everything that counts devices counts here: who can rebuild a secret, who has to survive and sign,
and how many honest devices are left to carry the noise. None of it is the server's to choose.

Source: Bonawitz et al. 2017, section 6 (two thirds against an active server).
"""

from functools import lru_cache

from homeward_federated.wire.messages import Terms


def two_thirds(count: int) -> int:
    """
    Return the smallest number above two thirds of `count`.

    Guarantees:
        Two sets of this size out of `count` overlap in more than a third of it: while fewer than
        a third collude, one honest member is in both, and an honest member answers only once.
    """
    return 2 * count // 3 + 1


def quorum(*, size: int, min_survivors: int) -> int:
    """Return how many devices must stay, and sign that they did, before anything is unmasked."""
    return max(two_thirds(size), min_survivors)


def most_colluders(*, size: int, share: float) -> int:
    """Return how many colluders the promise allows for: a share of a cohort, below a third."""
    return min(int(share * size), (size - 1) // 3)


def honest_survivors(terms: Terms) -> int:
    """Return how many honest devices are in any sum that these terms let be opened, at least."""
    return _honest(terms.min_cohort, terms.max_cohort, terms.min_survivors, terms.max_colluders)


@lru_cache(maxsize=64)
def _honest(smallest: int, largest: int, min_survivors: int, share: float) -> int:
    return min(
        quorum(size=size, min_survivors=min_survivors) - most_colluders(size=size, share=share)
        for size in range(smallest, max(smallest, largest) + 1)
    )
