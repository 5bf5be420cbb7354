"""
What an attacker can tell, measured: membership in sums and in published priors.

    python -m benchmarks.federation_audit [--json] [--trials 4000]

The attacker knows every other contribution, chose the victim's vector as a canary and sees the
opened sum; or sees only two published priors. Each trial tosses whether the canary takes part. From
true and false positive rates (Clopper-Pearson, 95 %) follows a lower bound of the mechanism's
Gaussian-DP parameter and of epsilon (Nasr et al. 2023, arXiv:2302.07956). It must stay below the
ledger's; with half the noise it must not, or the audit could not fail.
"""

import argparse
import importlib.util
import math
from collections.abc import Callable
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from benchmarks.report import Figure, report
from homeward_federated.priors.published_prior import PublishedPrior
from homeward_federated.priors.server_update import Noise, Pace, advance
from homeward_federated.privacy.accounting import epsilon, rho
from homeward_federated.privacy.noise import discrete_gaussian
from homeward_federated.secure_aggregation.quantizing import noise_variance, quantize
from homeward_federated.secure_aggregation.quorums import honest_survivors
from homeward_federated.secure_aggregation.vector_layout import VectorLayout, place, take_apart
from homeward_federated.simulation.simulate import simulate_sums
from homeward_federated.wire.messages import Terms

DIMS, GROUPS, SURVIVORS, DELTA = 64, 8, 140, 1e-6
LAYOUT = VectorLayout(DIMS, GROUPS)
NORMAL = NormalDist()
Vector = NDArray[np.float64]


def terms(noise_multiplier: float) -> Terms:
    """Return terms of a round in which exactly the promised devices survive."""
    return Terms(
        bytes(16), "audit", "audit-1", bytes(32), DIMS, GROUPS, 1 << 16, 1.0, noise_multiplier,
        SURVIVORS, SURVIVORS, SURVIVORS, 1 / 3, 0, 1,
    )  # fmt: skip


def server_view(noise_multiplier: float, *, present: bool, canary: Vector) -> float:
    """Return the attacker's best statistic: the sum, less all others, along the canary."""
    view = terms(noise_multiplier)
    total = discrete_gaussian(
        noise_variance(view, size=LAYOUT.size) * honest_survivors(view), LAYOUT.size
    )
    if present:
        total = total + quantize(canary, largest_norm=view.clip, scale=view.scale)
    return float(total @ canary) / view.scale


def published_view(noise_multiplier: float, *, present: bool, canary: Vector) -> float:
    """Return the movement of the published prior along the canary; the others are unknown."""
    view = terms(noise_multiplier)
    rng = np.random.default_rng()
    others = rng.normal(size=(SURVIVORS - 1, DIMS)) * 0.05
    person = canary[:DIMS] * 10 if present else np.zeros(DIMS)
    prior = PublishedPrior.blank("audit", dims=DIMS, groups=GROUPS)
    prior.live[:] = True
    sums = simulate_sums(np.vstack([others, person]), prior, view)
    after = advance(
        prior, sums, survivors=SURVIVORS, noise=Noise.of(view, survivors=SURVIVORS), pace=Pace()
    )
    return float(after.everyone @ canary[:DIMS])


def interval(hits: int, trials: int) -> tuple[float, float]:
    """Clopper-Pearson, 95 %, by bisection of the binomial tail."""

    def tail(p: float, *, at_least: bool) -> float:
        terms_ = (
            math.exp(
                math.lgamma(trials + 1) - math.lgamma(k + 1) - math.lgamma(trials - k + 1)
                + k * math.log(p) + (trials - k) * math.log1p(-p)
            )
            for k in (range(hits, trials + 1) if at_least else range(hits + 1))
        )  # fmt: skip
        return sum(terms_)

    def solve(*, at_least: bool) -> float:
        low, high = 1e-9, 1 - 1e-9
        for _ in range(40):
            middle = (low + high) / 2
            if (tail(middle, at_least=at_least) < 0.025) is at_least:
                low = middle
            else:
                high = middle
        return low

    lower = 0.0 if hits == 0 else solve(at_least=True)
    upper = 1.0 if hits == trials else solve(at_least=False)
    return lower, upper


