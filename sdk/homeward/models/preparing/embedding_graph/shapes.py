"""Names the BERT models whose graphs can be written, with the numbers that tell them apart."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class BertShape:
    """
    The numbers of a BERT encoder, from the model's config.json.

    `loud` are channels of the residual stream that are up to a hundred times as loud as the median
    one. In int8 they would cost all others their precision: of MiniLM, cosine to float32 on the
    worst text .978 with them, .995 without (the method of Dettmers et al. 2022, arXiv:2208.07339,
    with a fixed list).
    """

    layers: int
    dims: int
    heads: int
    inner: int
    vocabulary: int
    positions: int
    epsilon: float = 1e-12  # of the layer normalization
    first_position: int = 0  # RoBERTa counts from 2
    segments: int = 2
    loud: tuple[int, ...] = ()


SHAPES = {
    "minilm-l6": BertShape(6, 384, 12, 1536, 30522, 512, loud=(99, 63, 223, 157)),
    "e5-small": BertShape(12, 384, 12, 1536, 250037, 512),
    "e5-base": BertShape(
        12, 768, 12, 3072, 250002, 514, epsilon=1e-5, first_position=2, segments=1
    ),
}
