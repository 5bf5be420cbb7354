"""
Forty choices for brief replies, learned by DPO: how often are replies then briefer than before?

The choices are synthetic: one brief and one long reply to each of forty questions. The measure is
the style's own: tokens of the greedy reply to questions that were in no choice, off against on.
"""

import argparse
import sys
from contextlib import closing
from time import process_time

import numpy as np

from benchmarks.report import Figure, report
from benchmarks.soft_prompt import Unsaved
from homeward import models, paths
from homeward.chat_format import ChatFormat, chat_format
from homeward.engines.llama import open_model
from homeward.learning.controls import Controls, Progress
from homeward.learning.frame import Frame
from homeward.learning.gradient import GradientModel
from homeward.learning.learner import Schedule, learn
from homeward.learning.objectives import Pair, Preference
from homeward.learning.packing import Example
from homeward.ports import LanguageModel, Sampling, Segment, SoftPrompt
from homeward.prompt import system_text

TOPICS = (
    *("learn chess", "bake bread", "sleep better", "save money", "grow tomatoes", "run faster"),
    *("read more", "clean a window", "fix a bicycle", "learn French", "cook rice", "make tea"),
    *("paint a wall", "pack a suitcase", "write a letter", "plan a party", "train a dog"),
    *("wash wool", "find a job", "tie a tie", "keep bees", "take photographs", "draw a face"),
    *("play the piano", "stop coughing", "sharpen a knife", "choose a melon", "dry herbs"),
    *("mend a sock", "plant a tree", "swim longer", "remember names", "build a shelf"),
    *("store potatoes", "iron a shirt", "peel garlic", "catch a train", "light a fire"),
    *("polish shoes", "sail a boat"),
)
HELD_BACK = (
    *("make soup", "learn to knit", "clean an oven", "ride a horse", "sing well", "fold a map"),
    *("cut hair", "write a poem", "boil an egg", "wash a car", "grow roses", "brush a cat"),
)
BRIEF = ("A little every day does it.", "Start small and keep going.", "Ask someone who can.")
LONG = (
    (
        "There are many good ways to {topic}, and which of them is best for you depends on many"
        " things. First of all, it is important to think about why you want to {topic} and how much"
        " time you have. After that, you can make a plan, collect what you need, and begin."
    ),
    (
        "That is a great question! If you want to {topic}, you should know that patience matters"
        " most. Begin by reading about it, then try it yourself, and do not be discouraged if it"
        " does not work at once. With practice, you will soon be able to {topic} with confidence."
    ),
)


def measure(virtual_tokens: int, epochs: int) -> dict[str, Figure]:
    """Learn from the choices, then let both answer the questions that were held back."""
    file = models.path(paths.home(), models.DEFAULT_LANGUAGE)
    with closing(open_model(file, threads=1)) as llama:
        model, chat = GradientModel.open(file), chat_format(llama)
        frame = Frame(chat.opening + llama.tokenize(system_text([])), chat.system_end)
        began = process_time()
        pairs = [_pair(llama, chat, number) for number in range(len(TOPICS))]
        learned = learn(
            model,
            Preference(frame, pairs[:34]),
            Preference(frame, pairs[34:]),
            model.embed(llama.tokenize(system_text([("replies", "in the usual length")])))[
                :virtual_tokens
            ],
            schedule=Schedule(epochs=epochs, patience=2, tokens_per_step=320, rate=0.01, pull=0.02),
            checkpoints=Unsaved(),
            controls=Controls(report=_print),
        )
        seconds = process_time() - began
        soft = SoftPrompt(learned.soft, sha256="0" * 64)
        off = [_reply(llama, chat, [frame.before, frame.after], topic) for topic in HELD_BACK]
        on = [_reply(llama, chat, [frame.before, soft, frame.after], topic) for topic in HELD_BACK]
    return {
        "win_rate": float(
            np.mean([(b < a) + 0.5 * (a == b) for a, b in zip(off, on, strict=True)])
        ),
        "tokens_off": float(np.mean(off)),
        "tokens_on": float(np.mean(on)),
        "choices": len(pairs),
        "held_back_loss_before": learned.curve[0],
        "held_back_loss_after": min(learned.curve),
        "cpu_seconds": seconds,
    }


def _pair(llama: LanguageModel, chat: ChatFormat, number: int) -> Pair:
    topic = TOPICS[number]
    asked = llama.tokenize(f"How do I {topic}?") + chat.reply_start

    def reply(text: str) -> Example:
        return Example(asked + llama.tokenize(text) + chat.reply_end, start=len(asked))

    brief, long = BRIEF[number % len(BRIEF)], LONG[number % len(LONG)].format(topic=topic)
    return Pair(reply(brief), reply(long))


def _reply(llama: LanguageModel, chat: ChatFormat, prefix: list[Segment], topic: str) -> int:
    question = llama.tokenize(f"How do I {topic}?") + chat.reply_start
    with llama.session() as session:
        session.feed([*prefix, question])
        text = "".join(session.generate(Sampling(temperature=0, max_tokens=80)))
        print(f"{len(session.generated)}: {text!r}", file=sys.stderr)
        return len(session.generated)


def _print(progress: Progress) -> None:
    print(f"{progress.epoch}.{progress.step} {progress.loss:.3f}", file=sys.stderr)


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--virtual-tokens", type=int, default=16)
    parser.add_argument("--epochs", type=int, default=4)
    args = parser.parse_args()
    report(measure(args.virtual_tokens, args.epochs), as_json=args.json)


if __name__ == "__main__":
    main()
