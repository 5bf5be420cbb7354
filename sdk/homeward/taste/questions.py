"""
Chooses the next pair to ask about: the one with the largest expected information gain.

Pure: differences of features in, gains in nats out. Asking, and wording, is for others.
"""

import tomllib
from dataclasses import dataclass
from importlib.resources import files
from itertools import combinations

import numpy as np

from homeward.errors import InvalidArgument
from homeward.taste.posterior import Posterior, sigmoid
from homeward.taste.weight_prior import Floats

_NODES, _WEIGHTS = np.polynomial.hermite_e.hermegauss(24)
_WEIGHTS = _WEIGHTS / _WEIGHTS.sum()


def information(posterior: Posterior, differences: Floats, *, neither: bool = True) -> Floats:
    """
    How much each answer is expected to tell about the weights, in nats: (m, d) → (m,).

    `neither`: the person may also answer that neither reply is better.

    Guarantees:
        Zero where the posterior is certain of the reward difference; never negative (to rounding).

    Source:
        Houlsby et al. 2011, arXiv:1112.5745 (BALD), with the integrals by Gauss-Hermite
        quadrature.
    """
    middle = differences @ posterior.mean
    spread = np.sqrt(
        np.einsum("md,de,me->m", differences, posterior.covariance, differences).clip(0)
    )
    rewards = middle[:, None] + spread[:, None] * _NODES  # (m, nodes)
    answers = _answers(rewards, posterior.prior.margin, neither=neither)  # (2 or 3, m, nodes)
    expected = answers @ _WEIGHTS
    return np.asarray(_entropy(expected) - _entropy(answers) @ _WEIGHTS)


def most_informative(
    posterior: Posterior,
    differences: Floats,
    *,
    about: Floats | None = None,
    neither: bool = True,
) -> int:
    """
    Choose the pair to ask about next.

    `about` are differences that the person's taste will have to decide later, (t, d); an answer
    counts for what it says of those, so that a pair which is only odd in itself is not asked.
    By default they are the candidates themselves.

    Raises:
        InvalidArgument: there is no pair to choose from.

    Source:
        Smith et al. 2023, arXiv:2304.08151 (expected predictive information gain), in the
        Gaussian approximation of the posterior.
    """
    if not len(differences):
        raise InvalidArgument("there is no pair to ask about; give at least one")
    about = differences if about is None else about
    told = information(posterior, differences, neither=neither)
    across = differences @ posterior.covariance  # (m, d)
    own = np.einsum("md,md->m", across, differences)
    targets = np.einsum("td,de,te->t", about, posterior.covariance, about)
    # The answer's own noise, as the variance that would leave it exactly `told` nats.
    noise = own / np.expm1(2 * told.clip(1e-12))
    shared = (across @ about.T) ** 2 / np.outer(own + noise, targets).clip(1e-300)
    return int(np.argmax(-np.log1p(-shared.clip(0, 1 - 1e-12)).mean(axis=1)))


def _answers(rewards: Floats, margin: float, *, neither: bool) -> Floats:
    first, second = sigmoid(rewards - margin), sigmoid(-rewards - margin)
    if not neither:
        return np.stack([first, second]) / (first + second)
    return np.stack([first, second, (1 - first - second).clip(0)])


def _entropy(answers: Floats) -> Floats:
    """Entropy over the first axis, in nats."""
    safe = np.where(answers > 0, answers, 1.0)
    return np.asarray(-(answers * np.log(safe)).sum(axis=0))


@dataclass(frozen=True, slots=True)
class TuningPair:
    """Two replies to one question; which comes first means nothing."""

    prompt: str
    first: str
    second: str


def tuning_pairs() -> list[TuningPair]:
    """Every pair of replies to the same question, in the order of the file."""
    file = files("homeward.taste").joinpath("tuning.toml")
    questions = tomllib.loads(file.read_text("utf-8"))["question"]
    return [
        TuningPair(question["prompt"], first, second)
        for question in questions
        for first, second in combinations(question["replies"], 2)
    ]
