"""
Questions answered from quotes, shown to a small model before it does the same. Pure.

They stand right after the prefix and are gone with the quotes, so the prefix and what was said stay
as they were. They tell nothing of the person and are no source of a reply.
"""

from homeward.ports import ModelInfo
from homeward.prompting.prompt import Quote, question_text
from homeward.prompting.prompt_content import PastTurn

# They turn "I" and "my" into "you" and "your", say what was quoted, and stop: what a small model
# fails at. With "my" alone it takes "I am allergic to peanuts" for its own (docs/log.md).
DEMONSTRATION = (
    PastTurn(
        question_text(
            "What colour did I paint my door?", [Quote("I said", "I painted my door red.")]
        ),
        "You painted your door red.",
    ),
    PastTurn(
        question_text("What colour is my bicycle?", [Quote("I said", "My bicycle is red.")]),
        "Your bicycle is red.",
    ),
)

# The second question is answered from its quote, not with what was said before: a small model
# repeats that otherwise, and where the demonstration above stands in between, it repeats this.
FOLLOW_UP_DEMONSTRATION = (
    PastTurn("Who is my neighbour?", "Your neighbour is Ada."),
    PastTurn(
        question_text("And what does she play?", [Quote("I said", "Ada plays the flute.")]),
        "Ada plays the flute.",
    ),
)


def demonstration(model: ModelInfo, *, follows: bool = False) -> tuple[PastTurn, ...]:
    """
    Return what `model` is shown before a question with quotes; nothing where it needs none.

    `follows`: the question comes after an earlier exchange.
    """
    if not model.traits.demonstration:
        return ()
    return FOLLOW_UP_DEMONSTRATION if follows else DEMONSTRATION
