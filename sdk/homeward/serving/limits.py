"""
Limits what clients may send and keep open, so that one thread answers within seconds.

A text costs by its length, and a text that becomes memories by their number: each is embedded and
held against what is known, which takes some milliseconds.
"""

from typing import Annotated

from pydantic import AfterValidator, Field

from homeward.errors import InvalidArgument
from homeward.text.spans import passages, statements

MOST_BODY_BYTES = 4 << 20  # a long writing, and no way to fill the memory
MOST_MEMORIES = 300  # that one text may become; a page has about ten
MOST_INPUTS = 256  # texts in one request for embeddings; each takes some ten milliseconds
MOST_OPEN_CHATS = 2  # each holds a KV cache: 94 MB for SmolLM2-135M at 4096 positions
MOST_CONNECTIONS = 200  # a browser opens six, a client one or two; more are answered with 503
MOST_IN_CHAT = 400_000  # characters of a conversation; contexts of small models hold less


def _few_passages(text: str) -> str:
    return _few(text, len(passages(text)))


def _few_statements(text: str) -> str:
    return _few(text, len(statements(text)))


def _few(text: str, count: int) -> str:
    if count > MOST_MEMORIES:
        raise InvalidArgument(
            f"the text would become {count} memories; send parts of at most {MOST_MEMORIES}"
        )
    return text


Word = Annotated[str, Field(max_length=200)]
"""A name, a tag, a key."""
Words = Annotated[tuple[Word, ...], Field(max_length=1000)]
"""Several of them."""
Said = Annotated[str, Field(max_length=20_000)]
"""A question, a reply, the words of a search."""
Noted = Annotated[Said, Field(min_length=1), AfterValidator(_few_passages)]
"""A text that becomes memories, word for word."""
Written = Annotated[str, Field(min_length=1, max_length=200_000), AfterValidator(_few_passages)]
"""A longer one."""
Told = Annotated[str, Field(max_length=100_000), AfterValidator(_few_statements)]
"""A message of a chat: what it states of the person becomes memories."""
