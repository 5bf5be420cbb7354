"""
Every message of a round and every file, mutated 100,000 times each: refused, no crash, no change.

    python -m benchmarks.federation_fuzz [--json] [--count 100000] [--seed 1]
"""

import argparse
import time

from benchmarks.report import Figure, report
from homeward_federated.simulation.fuzzing import file_targets, fuzz, targets


def main() -> None:
    """Fuzz and print what became of the messages."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--count", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--data", help="taken for uniformity; this benchmark needs none")
    options = parser.parse_args()
    figures: dict[str, Figure] = {"seed": options.seed, "each": options.count}
    begun = time.perf_counter()
    for target in (*targets(now=1_800_000_000), *file_targets()):
        tally = fuzz(target, count=options.count, seed=options.seed)
        figures[f"{target.name}, refused"] = tally.refused
        figures[f"{target.name}, allowed"] = tally.allowed
    figures["seconds"] = time.perf_counter() - begun
    report(figures, as_json=options.json)


if __name__ == "__main__":
    main()
