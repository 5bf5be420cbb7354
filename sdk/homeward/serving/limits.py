"""
Limits what clients may send and keep open, so that one thread answers within seconds.

What texts may hold is the same for every interface: see `text.limits`.
"""

from typing import Annotated

from pydantic import AfterValidator, Field

from homeward.text.limits import NOTE, QUESTION, WRITING

MOST_BODY_BYTES = 4 << 20  # a long writing, and no way to fill the memory
MOST_INPUTS = 256  # texts in one request for embeddings; each takes some ten milliseconds
MOST_OPEN_CHATS = 2  # each holds a KV cache: 94 MB for SmolLM2-135M at 4096 positions
MOST_CONNECTIONS = 200  # a browser opens six, a client one or two; more are answered with 503
MOST_IN_CHAT = 400_000  # characters of a conversation; contexts of small models hold less


Word = Annotated[str, Field(max_length=200)]
"""A name, a tag, a key."""
Words = Annotated[tuple[Word, ...], Field(max_length=1000)]
"""Several of them."""
Said = Annotated[str, Field(max_length=NOTE.characters)]
"""A question, a reply, the words of a search."""
Noted = Annotated[Said, Field(min_length=1), AfterValidator(NOTE.check)]
"""A text that becomes memories, word for word."""
Written = Annotated[
    str, Field(min_length=1, max_length=WRITING.characters), AfterValidator(WRITING.check)
]
"""A longer one."""
Told = Annotated[str, Field(max_length=QUESTION.characters), AfterValidator(QUESTION.check)]
"""A message of a chat: what it states of the person becomes memories."""
