"""Assigns sensitivity tags to texts; the gate's rules act on them."""

from collections.abc import Callable, Sequence

from homeward.errors import ModelNotFound
from homeward.policy.sensitivity.meaning import Calibration, calibration_for
from homeward.policy.sensitivity.weighing import in_order, shares_of, weighed
from homeward.policy.sensitivity.words import TAGS, doubtful_tags, sure_tags
from homeward.ports import Embedder, Vector

__all__ = ["TAGS", "Sensitivity"]


class Sensitivity:
    """
    Tags what the person says (memories, attributes, examples); nothing else does.

    A text has a tag where a sure word says so, where it means what the tag's sentences mean, or
    where a doubtful word and some nearness in meaning come together. Where the embedding model is
    not here, or was never calibrated, a doubtful word is enough: more is held back then, not less.
    """

    def __init__(self, embedder: Callable[[], Embedder]) -> None:
        self._embedder = embedder

    def tags(self, texts: Sequence[str], vectors: Vector | None = None) -> list[tuple[str, ...]]:
        """
        Return the tags of each text, in the order of `TAGS`.

        Shapes:
            vectors: (len(texts), dims), by the same embedder, where the texts are embedded already.
        """
        calibration = self._calibration() if texts else None
        if calibration is None:
            return [in_order(sure_tags(text) | doubtful_tags(text)) for text in texts]
        embed = self._embedder().embed
        shares = shares_of(texts, embed(texts) if vectors is None else vectors, calibration, embed)
        return [weighed(text, row, calibration) for text, row in zip(texts, shares, strict=True)]

    def _calibration(self) -> Calibration | None:
        try:
            return calibration_for(self._embedder().sha256)
        except ModelNotFound:  # a profile can be filled before a model is pulled
            return None
