"""Which error is answered with what."""

import pytest

from homeward import errors as models
from homeward.serving.failures import failure_of
from homeward_store import errors as store


def leaves(root: type[Exception]) -> list[type[Exception]]:
    return [root, *(leaf for one in root.__subclasses__() for leaf in leaves(one))]


@pytest.mark.parametrize("kind", [one for root in models.ERRORS for one in leaves(root)])
def test_every_error_of_homeward_has_a_status_and_says_what_it_is(kind: type[Exception]) -> None:
    failure = failure_of(kind("memory 7"))

    assert failure.code != "internal"
    assert str(failure) == "memory 7"


def test_an_error_that_nobody_expected_keeps_its_words_to_itself() -> None:
    failure = failure_of(ValueError("I play the oboe."))

    assert (failure.status, failure.code) == (500, "internal")
    assert "oboe" not in str(failure.body())


@pytest.mark.parametrize("error", [models.Busy("9 are asked", retry_after=4), store.StoreBusy("x")])
def test_whoever_has_to_come_again_is_told_when(error: Exception) -> None:
    answer = failure_of(error).response()

    assert answer.status_code in (429, 503)
    assert int(answer.headers["Retry-After"]) >= 1
