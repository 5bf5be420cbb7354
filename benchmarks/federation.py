"""
What one round costs a device: CPU, bytes and time, beside a plain sum and Flower's SecAgg+.

    python -m benchmarks.federation [--json] [--data DIR]

d = 64, G = 8, noise multiplier 4. A round's devices and server run in this process, one thread;
medians over devices, at 10, 50, 100 and 500 of them (the last takes several minutes). The plain sum
clips, rounds, adds the same noise and signs one message, but masks nothing. Flower's figures need
the extra `federated`; without it they are left out, and it says so. Needs no data; `--data` is
taken and ignored.
"""

import argparse
import importlib.util
import sys
import time
import warnings
from collections import defaultdict
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.report import Figure, report
from homeward_federated.priors.published_prior import PublishedPrior
from homeward_federated.priors.round_policy import Policy
from homeward_federated.privacy.noise import discrete_gaussian
from homeward_federated.rounds.contributing import contribute
from homeward_federated.secure_aggregation.identity import seal
from homeward_federated.secure_aggregation.quantizing import noise_variance, quantize, to_words
from homeward_federated.secure_aggregation.vector_layout import VectorLayout
from homeward_federated.simulation.cohorts import LocalFederation
from homeward_federated.wire.messages import Masked

DIMS, GROUPS = 64, 8


@dataclass(frozen=True, slots=True)
class Cost:
    """One round: medians over devices, and the server's whole CPU."""

    cpu: float  # seconds
    wall: float  # seconds
    up: int  # bytes
    down: int  # bytes
    server: float  # CPU seconds


def rehearsed(count: int) -> tuple[LocalFederation, PublishedPrior]:
    """Return a federation for cohorts of `count`, and a prior with live groups."""
    survivors = int(0.7 * count)
    policy = Policy("cost", "cost-1", DIMS, GROUPS, min_cohort=count, min_survivors=survivors)
    prior = PublishedPrior.blank("cost", dims=DIMS, groups=GROUPS)
    prior.groups[:] = np.random.default_rng(1).normal(size=(GROUPS, DIMS)) * 0.05
    prior.live[:] = True
    return LocalFederation(policy), prior


def secure_round(count: int) -> Cost:
    """Run one whole round and time every call."""
    federation, prior = rehearsed(count)
    now = int(time.time())
    server = federation.serve(federation.terms(prior, now=now), prior)
    rng = np.random.default_rng(2)
    devices = {
        m.identity.public: federation.device(m, rng.normal(size=DIMS) * 0.1)
        for m in federation.enrol(count)
    }
    cpu: dict[bytes, float] = defaultdict(float)
    wall: dict[bytes, float] = defaultdict(float)
    up: dict[bytes, int] = defaultdict(int)
    down: dict[bytes, int] = defaultdict(int)
    serving = 0.0
    questions = dict.fromkeys(devices, server.invitation)
    while questions:
        for key, question in questions.items():
            ticks, begun = time.process_time(), time.perf_counter()
            answer = devices[key].receive(question, now=now)
            cpu[key] += time.process_time() - ticks
            wall[key] += time.perf_counter() - begun
            up[key] += len(answer)
            down[key] += len(question)
            ticks = time.process_time()
            server.receive(answer)
            serving += time.process_time() - ticks
        ticks = time.process_time()
        questions = server.close()
        serving += time.process_time() - ticks
    medians = [float(np.median(list(values.values()))) for values in (cpu, wall, up, down)]
    return Cost(medians[0], medians[1], int(medians[2]), int(medians[3]), serving)


def plain_sum(count: int, *, repeats: int = 20) -> float:
    """Return the CPU seconds of a device that only clips, rounds, adds noise and signs."""
    federation, prior = rehearsed(count)
    terms = federation.terms(prior, now=0)
    [member] = federation.enrol(1)
    vector, size = np.full(DIMS, 0.01), VectorLayout(DIMS, GROUPS).size
    spent = []
    for _ in range(repeats):
        ticks = time.process_time()
        placed = contribute(lambda _: vector, prior, clip=terms.clip)
        quanta = quantize(placed, largest_norm=terms.clip, scale=terms.scale)
        words = to_words(quanta + discrete_gaussian(noise_variance(terms, size=size), size))
        seal(member.identity, Masked(bytes(32), words.astype("<u4").tobytes()))
        spent.append(time.process_time() - ticks)
    return float(np.median(spent))


