"""
Twenty facts and twenty questions, in new conversations and in one; and questions that refer back.

The default model unless another is named, with its own sampling, one seed a run. A reply is right
when it has a word of its own fact and none of another's; to a follow-up, when it has a word of its
answer. Of all positions that stood before the newest question in the one conversation,
`prefix_reused` were in the KV cache;
`shown_tokens` a question are decoded with its quotes, to show a small model how they are used;
`pause_tokens` an exchange are decoded between two questions, while the person reads.
"""

import argparse
import contextlib
import re
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from benchmarks.facts_told import HALVES, Fact, FollowUp, Half
from benchmarks.report import Figure, report
from homeward import paths
from homeward.assistant import Assistant
from homeward.conversation.context import quote
from homeward.conversation.conversation import Conversation
from homeward.engine_settings import EngineSettings
from homeward.engines.llama import open_model
from homeward.engines.onnx import open_embedder
from homeward.models import DEFAULT_EMBEDDING, DEFAULT_LANGUAGE, path
from homeward.ports import Embedder, LanguageModel
from homeward.prompting.prompt_builder import PromptBuilder, segments_length
from homeward.prompting.prompt_content import PromptContent
from homeward.sampling import Sampling
from homeward.settings import ModelLoaders
from homeward_store import Passphrase, create_profile
from homeward_store.keys.key_derivation import FASTEST

SEEDS = 5
PAUSE = 1.0  # seconds between a reply and the next question: a person needs longer


@dataclass(frozen=True, slots=True)
class Told:
    """A reply's text, and how much of what stood before its question was reused."""

    text: str
    reused: int
    before: int
    said: int  # tokens of the exchange, which are decoded anew in the pause after it
    shown: int  # tokens that come and go with its quotes, and show how they are used


def ask(
    conversation: Conversation, model: LanguageModel, question: str, sampling: Sampling
) -> Told:
    """Ask, and count what stood before the question."""
    reply = conversation.ask(question, sampling=sampling)
    text = reply.text
    if reply.fed is None:
        raise RuntimeError("the model was shown nothing")
    asked = PromptContent(question, quotes=tuple(map(quote, reply.sources.memories)))
    prompts, follows = PromptBuilder.of(model), bool(reply.sources.turns)
    shown = segments_length(prompts.shown(quoted=bool(asked.quotes), follows=follows))
    newest = shown + segments_length(prompts.question(asked))
    before = reply.fed.reused + reply.fed.decoded - newest
    said = len(model.tokenize(question)) + len(model.tokenize(text))
    return Told(text, min(reply.fed.reused, before), before, said, shown)


def is_right(text: str, fact: Fact, facts: Sequence[Fact]) -> bool:
    """Return whether `text` answers with this fact, and with no other."""
    others = [word for one in facts if one is not fact for word in one.words]
    asked = fact.asked.casefold() + fact.told.casefold()
    return _has(text, fact.words) and not _has(text, [one for one in others if one not in asked])


def _has(text: str, words: Sequence[str]) -> bool:
    return any(re.search(rf"\b{re.escape(word)}", text, re.IGNORECASE) for word in words)


def fresh(me: Assistant, half: Half, sampling: Sampling) -> list[bool]:
    """Ask each question in a conversation of its own."""
    found = []
    for at, fact in enumerate(half.facts):
        with me.conversation() as conversation:
            text = conversation.ask(fact.asked, sampling=_seeded(sampling, at)).text
        found.append(is_right(text, fact, half.facts))
        _show("fresh", found[-1], fact.asked, text)
    return found


def together(
    me: Assistant, model: LanguageModel, half: Half, sampling: Sampling
) -> tuple[list[bool], list[Told]]:
    """Ask all questions in one conversation."""
    found, told = [], []
    with me.conversation() as conversation:
        for at, fact in enumerate(half.facts):
            told.append(ask(conversation, model, fact.asked, _seeded(sampling, at)))
            found.append(is_right(told[-1].text, fact, half.facts))
            _show("one", found[-1], fact.asked, told[-1].text)
            time.sleep(PAUSE)
    return found, told


def follow_ups(me: Assistant, cases: Sequence[FollowUp], sampling: Sampling) -> list[bool]:
    """Ask two questions a conversation; the second counts."""
    found = []
    for at, case in enumerate(cases):
        with me.conversation() as conversation:
            first = conversation.ask(case.first, sampling=_seeded(sampling, at)).text
            text = conversation.ask(case.second, sampling=_seeded(sampling, at)).text
        found.append(_has(text, case.words))
        _show("follow", found[-1], f"{case.first} | {first} | {case.second}", text)
    return found


def _seeded(sampling: Sampling, at: int) -> Sampling:
    return replace(sampling, seed=1000 * (sampling.seed or 0) + at)


def _show(kind: str, right: bool, asked: str, text: str) -> None:  # noqa: FBT001
    print(f"{kind} {'+' if right else '-'} {asked} -> {text[:150]!r}", file=sys.stderr)


@contextlib.contextmanager
def knowing(told: Sequence[str], model: LanguageModel, embedder: Embedder) -> Iterator[Assistant]:
    """Open an assistant that was told these things; the models stay open after it."""
    with tempfile.TemporaryDirectory() as folder:
        created = create_profile(
            Path(folder) / "ada", unlock=[Passphrase("benchmark")], cost=FASTEST
        )
        with created.profile as profile:
            me = Assistant(profile, ModelLoaders(lambda: model, lambda: embedder))
            for one in told:
                me.remember(one)
            yield me


def measure(
    half: Half, model: LanguageModel, embedder: Embedder, *, seeds: int
) -> dict[str, Figure]:
    """Ask everything once a seed."""
    alone, one, second = list[bool](), list[list[bool]](), list[bool]()
    told, own = list[Told](), model.info.traits.sampling
    sampled = [replace(own, seed=seed) for seed in range(seeds)]
    facts = [fact.told for fact in half.facts]
    with knowing(facts, model, embedder) as me:
        for sampling in sampled:
            alone += fresh(me, half, sampling)
            found, asked = together(me, model, half, sampling)
            one.append(found)
            told += asked[1:]
    more = [line for case in half.follow_ups for line in case.told]
    with knowing([*facts, *more], model, embedder) as me:
        for sampling in sampled:
            second += follow_ups(me, half.follow_ups, sampling)
    return {
        "one_conversation": float(np.mean(one)),
        "one_conversation_worst": float(min(map(np.mean, one))),
        "fresh": float(np.mean(alone)),
        "follow_ups": float(np.mean(second)),
        "prefix_reused": sum(one.reused for one in told) / max(1, sum(one.before for one in told)),
        "before": float(np.mean([one.before for one in told])),
        "shown_tokens": float(np.mean([one.shown for one in told])),
        "pause_tokens": float(np.mean([one.said for one in told])),
        "seeds": seeds,
    }


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--half", choices=HALVES, default="second", help="which facts are told")
    parser.add_argument("--seeds", type=int, default=SEEDS)
    parser.add_argument("--model", default=DEFAULT_LANGUAGE, help="a name, or a GGUF file")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    started = time.perf_counter()
    embedder = open_embedder(path(paths.home(), DEFAULT_EMBEDDING))
    model = open_model(path(paths.home(), arguments.model), EngineSettings(threads=1))
    with contextlib.closing(model):
        found = measure(HALVES[arguments.half], model, embedder, seeds=arguments.seeds)
    seconds = time.perf_counter() - started
    report(found | {"model": model.info.name, "seconds": seconds}, as_json=arguments.json)


if __name__ == "__main__":
    main()
