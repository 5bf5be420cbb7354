"""
Forty choices of a style, learned as `homeward learn` does: does the model then answer in it?

The choices are between replies of the local model itself in opposite manners. The style's own
measure, on questions that are in no choice: tokens of the greedy reply until it ends by itself, or
the readable formality of taste. Win rate of what was learned against nothing, whatever the trial
says (`trial_wins`: whether the product would have switched it on); of the setting in plain language
against nothing; and of one against the other. `nats` is what the bare model finds of the replies, a
token: a style that breaks them shows there.
"""

import argparse
import sys
import tempfile
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.report import Figure, report, show_progress
from benchmarks.style_choices import KEPT, OPPOSITE, SETTINGS, Pool, pool, questions
from homeward import models, paths
from homeward.engine_settings import EngineSettings
from homeward.engines.llama import open_model
from homeward.learning.controls import Controls
from homeward.learning.gradients.gradient import GradientModel
from homeward.learning.gradients.packing import TrainingExample
from homeward.learning.gradients.prompt_slot import PromptSlot
from homeward.learning.objectives import Likelihood
from homeward.learning.soft_prompt_store import SavedSoftPrompt
from homeward.personalization.soft_prompt_training import train_soft_prompt
from homeward.ports import LanguageModel, SoftPrompt
from homeward.prompting.prompt import SYSTEM_TEXT
from homeward.prompting.prompt_builder import PromptBuilder
from homeward.prompting.prompt_content import PrefixContent, PromptContent
from homeward.prompting.style_settings import style_instructions
from homeward.sampling import Sampling
from homeward.taste.style import NAMES, measure
from homeward_store import Category, Passphrase, Purpose, create_profile
from homeward_store.keys.key_derivation import FASTEST

LONGEST = Sampling().max_tokens  # a third of the replies would be cut at 300


@dataclass(frozen=True, slots=True)
class Reply:
    """A reply, measured; `nats` a token, of the bare model given the question."""

    tokens: int
    formality: float
    nats: float

    def suits(self, style: str) -> float:
        """How well it suits a style; only the order matters."""
        more = self.tokens if style in ("brief", "thorough") else self.formality
        return -more if style in ("brief", "casual") else more


@dataclass(frozen=True, slots=True)
class Bench:
    """The model, twice: to reply and to learn."""

    llama: LanguageModel
    prompts: PromptBuilder
    gradient: GradientModel

    def learn(self, style: str, replies: Pool) -> SavedSoftPrompt:
        """A fresh profile with these choices, and what it learns from them."""
        with tempfile.TemporaryDirectory() as folder:
            unlock = [Passphrase("benchmark")]
            profile = create_profile(Path(folder) / "p", unlock=unlock, cost=FASTEST).profile
            with closing(profile):
                may = (Category.WRITINGS, Category.CHOICES)
                profile.consent.grant(Purpose.LEARN, *may, shown="benchmark")
                for question, said in replies.items():
                    profile.choices.add(question, said[style], said[OPPOSITE[style]])
                shown = Controls(report=show_progress)
                return train_soft_prompt(
                    profile, self.llama, self.prompts, lambda: self.gradient, controls=shown
                ).state

    def reply(self, question: str, orders: str = "", soft: SoftPrompt | None = None) -> Reply:
        """The greedy reply under a setting's `orders`, or with what was learned."""
        prefix = PrefixContent(f"{SYSTEM_TEXT} {orders}".rstrip(), soft_prompt=soft)
        with self.llama.session() as session:
            session.feed(self.prompts.build(PromptContent(question, prefix)).segments)
            said = "".join(session.generate(Sampling(temperature=0, max_tokens=LONGEST)))
            count = len(session.generated)
        print(f"{count}: {question} {said!r}", file=sys.stderr)
        formality = float(measure(question, said)[NAMES.index("formality")])
        asked = self.prompts.asked(question)
        # Nothing is an end at once.
        replied = self.llama.tokenize(said) or self.prompts.reply("")[:1]
        return Reply(
            count, formality, self._nats(TrainingExample(asked + replied, start=len(asked)))
        )

    def _nats(self, said: TrainingExample) -> float:
        frame = PromptSlot(*self.prompts.around_soft_prompt(PrefixContent()))
        nothing = np.empty((0, self.gradient.architecture.width), np.float32)
        return float(Likelihood(frame, [said]).losses(self.gradient, nothing, [0])[0])


