"""
Many devices without masks: in one process, and in Flower's simulation engine.

    python -m benchmarks.federation_simulation [--json] [--devices 10000] [--flower 0]

One round: each device chooses its group, clips, places and rounds; the noises are drawn as one. In
Flower's engine (`--flower N`, needs `ray==2.55.1` beside the extra) N nodes each add their own
share of the noise, as real devices do, and the sum is compared with the one-process simulation:
run it under `unshare -rn`, since Ray listens on all addresses.
"""

import argparse
import resource
import sys
import time
import warnings

import numpy as np
from numpy.typing import NDArray

from benchmarks.federation import DIMS, GROUPS, rehearsed
from benchmarks.report import Figure, report
from homeward_federated.priors.published_prior import PublishedPrior
from homeward_federated.privacy.noise import discrete_gaussian
from homeward_federated.rounds.contributing import contribute
from homeward_federated.secure_aggregation.quantizing import noise_variance, quantize
from homeward_federated.secure_aggregation.vector_layout import VectorLayout, take_apart
from homeward_federated.simulation.simulate import simulate_sums
from homeward_federated.wire.messages import Terms

SIZE = VectorLayout(DIMS, GROUPS).size


def setting(devices: int) -> tuple[Terms, PublishedPrior]:
    """Return terms for a cohort of all `devices`, and a prior with live groups."""
    federation, prior = rehearsed(devices)
    return federation.terms(prior, now=0), prior


def person(number: int) -> NDArray[np.float64]:
    """Return the vector of one made-up person."""
    return np.random.default_rng(number).normal(size=DIMS) * 0.1


def one_process(devices: int) -> dict[str, Figure]:
    """Run one round of `devices` in this process."""
    terms, prior = setting(min(devices, 2048))  # the wire's bound; the sum has none
    people = np.stack([person(number) for number in range(devices)])
    begun, ticks = time.perf_counter(), time.process_time()
    sums = simulate_sums(people, prior, terms)
    return {
        "devices": devices,
        "one_process_s": time.perf_counter() - begun,
        "one_process_cpu_s": time.process_time() - ticks,
        "one_process_peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "counted_in_groups": float(sums.counts.sum()),
    }


def flower_engine(nodes: int) -> dict[str, Figure]:
    """Run one round of `nodes` in Flower's engine and compare its sum."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from benchmarks.federation_flower import simulate  # noqa: PLC0415

    terms, prior = setting(nodes)
    people = np.stack([person(number) for number in range(nodes)])

    def device(number: int) -> bytes:
        vector = person(number)
        placed = contribute(lambda _: vector, prior, clip=terms.clip)
        quanta = quantize(placed, largest_norm=terms.clip, scale=terms.scale)
        noise = discrete_gaussian(noise_variance(terms, size=SIZE), SIZE)
        return bytes((quanta + noise).astype("<i8").tobytes())

    begun = time.perf_counter()
    answers = simulate(nodes, device)
    seconds = time.perf_counter() - begun
    total = np.sum([np.frombuffer(answer, "<i8") for answer in answers], axis=0)
    layout = VectorLayout(DIMS, GROUPS)
    here = take_apart(total / terms.scale, layout=layout, largest_norm=terms.clip)
    there = simulate_sums(people, prior, terms)
    deviation = np.sqrt(2 * nodes * noise_variance(terms, size=SIZE)) / terms.scale
    return {
        "flower_nodes": len(answers),
        "flower_s": seconds,
        # Two sums of the same people differ by their noises only: 64 numbers of deviation 1.
        "flower_difference_in_deviations": float(np.std(here.everyone - there.everyone))
        / float(deviation),
    }


def main() -> None:
    """Simulate and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--devices", type=int, default=10_000)
    parser.add_argument("--flower", type=int, default=0, metavar="NODES")
    parser.add_argument("--data", help="taken for uniformity; this benchmark needs none")
    options = parser.parse_args()
    figures = one_process(options.devices)
    if options.flower:
        figures |= flower_engine(options.flower)
    else:
        sys.stderr.write("Flower's engine was not asked for: --flower NODES\n")
    report(figures, as_json=options.json)


if __name__ == "__main__":
    main()
