"""
Milliseconds of CPU for each token under a grammar, beside the same model without one.

The grammar allows ordinary text, so that both draw the same tokens: what is measured is the asking.
One that refuses most of what the model would say costs more, since it is then asked about all
tokens; `refused_ratio` has a grammar of digits alone.
"""

import argparse
import statistics
import time
from contextlib import closing

from benchmarks.report import report
from homeward import models, paths
from homeward.engine_settings import EngineSettings
from homeward.engines.llama import LlamaModel, open_model
from homeward.sampling import Sampling

TEXT = "The keeper of the lighthouse wrote every evening in a small blue book what he saw. "
ORDINARY = r"""root ::= [^\x00]+"""
DIGITS = "root ::= [0-9]+"
TOKENS = 48


def milliseconds(model: LlamaModel, grammar: str | None) -> float:
    """CPU time of a token of a greedy reply, without the first."""
    with model.session() as session:
        session.feed([model.tokenize(TEXT)])
        reply = session.generate(Sampling(temperature=0, max_tokens=TOKENS, grammar=grammar))
        next(reply)
        start = time.process_time()
        for _ in reply:
            pass
        seconds = time.process_time() - start
        return 1000 * seconds / max(1, len(session.generated) - 1)


def main() -> None:
    """Alternate the three and print the ratios of their medians."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default=models.DEFAULT_LANGUAGE, help="a name, or a GGUF file")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    file = models.path(paths.home(), given.model)
    times: dict[str | None, list[float]] = {None: [], ORDINARY: [], DIGITS: []}
    with closing(open_model(file, EngineSettings(threads=1), sha256="00" * 32)) as model:
        for _ in range(given.repeats):
            for grammar, found in times.items():
                found.append(milliseconds(model, grammar))
        vocabulary = model.info.n_vocab
    plain, ordinary, digits = map(statistics.median, times.values())
    report(
        {
            "ratio": ordinary / plain,
            "refused_ratio": digits / plain,
            "plain_ms": plain,
            "grammar_ms": ordinary,
            "vocabulary": vocabulary,
            "model": file.name,
        },
        as_json=given.json,
    )


if __name__ == "__main__":
    main()
