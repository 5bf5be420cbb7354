"""
Defines the 64 numbers that a person and a federation exchange: positions and meanings.

Pure: values in, values out. A task whose `code` is not in `MEANINGS` is about other numbers and is
refused.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from homeward.ports import Vector
from homeward.taste import Group, style
from homeward.taste.weight_prior import Floats, WeightPrior as Belief
from homeward_federated.errors import TermsRefused
from homeward_federated.priors.canary import code_of
from homeward_federated.priors.published_prior import PublishedPrior as Published, nearest_group
from homeward_federated.secure_aggregation.quantizing import clip

# How a person likes to be answered. Code and figures are left out: they say more of what somebody
# works on.
TASTE = tuple(name for name in style.NAMES if name not in {"code", "numbers"})
_LARGEST = 3.0  # log odds; a prior says no more of a person than they can say themselves
SOFT = 48  # coordinates of the soft prompt along the shipped prior's directions
BASIS = "25f78d82"  # how `learning.prior.Prior.sha256` begins: others are other numbers
UNIT = 9.0  # coordinates: four people's styles are .41 to .57 units long (docs/log.md)
LONGEST = 0.48  # L2 of a person's 48, in units: half of the clip, squared, is left to taste
DIMS = len(TASTE) + SOFT
CODE = f"taste{len(TASTE)}-soft{SOFT}-2-{BASIS}"
NAMES = (*TASTE, *(f"soft prompt {at + 1}" for at in range(SOFT)))
# A canary is asked for one number: how many more of its choices the newest prior predicts.
CANARY = code_of(CODE)
MEANINGS = {CODE: NAMES, CANARY: ("gain of the newest prior",)}
_TOLD = {
    CODE: f"What the numbers are: {len(TASTE)} say how you like replies (length, lists, formality "
    f"…), from your choices. {SOFT} say how you write: where the style that was learned from your "
    f"writings and choices lies along {SOFT} directions that come with Homeward. These {SOFT} "
    "stay zero unless you say yes to them apart, and while no style is learned and in use.",
    CANARY: "What the number is: how many more of your newest choices the newest published "
    "numbers predict than those before.",
}
STYLE_ASKED = (
    f"May {SOFT} numbers of your learned style, which was learned from your writings and choices, "
    "be added in each round of this task?"
)


def told(code: str) -> str:
    """
    Return what the person reads of the numbers, after the offer's own text.

    Raises:
        TermsRefused: they are not known to this device.
    """
    if code not in _TOLD:
        raise TermsRefused(f"unknown task code {code!r}; this version supports {CODE!r}")
    return _TOLD[code]


def soft_numbers(coordinates: Vector) -> Floats:
    """
    Return a soft prompt's coordinates as they are exchanged: in units, no longer than `LONGEST`.

    Shapes:
        coordinates: (SOFT,). Returns (SOFT,).
    """
    return clip(coordinates.astype(np.float64) / UNIT, LONGEST)


def name_of(published: Published) -> str:
    """Return how a person is told which published numbers were used."""
    return f"{published.task}, version {published.version}"


def origins(published: Published) -> tuple[Vector, ...]:
    """
    Return the coordinates, (SOFT,) each, where others' soft prompts lie: everyone's, each group's.

    None where no soft prompt was summed yet. What is published is kept as short as a person's own.
    """
    live: list[int | None] = [None, *(int(group) for group in np.flatnonzero(published.live))]
    numbers = [published.of_group(group)[len(TASTE) :] for group in live]
    return tuple((UNIT * clip(one, LONGEST)).astype(np.float32) for one in numbers if one.any())


def taste_of(published: Published) -> Published:
    """Return what of a published prior is about taste."""
    count = len(TASTE)
    return replace(
        published, everyone=published.everyone[:count], groups=published.groups[:, :count]
    )


def vector(weights: Mapping[str, float], soft: Floats | None, *, start: Published) -> Floats:
    """
    Return what a person has in common with others: log odds a spread, then the soft prompt.

    Who has no soft prompt, or keeps it to themselves, has that of the group that is nearest in
    taste: their difference to it is zero, which pulls nobody anywhere.

    Shapes:
        soft: (SOFT,). Returns (DIMS,).
    """
    taste = np.array([weights[name] for name in TASTE])
    if soft is None:
        soft = start.of_group(nearest_group(taste, taste_of(start)))[len(TASTE) :]
    return np.concatenate([taste, soft])


def pairs(names: Sequence[str], differences: Floats) -> Floats:
    """
    Return comparisons in the numbers of taste.

    Shapes:
        differences: (n, len(names)). Returns (n, len(TASTE)).
    """
    return differences[:, [names.index(name) for name in TASTE]]


def groups(published: Published, stranger: Belief) -> list[Group]:
    """Return each live group's belief about a new person; everyone's where no group lives."""
    live: list[int | None] = [int(group) for group in np.flatnonzero(published.live)]
    return [
        Group(
            "everyone" if group is None else f"group {group + 1}",
            _belief(start, stranger),
            published=name_of(published),
        )
        for group in live or [None]
        for start in [published.of_group(group)]
    ]


def _belief(start: Floats, stranger: Belief) -> Belief:
    mean = stranger.mean.copy()
    for at, name in enumerate(TASTE):
        mean[stranger.names.index(name)] = np.clip(start[at], -_LARGEST, _LARGEST)
    # How far people lie from their group was not asked for: as far as from nothing, to be safe.
    return Belief(stranger.names, mean, stranger.covariance, stranger.margin)
