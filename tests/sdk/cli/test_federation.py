"""`homeward federation`: what is shown before joining, joining over files, leaving."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from tests.sdk.cli.conftest import SECRET, Run
from tests.sdk.federation.town import Town

from homeward.federation import CODE, STYLE_ASKED, told
from homeward_federated.enrolment.enrolment import Request
from homeward_store import Category, Passphrase, Purpose, open_profile


@pytest.fixture
def town() -> Town:
    return Town(1_800_000_000)


@pytest.fixture
def offer(town: Town, tmp_path: Path) -> Path:
    path = tmp_path / "offer.json"
    path.write_bytes(town.offer().encode())
    return path


@pytest.fixture
def files(tmp_path: Path, town: Town) -> Callable[[], Path]:
    """Let the authority answer the request that lies in the folder."""

    def answer() -> Path:
        request = Request.decode((tmp_path / "enrolment.json").read_bytes())
        path = tmp_path / "enrolment.certificate"
        path.write_bytes(town.admits(request).encode())
        return path

    return answer


def test_before_joining_it_says_that_nothing_leaves(homeward: Run) -> None:
    shown = homeward("federation", "show")
    assert shown.returncode == 0, shown.stderr
    assert "no task joined; nothing leaves this device" in shown.stdout
    assert CODE in shown.stdout
    assert "0.00" in shown.stdout


def test_joining_shows_the_text_and_needs_a_yes(
    homeward: Run, offer: Path, tmp_path: Path, town: Town, files: Callable[[], Path]
) -> None:
    request = f"--request={tmp_path / 'enrolment.json'}"
    unasked = homeward("federation", "join", str(offer), request)
    assert unasked.returncode == 1
    assert "or give --yes" in unasked.stderr
    assert not (tmp_path / "enrolment.json").exists()
    joined = homeward("federation", "join", str(offer), request, "--yes")
    assert joined.returncode == 0, joined.stderr
    for line in town.offer().text.splitlines():
        assert line[:60] in joined.stdout
    assert "waits to be admitted" in homeward("federation", "show").stdout
    early = homeward("federation", "contribute")
    assert early.returncode == 1
    assert "not admitted" in early.stderr
    assert "Admitted to replies" in homeward("federation", "admit", str(files())).stdout
    assert "can contribute" in homeward("federation", "show").stdout
    empty = homeward("federation", "contribute")
    assert empty.returncode == 1
    assert "0 choices, 8 needed" in empty.stderr
    assert "Left replies" in homeward("federation", "leave").stdout
    assert "nothing leaves" in homeward("federation", "show").stdout


def test_the_learned_style_is_named_and_needs_a_yes_of_its_own(
    homeward: Run, home: Path, offer: Path, tmp_path: Path
) -> None:
    request = f"--request={tmp_path / 'enrolment.json'}"
    joined = homeward("federation", "join", str(offer), request, "--yes")
    assert told(CODE) in " ".join(joined.stdout.split())
    assert "stays here" in homeward("federation", "show").stdout
    unasked = homeward("federation", "style", "on")
    assert unasked.returncode == 1
    assert "or give --yes" in unasked.stderr
    switched = homeward("federation", "style", "on", "--yes").stdout
    assert STYLE_ASKED in " ".join(switched.split())
    with open_profile(home / "profiles" / "me", unlock=Passphrase(SECRET)) as profile:
        profile.consent.grant(Purpose.LEARN, Category.WRITINGS, shown="May it?")
    assert "added" in homeward("federation", "show").stdout
    assert "stays here" in homeward("federation", "style", "off").stdout
    assert homeward("federation", "style", "perhaps").returncode == 2


@pytest.mark.usefixtures("with_models")
def test_the_preview_shows_the_numbers_and_the_price(
    homeward: Run, home: Path, offer: Path
) -> None:
    folder = home / "profiles" / "me"
    with open_profile(folder, unlock=Passphrase(SECRET)) as profile:
        for at in range(8):
            profile.choices.add("How?", f"At once {at}.", f"First rinse it. Then wash it. {at}")
    shown = homeward("federation", "preview", str(offer))
    assert shown.returncode == 0, shown.stderr
    assert "epsilon 1.14 a round" in shown.stdout
    assert "length" in shown.stdout
    assert "± 4.0" in shown.stdout


def test_taste_starts_from_a_file_that_others_published(
    homeward: Run, offer: Path, tmp_path: Path, town: Town
) -> None:
    latest = tmp_path / "latest.hwf"
    latest.write_bytes(town.publication())
    started = homeward("federation", "start", str(offer), f"--from={latest}")
    assert started.returncode == 0, started.stderr
    assert "version 0, of no groups" in started.stdout
    assert "version 0 of replies" in homeward("federation", "show").stdout
    missing = homeward("federation", "start", str(offer), f"--from={tmp_path / 'none'}")
    assert missing.returncode == 1
    assert "no prior at none" in missing.stderr


@pytest.mark.parametrize("command", ["preview", "join", "start"])
def test_a_file_that_is_no_offer_is_one_line(homeward: Run, tmp_path: Path, command: str) -> None:
    wrong = tmp_path / "offer"
    wrong.write_bytes(b"{}")
    for path in (wrong, tmp_path / "none"):
        done = homeward("federation", command, str(path))
        assert done.returncode == 1
        assert len(done.stderr.strip().splitlines()) == 1


@pytest.mark.parametrize("command", ["preview", "join"])
def test_an_offer_about_other_numbers_is_one_line(
    homeward: Run, offer: Path, town: Town, command: str
) -> None:
    other = replace(town.offer(), policy=replace(town.offer().policy, code="taste16-soft48-1"))
    offer.write_bytes(other.encode())
    done = homeward("federation", command, str(offer))
    assert done.returncode == 1
    assert "'taste16-soft48-1'" in done.stderr
    assert len(done.stderr.strip().splitlines()) <= 2


def test_leaving_and_contributing_name_a_task_where_there_is_none(homeward: Run) -> None:
    for command in ("leave", "contribute"):
        done = homeward("federation", command)
        assert done.returncode == 1
        assert "you have joined no task" in done.stderr
