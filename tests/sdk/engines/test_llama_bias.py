"""What a bias and the penalties of OpenAI's interface do to the real model's draws."""

from collections import Counter

import pytest
from tests.prompts import prompt_tokens

from homeward.errors import InvalidArgument
from homeward.ports import LanguageModel, Tokens
from homeward.sampling import Sampling

pytestmark = pytest.mark.model
PLAIN = Sampling(temperature=0, repetition_penalty=1, max_tokens=40)


def drawn(model: LanguageModel, sampling: Sampling) -> Tokens:
    with model.session() as session:
        session.feed([prompt_tokens(model, "Say the word tea again and again, without end.")])
        for _ in session.generate(sampling):
            pass
        return session.generated


def with_(**changes: object) -> Sampling:
    return Sampling(**{"temperature": 0, "repetition_penalty": 1, "max_tokens": 40} | changes)  # type: ignore[arg-type]


def test_a_bias_makes_a_token_certain_or_impossible(smollm2: LanguageModel) -> None:
    [first, *_] = drawn(smollm2, PLAIN)
    [wanted, *_] = smollm2.tokenize(" umbrella")

    assert drawn(smollm2, with_(max_tokens=3, bias=((wanted, 100.0),))) == (wanted,) * 3
    assert first not in drawn(smollm2, with_(bias=((first, -100.0),)))
    with pytest.raises(InvalidArgument, match="no token 99999999"):
        drawn(smollm2, with_(bias=((99999999, 1.0),)))


def test_penalties_of_the_whole_reply_make_it_repeat_less(smollm2: LanguageModel) -> None:
    plain = drawn(smollm2, PLAIN)
    penalized = drawn(smollm2, with_(frequency_penalty=2.0, presence_penalty=2.0))

    assert max(Counter(penalized).values()) < max(Counter(plain).values())


def test_each_drawn_token_is_told_with_its_probability(smollm2: LanguageModel) -> None:
    with smollm2.session() as session:
        session.feed([prompt_tokens(smollm2, "Say hello.")])
        text = "".join(session.generate(with_(max_tokens=5, top_logprobs=3)))
        found = list(session.drawn)

    assert b"".join(one.drawn.piece for one in found).decode() == text
    for one in found:  # greedy: the likeliest is drawn
        assert one.likeliest[0] == one.drawn
        assert 0 >= one.likeliest[0].logprob >= one.likeliest[1].logprob
