"""
Forty choices of style between replies of the local model itself, and questions that are in none.

`style_choices.json` was made by SmolLM2-135M with the code below, in the product's own sampling,
each reply to its natural end; made again elsewhere, it may differ in some words.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from benchmarks.style_tastes import EXAMPLE, MANNERS, QUESTIONS, Manner
from homeward.ports import LanguageModel
from homeward.prompting.prompt import SYSTEM_TEXT
from homeward.prompting.prompt_builder import PromptBuilder
from homeward.prompting.prompt_content import PastTurn, PrefixContent, PromptContent
from homeward.prompting.style_settings import style_instructions
from homeward.sampling import Sampling

TOPICS = (
    *("learn chess", "bake bread", "sleep better", "save money", "grow tomatoes", "run faster"),
    *("read more", "clean a window", "fix a bicycle", "learn French", "cook rice", "make tea"),
    *("paint a wall", "pack a suitcase", "write a letter", "plan a party", "train a dog"),
    *("wash wool", "find a job", "tie a tie", "keep bees", "take photographs", "draw a face"),
    *("play the piano", "stop coughing", "sharpen a knife", "choose a melon", "dry herbs"),
    *("mend a sock", "plant a tree", "swim longer", "remember names", "build a shelf"),
    *("store potatoes", "iron a shirt", "peel garlic", "catch a train", "light a fire"),
    *("polish shoes", "sail a boat", "make soup", "learn to knit", "clean an oven", "ride a horse"),
    *("sing well", "fold a map", "cut hair", "write a poem", "boil an egg", "wash a car"),
    *("grow roses", "brush a cat"),
)
SETTINGS = {
    "brief": ("style.length", "brief"),
    "thorough": ("style.length", "thorough"),
    "formal": ("style.tone", "formal"),
    "casual": ("style.tone", "casual"),
}
OPPOSITE = {"brief": "thorough", "thorough": "brief", "formal": "casual", "casual": "formal"}
KEPT = Path(__file__).with_suffix(".json")
_CHOICES, _DEVELOPMENT = 40, 16
_LONGEST, _TRIES = 400, 4

Pool = Mapping[str, Mapping[str, str]]  # question → style → reply


def questions() -> tuple[Sequence[str], Sequence[str], Sequence[str]]:
    """Those of the choices, those to choose settings of learning by, and those to judge by."""
    everything = [*QUESTIONS, *(f"How do I {topic}?" for topic in TOPICS)]
    mixed = [everything[at] for at in np.random.default_rng(0).permutation(len(everything))]
    end = _CHOICES + _DEVELOPMENT
    return mixed[:_CHOICES], mixed[_CHOICES:end], mixed[end:]


def pool(model: LanguageModel, keep: Path = KEPT) -> Pool:
    """Read the replies from `keep`, or let `model` make them and write them there."""
    if keep.is_file():
        found: Pool = json.loads(keep.read_text(encoding="utf-8"))
        return found
    manners = _manners()
    made = {
        question: {style: _answer(model, question, manners[style]) for style in SETTINGS}
        for question in questions()[0]
    }
    keep.write_text(json.dumps(made, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return made


def _manners() -> Mapping[str, Manner]:
    """Tones by example; lengths by the setting alone, since the model copies a brief example."""
    lengths = {
        style: f"{SYSTEM_TEXT} {style_instructions([SETTINGS[style]], learned=False)}"
        for style in ("brief", "thorough")
    }
    return {
        **{style: Manner(words, "", _LONGEST) for style, words in lengths.items()},
        "casual": MANNERS[2],
        "formal": MANNERS[3],
    }


def _answer(model: LanguageModel, question: str, manner: Manner) -> str:
    example = (PastTurn(EXAMPLE, manner.example),) if manner.example else ()
    content = PromptContent(question, PrefixContent(manner.instruction, examples=example))
    prompt = PromptBuilder.of(model).build(content).segments
    said = ""
    for seed in range(_TRIES):
        with model.session() as session:
            session.feed(prompt)
            said = "".join(session.generate(Sampling(max_tokens=_LONGEST, seed=seed))).strip()
            if len(session.generated) < _LONGEST:
                break
    return said
