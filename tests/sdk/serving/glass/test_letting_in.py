"""How a tab is let in: by a code once, by the token by hand, and by nothing else."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest
from tests.sdk.serving.conftest import TOKEN, Serve
from tests.sdk.serving.glass.conftest import Box, Browser

from homeward.serving.glass.admissions import Admissions
from homeward_store import Passphrase, create_profile
from homeward_store.keys import FASTEST


def test_a_code_is_worth_the_token_once() -> None:
    admissions = Admissions("the token")
    code = admissions.invite()

    assert admissions.admit(code) == "the token"
    assert admissions.admit(code) is None
    assert admissions.admit("guessed") is None


def test_a_code_is_worth_nothing_after_a_minute() -> None:
    clock = [0.0]
    admissions = Admissions("the token", now=lambda: clock[0])
    early, late = admissions.invite(), admissions.invite()

    clock[0] = 60.0
    assert admissions.admit(early) == "the token"
    clock[0] = 60.1
    assert admissions.admit(late) is None


def test_a_tab_is_let_in_by_its_address_which_then_holds_nothing(
    chromium: Browser, serve: Serve
) -> None:
    served = serve()
    code = served.admissions.invite()
    tab = chromium.new_context().new_page()

    tab.goto(f"{served.url}/#once={code}")
    tab.wait_for_selector("main[data-page='/']")

    assert tab.evaluate("sessionStorage.getItem('homeward-token')") == TOKEN
    assert tab.url == f"{served.url}/#/"
    assert TOKEN not in tab.content()
    second = chromium.new_context().new_page()
    second.goto(f"{served.url}/#once={code}")
    second.get_by_text("This link was used already").wait_for()
    assert second.evaluate("sessionStorage.length") == 0


def test_without_a_token_a_tab_shows_no_data_and_takes_one_by_hand(box: Box) -> None:
    tab = box.tab.context.browser.new_context().new_page()
    tab.goto(f"{box.served.url}/#/memories")
    tab.get_by_role("heading", name="Let yourself in").wait_for()
    assert "Bergen" not in tab.content()

    tab.get_by_label("Token").fill("wrong")
    tab.get_by_role("button", name="Open").click()
    tab.get_by_role("alert").wait_for()
    tab.get_by_label("Token").fill(TOKEN)
    tab.get_by_role("button", name="Open").click()

    tab.wait_for_selector("main[data-page='/memories']")


def test_the_command_shows_an_address_that_lets_in_once(
    chromium: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = "correct horse battery staple"
    folder = tmp_path / "profiles" / "ada"
    create_profile(folder, unlock=[Passphrase(secret)], cost=FASTEST).profile.close()
    (tmp_path / "passphrase").write_text(secret)
    monkeypatch.setenv("HOMEWARD_HOME", str(tmp_path))
    monkeypatch.setenv("HOMEWARD_PASSPHRASE_FILE", str(tmp_path / "passphrase"))
    command = [sys.executable, "-m", "homeward.cli", "-p", "ada", "open", "--no-browser"]
    with subprocess.Popen([*command, "--port", "0"], stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        said = [process.stderr.readline() for _ in range(2)]
        tab = chromium.new_context().new_page()
        tab.goto(said[1].strip())
        tab.wait_for_selector("main[data-page='/']")
        shown = tab.inner_text("main")
        process.send_signal(signal.SIGINT)

    assert "it works once" in said[0]
    assert "What Homeward knows about you" in shown
    assert process.returncode == 0


def test_the_pages_are_confined_by_their_policy(serve: Serve) -> None:
    served = serve()

    for path in ("/", "/glass/main.js", "/glass/style/tokens.css"):
        answer = served.client.get(path)
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
    assert served.client.get("/glass/../app.py").status_code == 404
    assert served.client.get("/glass/%2e%2e/pages.py").status_code == 404


def test_no_other_site_may_redeem_a_code(serve: Serve) -> None:
    served = serve()
    code = served.admissions.invite()

    stolen = served.client.post(
        "/glass/admit", json={"code": code}, headers={"Origin": "http://evil.example"}
    )

    assert stolen.status_code == 403
    assert served.admissions.admit(code) == TOKEN