def flower_secagg(count: int) -> tuple[float, float, float] | None:
    """Return client CPU seconds, server CPU seconds and kilobytes up of Flower's SecAgg+."""
    if importlib.util.find_spec("flwr") is None:
        sys.stderr.write("Flower is not installed: no comparison with its SecAgg+\n")
        return None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # flwr's own deprecations
        from benchmarks.federation_flower import run  # noqa: PLC0415

        return run(count, VectorLayout(DIMS, GROUPS).size)


def sampler() -> dict[str, Figure]:
    """Return microseconds a sample, and OpenDP's where it is installed."""
    ticks = time.process_time()
    discrete_gaussian(50_000**2, 20_000)
    figures: dict[str, Figure] = {"sampler_us": (time.process_time() - ticks) / 20_000 * 1e6}
    if importlib.util.find_spec("opendp"):
        import opendp.prelude as dp  # noqa: PLC0415

        dp.enable_features("contrib")
        space = dp.vector_domain(dp.atom_domain(T="i64"), size=20_000), dp.l2_distance(T="f64")
        measure = dp.m.make_gaussian(*space, scale=50_000.0)
        ticks = time.process_time()
        measure([0] * 20_000)
        figures["opendp_sampler_us"] = (time.process_time() - ticks) / 20_000 * 1e6
        oracle = np.array(dp.m.make_gaussian(*space, scale=3.0)([0] * 20_000))
        figures["sampler_chi2_against_opendp_18_dof"] = chi_square(
            discrete_gaussian(9, 20_000), oracle
        )
    return figures


def chi_square(ours: NDArray[np.int64], oracle: NDArray[np.int64]) -> float:
    """Return Pearson's statistic of two samples of deviation 3, over the 19 values within ±9."""
    edges = np.arange(-9, 11) - 0.5
    a, b = (np.histogram(np.clip(one, -9, 9), edges)[0] for one in (ours, oracle))
    return float(np.sum((a - b) ** 2 / (a + b)))


def compared(count: int, *, suffix: str) -> dict[str, Figure]:
    """Return one cohort's ratios to the plain sum and to Flower, all measured in this run."""
    ours, plain, peer = secure_round(count), plain_sum(count), flower_secagg(count)
    figures: dict[str, Figure] = {
        f"device_cpu_ms{suffix}": ours.cpu * 1e3,
        f"device_up_kb{suffix}": ours.up / 1e3,
        f"server_cpu_s{suffix}": ours.server,
        f"vs_plain_sum_cpu{suffix}": ours.cpu / plain,
    }
    if peer is not None:
        client, server, up = peer
        figures |= {
            f"vs_flower_secagg_cpu{suffix}": ours.cpu / client,
            f"vs_flower_secagg_server_cpu{suffix}": ours.server / server,
            f"vs_flower_secagg_up{suffix}": ours.up / 1e3 / up,
        }
    return figures


def alone(count: int, *, suffix: str) -> dict[str, Figure]:
    """Return one cohort's own figures."""
    cost = secure_round(count)
    return {
        f"device_cpu_ms{suffix}": cost.cpu * 1e3,
        f"device_up_kb{suffix}": cost.up / 1e3,
        f"device_down_kb{suffix}": cost.down / 1e3,
        f"device_total_s{suffix}": cost.wall,
        f"server_cpu_s{suffix}": cost.server,
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--data", help="taken for uniformity; this benchmark needs none")
    options = parser.parse_args()
    figures = alone(100, suffix="")
    for count in (10, 50):
        figures |= compared(count, suffix=f"_n{count}")
    for name in ("vs_plain_sum_cpu", "vs_flower_secagg_cpu"):
        if f"{name}_n50" in figures:
            figures[name] = figures[f"{name}_n50"]
    figures |= alone(500, suffix="_n500")
    figures |= sampler()
    report(figures, as_json=options.json)


if __name__ == "__main__":
    main()
