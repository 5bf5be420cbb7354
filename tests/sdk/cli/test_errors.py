"""Every error that people can meet becomes one line that says what to do."""

from collections.abc import Iterator

import pytest

import homeward_federated.errors as federated
import homeward_store.errors as store
from homeward import errors as models
from homeward.cli.app import _report
from homeward.cli.errors import CannotAsk, UnreadableInput, exit_code, explain
from homeward.cli.extras import ExtraMissing

# Only a program that uses the SDK wrongly can meet these; their message is for its author.
OF_PROGRAMS = {
    store.SpaceMismatch,
    store.ForkedStore,
    store.StoreClosed,
    models.Cancelled,
}
SAY_IT_THEMSELVES = {
    models.EmptyQuestion,
    models.InvalidArgument,
    store.InvalidValue,
    store.WrongType,
    CannotAsk,
    ExtraMissing,
    UnreadableInput,
}


def leaves(kind: type[Exception]) -> Iterator[type[Exception]]:
    below = kind.__subclasses__()
    yield from (leaf for one in below for leaf in leaves(one)) if below else iter([kind])


EVERY = sorted(
    {
        leaf
        for root in (
            store.StoreError,
            models.HomewardError,
            federated.FederatedError,
        )
        for leaf in leaves(root)
    }
    - OF_PROGRAMS
    - SAY_IT_THEMSELVES,
    key=lambda kind: kind.__name__,
)


@pytest.mark.parametrize("kind", EVERY)
def test_every_error_says_what_to_do_about_it(kind: type[Exception]) -> None:
    line = explain(kind("store-1.db: something\nhappened"))

    assert line is not None
    assert line.startswith("store-1.db: something happened. ")
    assert line.removeprefix("store-1.db: something happened. ").strip()


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (store.WrongSecret("no"), 1),
        (models.ModelNotFound("no"), 1),
        (CannotAsk("no"), 1),
        (UnreadableInput("no"), 1),
        (models.InvalidArgument("no"), 2),
        (store.InvalidValue("no"), 2),
        (models.EmptyQuestion("no"), 2),
        (store.InvalidText("no"), 2),
    ],
)
def test_only_a_wrong_request_exits_with_2(error: Exception, code: int) -> None:
    assert exit_code(error) == code


def test_an_unexpected_error_shows_neither_its_message_nor_a_trace(
    capsys: pytest.CaptureFixture[str],
) -> None:
    code = _report(KeyError("my diary"), debug=False)

    said = capsys.readouterr().err
    assert code == 1
    assert "KeyError" in said
    assert "diary" not in said
    assert "Traceback" not in said


def test_debug_shows_where_an_error_comes_from(capsys: pytest.CaptureFixture[str]) -> None:
    code = _report(store.StoreFull("no space left \x1b[2J"), debug=True)

    said = capsys.readouterr().err
    assert code == 1
    assert "homeward_store.errors.StoreFull: no space left" in said
    assert "Free disk space" in said
    assert "\x1b" not in said


def test_an_error_message_cannot_command_the_terminal() -> None:
    assert "\x1b" not in str(explain(models.ModelNotFound("no file \x1b]0;x\x07")))
