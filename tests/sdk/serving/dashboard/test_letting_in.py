"""How a tab is let in: by a code once, by the token by hand, and by nothing else."""

import shutil
import signal
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from tests.sdk.serving.conftest import TOKEN, Serve
from tests.sdk.serving.dashboard.conftest import Box, Browser

from homeward import Assistant
from homeward.serving.dashboard.login_codes import Admissions
from homeward_store import Passphrase, create_profile
from homeward_store.keys.key_derivation import FASTEST


def test_a_code_is_worth_a_key_once() -> None:
    admissions = Admissions()
    code, other = admissions.invite(), admissions.invite()

    key, second = admissions.admit(code), admissions.admit(other)

    assert key is not None
    assert key != second
    assert admissions.knows(key)
    assert admissions.admit(code) is None
    assert admissions.admit("guessed") is None
    assert not admissions.knows(code)
    assert not admissions.knows("guessed")


def test_codes_and_keys_are_worth_nothing_after_their_time() -> None:
    clock = [0.0]
    admissions = Admissions(now=lambda: clock[0])
    early, late = admissions.invite(), admissions.invite()

    clock[0] = 60.0
    key = admissions.admit(early)
    assert key is not None
    clock[0] = 60.1
    assert admissions.admit(late) is None
    clock[0] = 60 + 12 * 3600.0
    assert admissions.knows(key)
    clock[0] += 0.1
    assert not admissions.knows(key)


def test_a_tab_is_let_in_by_its_address_which_then_holds_nothing(
    chromium: Browser, serve: Serve
) -> None:
    served = serve()
    code = served.admissions.invite()
    tab = chromium.new_context().new_page()

    tab.goto(f"{served.url}/#once={code}")
    tab.wait_for_selector("main[data-page='/']")

    assert tab.url == f"{served.url}/#/"
    second = chromium.new_context().new_page()
    second.goto(f"{served.url}/#once={code}")
    second.get_by_text("This link was used already").wait_for()


def test_a_tab_that_is_reloaded_asks_to_be_let_in_and_is(box: Box) -> None:
    box.visit("/memories")

    box.tab.reload()

    box.tab.get_by_role("heading", name="Unlock this page").wait_for()
    assert "Press Enter in the terminal where" in box.text()
    assert "Bergen" not in box.tab.content()
    box.tab.goto(f"{box.served.url}/#once={box.served.admissions.invite()}")
    box.tab.wait_for_selector("main[data-page='/']")


def test_a_browser_keeps_no_key_and_nothing_of_the_person_on_its_disk(
    chromium: Browser, serve: Serve, ada: Assistant, tmp_path: Path
) -> None:
    served, keys, folder = serve(ada), list[str](), tmp_path / "browser"
    context = chromium.browser_type.launch_persistent_context(
        folder, executable_path=shutil.which("chromium"), args=["--no-sandbox"]
    )
    with closing(context):
        tab = context.new_page()
        tab.on("request", lambda one: keys.append(one.headers.get("authorization", "")))
        tab.goto(f"{served.url}/#once={served.admissions.invite()}")
        for path in ("/", "/memories", "/answers"):
            tab.goto(f"{served.url}/#{path}")
            tab.wait_for_selector(f"main[data-page='{path}']")
        assert "Bergen" in tab.content()
        assert tab.evaluate("[sessionStorage.length, localStorage.length]") == [0, 0]
        assert context.cookies() == []

    [key] = {one.removeprefix("Bearer ") for one in keys if one}
    files = {one: one.read_bytes() for one in folder.rglob("*") if one.is_file()}
    assert any(served.url.encode() in content for content in files.values())  # it does write
    for secret in (key.encode(), key.encode("utf-16-le"), b"Bergen", "Bergen".encode("utf-16-le")):
        assert [one.name for one, content in files.items() if secret in content] == []


def test_without_a_token_a_tab_shows_no_data_and_takes_one_by_hand(box: Box) -> None:
    tab = box.tab.context.browser.new_context().new_page()
    tab.goto(f"{box.served.url}/#/memories")
    tab.get_by_role("heading", name="Unlock this page").wait_for()
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
    with subprocess.Popen(
        [*command, "--port", "0"],
        stdin=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stderr is not None
        assert process.stdin is not None
        said = [process.stderr.readline() for _ in range(3)]
        tab = chromium.new_context().new_page()
        tab.goto(said[1].strip())
        tab.wait_for_selector("main[data-page='/']")
        shown = tab.inner_text("main")
        tab.reload()
        tab.get_by_role("heading", name="Unlock this page").wait_for()
        process.stdin.write("\n")
        process.stdin.flush()
        again = [process.stderr.readline() for _ in range(3)][1].strip()
        tab.goto(again)
        tab.wait_for_selector("main[data-page='/']")
        process.send_signal(signal.SIGINT)

    assert "it works once" in said[0]
    assert again != said[1].strip()
    assert not (tmp_path / "tokens").exists()
    assert "What Homeward knows about you" in shown
    assert process.returncode == 0


def test_the_pages_are_confined_by_their_policy(serve: Serve) -> None:
    served = serve()

    for path in ("/", "/dashboard/main.js", "/dashboard/style/tokens.css"):
        answer = served.client.get(path)
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
    assert served.client.get("/dashboard/../app.py").status_code == 404
    assert served.client.get("/dashboard/%2e%2e/pages.py").status_code == 404


def test_no_other_site_may_redeem_a_code(serve: Serve) -> None:
    served = serve()
    code = served.admissions.invite()

    stolen = served.client.post(
        "/dashboard/admit", json={"code": code}, headers={"Origin": "http://evil.example"}
    )

    assert stolen.status_code == 403
    assert served.admissions.admit(code) is not None
