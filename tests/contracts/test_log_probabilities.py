"""What every `LanguageModel` promises of the probabilities that it gives."""

from collections.abc import Callable

import numpy as np
import pytest

from homeward.ports import LanguageModel, Segment, Session, SoftPrompt, Tokens, Vector
from homeward.sampling import Sampling

GREEDY = Sampling(temperature=0, max_tokens=24, repetition_penalty=1.0)
Soft = Callable[[float], SoftPrompt]


def test_log_probabilities_follow_the_chain_rule(
    model: LanguageModel, ids: Tokens, soft: Soft
) -> None:
    target = model.tokenize("It is a fine day, or so they say. ") * 5

    def score(context: list[Segment], tokens: tuple[int, ...]) -> Vector:
        # Each in a fresh session: llama.cpp rounds a chunk of one token differently, by up to
        # 0.2 nats with 4-bit weights, and reuse can leave just one to decode.
        with model.session() as session:
            return session.log_probabilities(context, tokens)

    whole = score([ids, soft(0.01)], target)
    assert whole.shape == (len(target),)
    assert whole.dtype == np.float32
    assert (whole <= 0).all()
    cut = len(target) // 3
    first = score([ids, soft(0.01)], target[:cut])
    second = score([ids, soft(0.01), target[:cut]], target[cut:])
    assert np.concatenate([first, second]) == pytest.approx(whole, abs=2e-2)


def test_probabilities_of_all_next_tokens_add_up_to_one(
    model: LanguageModel, session: Session, ids: Tokens
) -> None:
    vocabulary = range(0, model.info.n_vocab, 1 if model.info.n_vocab < 1000 else 4096)
    found = [session.log_probabilities([ids], (token,))[0] for token in vocabulary]
    assert 0 < np.exp(found).sum() <= 1 + 1e-5


def test_a_greedy_reply_is_likelier_than_another_text(session: Session, ids: Tokens) -> None:
    session.feed([ids])
    list(session.generate(GREEDY))
    said = session.generated
    other = tuple(reversed(said))
    likely = session.log_probabilities([ids], said).sum()
    assert likely > session.log_probabilities([ids], other).sum()


def test_scoring_no_tokens_gives_none_and_scoring_without_context_is_refused(
    session: Session,
) -> None:
    assert session.log_probabilities([(1, 2)], ()).shape == (0,)
    with pytest.raises(ValueError, match="fed position"):
        session.log_probabilities([], (1,))
