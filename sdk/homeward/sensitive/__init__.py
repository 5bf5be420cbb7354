"""Which tags texts carry for the gate. Knows no rule: what a tag is kept from, the gate says."""

from collections.abc import Callable, Sequence

from homeward.ports import Embedder, Vector
from homeward.sensitive.words import tags_by_words

__all__ = ["Sensitivity"]


class Sensitivity:
    """The one place that tags what the person says: memories, attributes, examples."""

    def __init__(self, embedder: Callable[[], Embedder]) -> None:
        self._embedder = embedder

    def tags(
        self,
        texts: Sequence[str],
        vectors: Vector | None = None,  # noqa: ARG002  words alone decide so far
    ) -> list[tuple[str, ...]]:
        """
        Return the tags of each text.

        Shapes:
            vectors: (len(texts), dims), where the texts are embedded already.
        """
        return [tags_by_words(text) for text in texts]
