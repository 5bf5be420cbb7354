"""
Forty turns with recall on: how much of the prompt's beginning the KV cache keeps, what recall adds.

The first LoCoMo conversation is what the person said before; its questions are asked. Of each
turn after the first: positions that were reused as a share of all that stood before the newest
question. Injected are the tokens that quotes add to a question, with what shows a small
model how they are used.
"""

import argparse
import contextlib
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.evaluation import add_data, provenance, scorers
from benchmarks.report import Figure, report
from homeward import paths
from homeward.assistant import Assistant
from homeward.conversation.context import attribute_quote, quote
from homeward.conversation.conversation import Conversation
from homeward.engine_settings import EngineSettings
from homeward.engines.llama import open_model
from homeward.engines.onnx import open_embedder
from homeward.models import DEFAULT_EMBEDDING, DEFAULT_LANGUAGE, path
from homeward.ports import LanguageModel
from homeward.prompting.prompt_builder import PromptBuilder, segments_length
from homeward.prompting.prompt_content import PromptContent
from homeward.sampling import Sampling
from homeward.settings import ModelLoaders
from homeward_store import AttributeValue, Passphrase, create_profile
from homeward_store.keys.key_derivation import FASTEST

TURNS = 40
REPLY = Sampling(temperature=0, max_tokens=24)
ATTRIBUTES: dict[str, AttributeValue] = {
    "name": "Ada",
    "job": "bookbinder",
    "age": 34,
    "pets": "a grey cat called Miso",
}


@dataclass(frozen=True, slots=True)
class Turn:
    """What one turn cost, in tokens."""

    reused: int
    before: int  # all that stood before the newest question
    injected: int
    quoted: int  # memories
    dropped: int  # oldest turns that no longer fitted


def hold(me: Assistant, model: LanguageModel, questions: list[str]) -> list[Turn]:
    """Ask one after another in one conversation."""
    with me.conversation("benchmark") as conversation:
        return [_turn(conversation, model, question) for question in questions]


def _turn(conversation: Conversation, model: LanguageModel, question: str) -> Turn:
    reply = conversation.ask(question, sampling=REPLY)
    if not reply.text or reply.fed is None:
        raise RuntimeError("the model said nothing")
    age = [one for one in reply.sources.attributes if one.key == "age"]
    quotes = [*map(quote, reply.sources.memories), *map(attribute_quote, age)]
    asked = PromptContent(question, quotes=tuple(quotes))
    prompts, follows = PromptBuilder.of(model), bool(reply.sources.turns)
    shown = prompts.shown(quoted=bool(asked.quotes), follows=follows)
    newest = segments_length([*shown, *prompts.question(asked)])
    return Turn(
        reused=reply.fed.reused,
        before=reply.fed.reused + reply.fed.decoded - newest,
        injected=newest - len(prompts.asked(question)),
        quoted=len(reply.sources.memories),
        dropped=reply.dropped_turns,
    )


def figures(turns: list[Turn]) -> dict[str, Figure]:
    """Shares over the turns that had something before them."""
    shares = [min(1.0, turn.reused / turn.before) for turn in turns[1:]]
    injected = [turn.injected for turn in turns]
    return {
        "turns": len(turns),
        "prefix_reused": float(np.mean(shares)),
        "prefix_reused_min": min(shares),
        "turns_below_95": sum(share < 0.95 for share in shares),
        "turns_that_overflowed": sum(turn.dropped > 0 for turn in turns),
        "injected_tokens_max": max(injected),
        "injected_tokens_mean": float(np.mean(injected)),
        "turns_with_memories": sum(turn.quoted > 0 for turn in turns),
        "tokens_before_the_last": turns[-1].before,
    }


def fill(me: Assistant, items: list[dict[str, Any]]) -> None:
    """Give the assistant a conversation of others as the person's own notes."""
    me.attributes.update(ATTRIBUTES)
    with me.profile.transaction():
        for item in items:
            me.remember(f"{item['who']}: {item['text']}")


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    add_data(parser)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    score, start = scorers(arguments.data, arguments.split), time.perf_counter()
    corpus = score.load("dev", "memret_locomo_corpus")[0]
    queries = score.load("dev", "memret_locomo_queries")
    questions = [one["question"] for one in queries if one["corpus"] == corpus["corpus"]][:TURNS]
    embedder = open_embedder(path(paths.home(), DEFAULT_EMBEDDING))
    model = open_model(path(paths.home(), DEFAULT_LANGUAGE), EngineSettings(threads=1))
    with contextlib.closing(model), tempfile.TemporaryDirectory() as folder:
        created = create_profile(
            Path(folder) / "ada", unlock=[Passphrase("benchmark")], cost=FASTEST
        )
        me = Assistant(created.profile, ModelLoaders(lambda: model, lambda: embedder))
        fill(me, corpus["items"])
        found = figures(hold(me, model, questions)) | {"memories": me.profile.memories.count()}
        me.profile.close()
    found |= provenance(score, embedder=DEFAULT_EMBEDDING, model=model.info.name)
    report(
        found | {"seconds": time.perf_counter() - start},
        as_json=arguments.json,
    )


if __name__ == "__main__":
    main()
