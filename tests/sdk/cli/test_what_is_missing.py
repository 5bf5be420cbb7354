"""What a command is asked for and is not there is said in a sentence, with what to do next."""

import pytest
from tests.sdk.cli.conftest import Run


@pytest.mark.parametrize(
    ("command", "says"),
    [
        (("why", "99"), "there is no reply 99"),
        (("why",), "there is no reply yet"),
        (("memories", "still-true", "99"), "there is no memory 99"),
        (("memories", "deny"), "No topic is denied."),
        (("clients", "withdraw", "nobody"), "no program is called 'nobody'"),
        (("federation", "leave", "a task"), "you have joined no task"),
    ],
)
def test_what_is_not_there_is_said_in_a_sentence(
    homeward: Run, command: tuple[str, ...], says: str
) -> None:
    done = homeward(*command)

    assert says in " ".join(done.stderr.split())
    assert done.stdout == ""