def audit(
    view: Callable[..., float], noise_multiplier: float, *, trials: int
) -> tuple[float, float]:
    """Return the attacker's advantage and a 95 % lower bound of the Gaussian-DP parameter mu."""
    # Alone in a group and at the clip: the most a device can stand out.
    difference = np.random.default_rng(9).normal(size=DIMS)
    canary = place(difference * 9, group=3, layout=LAYOUT, largest_norm=1.0)
    calls = {
        present: np.array([view(noise_multiplier, present=present, canary=canary)
                           for _ in range(trials // 2)])
        for present in (True, False)
    }  # fmt: skip
    threshold = float(np.median(np.concatenate(list(calls.values()))))
    true, false = (int(np.sum(calls[present] > threshold)) for present in (True, False))
    half = trials // 2
    true_low, false_high = interval(true, half)[0], interval(false, half)[1]
    mu = NORMAL.inv_cdf(true_low) - NORMAL.inv_cdf(false_high)
    return (true - false) / half, max(0.0, mu)


def gaussian_epsilon(mu: float) -> float:
    """Return the epsilon of a mu-GDP mechanism at delta 1e-6 (Dong et al. 2022, Corollary 1)."""
    low, high = 0.0, 100.0
    for _ in range(60):
        middle = (low + high) / 2
        delta = NORMAL.cdf(-middle / mu + mu / 2) - math.exp(middle) * NORMAL.cdf(
            -middle / mu - mu / 2
        )
        if delta > DELTA:
            low = middle
        else:
            high = middle
    return high


def inversion(noise_multiplier: float, *, count: int) -> float:
    """Return the mean correlation of one member's vector with the opened sum of the cohort."""
    view, rng, found = terms(noise_multiplier), np.random.default_rng(3), []
    prior = PublishedPrior.blank("audit", dims=DIMS, groups=GROUPS)
    for _ in range(20):
        people = rng.normal(size=(count, DIMS)) * 0.08
        everyone = simulate_sums(people, prior, view).everyone
        found.append(float(np.corrcoef(everyone, people[0])[0, 1]))
    return float(np.mean(found))


def differencing(noise_multiplier: float) -> float:
    """Return the mean correlation with the victim of a cohort's sum less that without it."""
    view, found = terms(noise_multiplier), []
    variance = noise_variance(view, size=LAYOUT.size) * honest_survivors(view)
    rng = np.random.default_rng(4)
    for _ in range(20):
        victim = place(rng.normal(size=DIMS), group=1, layout=LAYOUT, largest_norm=1.0)
        noise = discrete_gaussian(2 * variance, LAYOUT.size) if variance else 0
        seen = take_apart(victim + noise / view.scale, layout=LAYOUT, largest_norm=1.0)
        found.append(float(np.corrcoef(seen.everyone, victim[:DIMS])[0, 1]))
    return float(np.mean(found))


def ledger_over_exact() -> dict[str, Figure]:
    """Return the ledger's epsilon over exact accounting's (PLD): the least and the most of 20."""
    if importlib.util.find_spec("dp_accounting") is None:
        return {}
    import dp_accounting  # noqa: PLC0415

    ratios = []
    for z in (1.0, 2.0, 4.0, 8.0):
        for rounds in (1, 5, 10, 20, 100):
            exact = dp_accounting.pld.PLDAccountant(value_discretization_interval=1e-3)
            event = dp_accounting.SelfComposedDpEvent(dp_accounting.GaussianDpEvent(z), rounds)
            exact.compose(event)
            ours = epsilon(rounds * rho(z), delta=DELTA)
            ratios.append(ours / exact.get_epsilon(DELTA))
    return {"ledger_over_pld_least": min(ratios), "ledger_over_pld_most": max(ratios)}


def main() -> None:
    """Attack and print; exit with 1 if a bound exceeds the ledger, or if the audit cannot fail."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--trials", type=int, default=4000)
    parser.add_argument("--data", help="taken for uniformity; this benchmark needs none")
    options = parser.parse_args()
    figures: dict[str, Figure] = {"trials": options.trials, "delta": DELTA}
    sound = True
    for z in (1.0, 2.0, 4.0):
        ledger = epsilon(rho(z), delta=DELTA)
        advantage, mu = audit(server_view, z, trials=options.trials)
        half_mu = audit(server_view, z / 2, trials=options.trials)[1]
        bound, half = (gaussian_epsilon(value) if value else 0.0 for value in (mu, half_mu))
        figures |= {
            f"z{z:g}_ledger_epsilon": ledger,
            f"z{z:g}_server_advantage": advantage,
            f"z{z:g}_server_epsilon_at_least": bound,
            f"z{z:g}_half_noise_epsilon_at_least": half,
        }
        sound &= bound <= ledger < half
    published, mu = audit(published_view, 4.0, trials=min(options.trials, 400))
    figures |= {
        "z4_published_advantage": published,
        "z4_published_epsilon_at_least": gaussian_epsilon(mu) if mu else 0.0,
        "z4_inversion_correlation_n200": inversion(4.0, count=200),
        "z1_inversion_correlation_n200": inversion(1.0, count=200),
        **{f"z{z:g}_minus_one_correlation": differencing(z) for z in (0.0, 0.25, 1.0, 4.0)},
        **ledger_over_exact(),
        "audit_passes_and_can_fail": int(sound),
    }
    report(figures, as_json=options.json)
    raise SystemExit(not sound)


if __name__ == "__main__":
    main()
