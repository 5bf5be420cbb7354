"""
Time to first token on turn 10 of a conversation, with a profile of about 300 tokens.

In turn: the running conversation; the same taken up as after a restart, with the prefix's snapshot
and without; and a bare model that has no profile, no recall and no store, whose cache holds the
earlier turns too. Ratios are of medians of CPU seconds, which other load does not stretch.
"""

import argparse
import statistics
import tempfile
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from benchmarks.report import report
from homeward import models, paths
from homeward.assistant import Assistant
from homeward.conversation.conversation import Conversation
from homeward.conversation.prefix_cache import KIND
from homeward.engine_settings import EngineSettings
from homeward.engines.llama import open_model
from homeward.engines.onnx import open_embedder
from homeward.ports import Embedder, Fed, LanguageModel
from homeward.prompting.prompt_builder import PromptBuilder, segments_length
from homeward.prompting.prompt_content import PrefixContent
from homeward.sampling import Sampling
from homeward.settings import ModelLoaders
from homeward_store import Passphrase, Selection, create_profile

ONE = Sampling(temperature=0, max_tokens=1)
REPLY = Sampling(temperature=0, max_tokens=32)
ATTRIBUTES = {
    "name": "Ada Thornbury",
    "home town": "Bristol, in a narrow house above the harbour with a blue door",
    "job": "bookbinder and restorer of maps for the county archive, four days a week",
    "family": "married to Tom; one daughter, Nell, who is nine and learns the violin",
    "pets": "a grey cat called Miso and two hens that have no names yet",
    "food": "vegetarian since 2011; likes mushrooms, lentils, dark chocolate and very sour apples",
    "dislikes": "crowded trains, small talk about the weather, coffee that has gone cold",
    "music": "plays the cello in an amateur quartet on Thursdays; listens to Fauré and Nina Simone",
    "sport": "rides a green touring bicycle to work and swims in the sea until November",
    "reading": "detective novels, field guides, the history of paper and printing",
    "languages": "English, school French, and enough Welsh to talk with an aunt",
    "style": "short answers first and details only when asked; no exclamation marks; metric units",
    "projects": "a box for her grandmother's letters and a herb garden on the roof",
}
QUESTIONS = [
    f"What should I think about when I plan day {day} of a walk along the coast?"
    for day in range(1, 11)
]


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds from asking to the first piece, and what the KV cache saved."""

    seconds: float
    fed: Fed


class Ours:
    """An assistant on one profile, whose conversation can be left and taken up again."""

    def __init__(self, folder: Path, model: LanguageModel, embedder: Embedder) -> None:
        profile = create_profile(folder, unlock=[Passphrase("benchmark")]).profile
        self.me = Assistant(profile, ModelLoaders(lambda: model, lambda: embedder))
        self.me.attributes.update(ATTRIBUTES)

    def live(self, name: str) -> Timing:
        """Hold ten turns and time the last."""
        with self.me.conversation(name) as conversation:
            for question in QUESTIONS[:-1]:
                timed(conversation, question, REPLY)
            return timed(conversation, QUESTIONS[-1], ONE)

    def resumed(self, name: str, *, snapshot: bool) -> Timing:
        """Take up a conversation of ten turns as after a restart, and time one more question."""
        if not snapshot:
            self.me.profile.blobs.trim(KIND, max_bytes=0)
        with self.me.conversation(name) as conversation:
            timing = timed(conversation, QUESTIONS[-1], ONE)
        last = self.me.profile.turns.latest(1)[0]
        self.me.profile.forget(Selection(turns=(last.id,)))  # the next one takes up the same turns
        return timing


def timed(conversation: Conversation, question: str, sampling: Sampling) -> Timing:
    """Ask and time the first piece; the rest is read untimed."""
    start = time.process_time()
    reply = conversation.ask(question, sampling=sampling)
    next(reply, "")
    seconds = time.process_time() - start
    if not reply.text or reply.fed is None:
        raise RuntimeError("the model said nothing")
    return Timing(seconds, reply.fed)


def bare(model: LanguageModel, prompts: PromptBuilder) -> float:
    """Hold the ten turns with no profile and no store; return the last one's seconds."""
    before, after = prompts.around_soft_prompt(PrefixContent())
    said = before + after
    end = prompts.reply("")
    with model.session() as session:
        for question in QUESTIONS[:-1]:
            said += prompts.asked(question)
            session.feed([said])
            for _ in session.generate(REPLY):
                pass
            said += session.generated + end
        start = time.process_time()
        session.feed([said + prompts.asked(QUESTIONS[-1])])
        next(session.generate(ONE), "")
        return time.process_time() - start


def prefix_length(prompts: PromptBuilder, me: Assistant) -> int:
    """Return the prefix's positions: system text and attributes."""
    facts = tuple((one.key, str(one.value)) for one in me.profile.attributes.all())
    return segments_length(prompts.prefix(PrefixContent(facts=facts)))


def main() -> None:
    """Run the ways in turn and print their ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--model", default=models.DEFAULT_LANGUAGE, help="a name, or a GGUF file")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    home = paths.home()
    file = models.path(home, arguments.model)
    embedder = open_embedder(models.path(home, models.DEFAULT_EMBEDDING))
    live: list[Timing] = []
    resumed: list[Timing] = []
    cold: list[Timing] = []
    without: list[float] = []
    with (
        closing(open_model(file, EngineSettings(threads=1))) as model,
        tempfile.TemporaryDirectory() as folder,
    ):
        prompts = PromptBuilder.of(model)
        for number in range(arguments.repeats):
            ours = Ours(Path(folder) / str(number), model, embedder)
            live.append(ours.live("walk"))
            cold.append(ours.resumed("walk", snapshot=False))
            resumed.append(ours.resumed("walk", snapshot=True))
            without.append(bare(model, prompts))
            prefix = prefix_length(prompts, ours.me)
            ours.me.profile.close()
    report(
        {
            "prefix_tokens": prefix,
            "prefix_reused": min(min(one.fed.reused, prefix) / prefix for one in [*live, *resumed]),
            "all_reused_live": statistics.median(_share(one.fed) for one in live),
            "vs_no_snapshot": _median(resumed) / _median(cold),
            "live_vs_no_snapshot": _median(live) / _median(cold),
            "vs_bare": _median(live) / statistics.median(without),
            "live_ms": 1000 * _median(live),
            "resumed_ms": 1000 * _median(resumed),
            "no_snapshot_ms": 1000 * _median(cold),
            "bare_ms": 1000 * statistics.median(without),
            "peer": "the same llama.cpp without profile, recall or store, one thread",
            "model": file.name,
        },
        as_json=arguments.json,
    )


def _median(timings: list[Timing]) -> float:
    return statistics.median(one.seconds for one in timings)


def _share(fed: Fed) -> float:
    return fed.reused / (fed.reused + fed.decoded)


if __name__ == "__main__":
    main()
