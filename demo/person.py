"""
Ada, who was made up for the demo, and the questions that only her data answers.

Chosen by trying: SmolLM2-135M answers these from what is known of her, with the Q4_1 file and with
the Q8_0 file. It does not answer everything; docs/log.md has what it gets wrong.
"""

from dataclasses import dataclass

from homeward import Assistant, Sampling

NAME = "ada"

# Greedy, so that every run and every machine prints the same. Without a penalty: the words of the
# answer stand in the prompt, and must not become less likely for it.
SAMPLING = Sampling(temperature=0, repetition_penalty=1.0, max_tokens=28)


@dataclass(frozen=True, slots=True)
class Question:
    """A question, and the word without which no answer to it is right."""

    text: str
    word: str


KEY = Question("Where is the spare key?", "flowerpot")

QUESTIONS = (
    Question("What is my cat called?", "Miso"),
    Question("Which instrument do I play?", "cello"),
    Question("When is the rent due?", "fifth"),
    KEY,
    Question("When does the van leave?", "seven"),
    Question("What should I cook tonight?", "leek"),
)

_ATTRIBUTES = {"name": "Ada", "home town": "Bristol", "pet": "a cat called Miso"}
_NOTES = (
    "I play the cello in a quartet every Thursday evening.",
    "Our landlord wants the rent on the fifth of every month.",
    "The spare key is under the blue flowerpot.",
)
_WRITING = """
Notes for the spring fair. The stall is in the old market hall, and the van leaves at seven in the
morning.

I promised to bring forty notebooks with marbled covers.
"""


def introduce(ada: Assistant) -> None:
    """Give Ada's assistant what it is to know: attributes, notes, a writing, a choice."""
    for key, value in _ATTRIBUTES.items():
        ada.attributes[key] = value
    for note in _NOTES:
        ada.remember(note)
    ada.write(_WRITING, title="Spring fair")
    ada.prefer(
        "What should I cook tonight?",
        chosen="Leek and potato soup.",
        rejected="A large beef roast with gravy.",
    )