def compare(styles: Sequence[str], asked: Sequence[str], keep: Path) -> dict[str, Figure]:
    """Learn each style, answer with it, with its setting and with neither, and compare."""
    file = models.path(paths.home(), models.DEFAULT_LANGUAGE)
    with closing(open_model(file, EngineSettings(threads=1))) as llama:
        bench = Bench(llama, PromptBuilder.of(llama), GradientModel.open(file))
        replies = pool(llama, keep)
        off = [bench.reply(question) for question in asked]
        found, won = _told("off", off), list[float]()
        for style in styles:
            state = bench.learn(style, replies)
            learned = [bench.reply(question, soft=state.soft) for question in asked]
            orders = style_instructions([SETTINGS[style]], learned=False)
            told = [bench.reply(question, orders=orders) for question in asked]
            won += _wins(style, learned, off)
            found |= _rate(f"win_rate_{style}", _wins(style, learned, off))
            found |= _rate(f"setting_win_rate_{style}", _wins(style, told, off))
            found |= _rate(f"win_rate_{style}_over_setting", _wins(style, learned, told))
            found |= _told(style, learned) | _told(f"setting_{style}", told) | _trial(style, state)
    return _rate("win_rate", won) | {"choices": len(replies), "questions": len(asked)} | found


def _wins(style: str, some: Sequence[Reply], others: Sequence[Reply]) -> list[float]:
    """1 where the first suits the style better, 0.5 where both suit it as well."""
    pairs = [(a.suits(style), b.suits(style)) for a, b in zip(some, others, strict=True)]
    return [(a > b) + 0.5 * (a == b) for a, b in pairs]


def _rate(name: str, wins: Sequence[float]) -> dict[str, Figure]:
    """The mean and its 95 % interval (Wilson 1927), which does not shrink to nothing at 1."""
    n, z, rate = len(wins), 1.96, float(np.mean(wins))
    middle = (rate + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * float(np.sqrt(rate * (1 - rate) / n + z * z / (4 * n * n)))
    return {name: rate, f"{name}_low": middle - half, f"{name}_high": middle + half}


def _told(name: str, replies: Sequence[Reply]) -> dict[str, Figure]:
    return {
        f"tokens_{name}": float(np.mean([reply.tokens for reply in replies])),
        f"cut_{name}": sum(reply.tokens == LONGEST for reply in replies),
        f"formality_{name}": float(np.mean([reply.formality for reply in replies])),
        f"nats_{name}": float(np.mean([reply.nats for reply in replies])),
    }


def _trial(style: str, state: SavedSoftPrompt) -> dict[str, Figure]:
    verdict = state.record.verdict
    return {
        f"trial_gain_{style}": verdict.gain,
        f"trial_wins_{style}": int(verdict.wins),
        f"cpu_seconds_{style}": state.record.cpu_seconds,
    }


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--styles", nargs="+", choices=SETTINGS, default=["brief", "formal"])
    parser.add_argument("--questions", type=int, default=12, help="of 32 to judge by")
    parser.add_argument("--development", action="store_true", help="ask those to choose by")
    parser.add_argument("--replies", type=Path, default=KEPT, help="made where it does not exist")
    args = parser.parse_args()
    _, development, judged = questions()
    asked = (development if args.development else judged)[: args.questions]
    report(compare(args.styles, asked, args.replies), as_json=args.json)


if __name__ == "__main__":
    main()
