"""An incognito conversation leaves every file of the profile as it was."""

from hashlib import sha256
from pathlib import Path

from tests.conftest import OpenAssistant


def digests(folder: Path) -> dict[str, str]:
    return {
        str(file.relative_to(folder)): sha256(file.read_bytes()).hexdigest()
        for file in sorted(folder.rglob("*"))
        if file.is_file()
    }


def test_incognito_leaves_the_profile_byte_identical(
    open_assistant: OpenAssistant, tmp_path: Path
) -> None:
    assistant = open_assistant()
    assistant.attributes["name"] = "Ada"
    assistant.remember("I collect stamps from Peru.")
    assistant.ask("I am learning the cello at the moment.").text  # noqa: B018
    before = digests(tmp_path / "profile")

    with assistant.conversation(incognito=True) as hidden:
        hidden.ask("I am leaving my job in May. What do I collect?").text  # noqa: B018
        hidden.retry().text  # noqa: B018
        during = digests(tmp_path / "profile")
    after = digests(tmp_path / "profile")

    assert before == during == after
    assert before
    assistant.ask("I am learning the harp too.").text  # noqa: B018
    assert digests(tmp_path / "profile") != after


def test_incognito_leaves_a_closed_profile_as_an_idle_opening_does(
    open_assistant: OpenAssistant, tmp_path: Path
) -> None:
    assistant = open_assistant()
    assistant.remember("I collect stamps from Peru.")
    assistant.close()
    before = digests(tmp_path / "profile")

    again = open_assistant()
    with again.conversation(incognito=True) as hidden:
        hidden.ask("What do I collect?").text  # noqa: B018
    again.close()

    assert digests(tmp_path / "profile") == before
