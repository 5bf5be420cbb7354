"""At a real terminal: keys, pastes, hidden passphrases; and processes that are killed."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import pexpect
import pytest
from tests.sdk.cli.conftest import SECRET, Run, Start

from homeward_store import Passphrase, Turn, open_profile

CHAT = Path(__file__).with_name("scripted_chat.py")

# Its greedy reply is known to be long: a short one is over before it can be interrupted.
LONG = "Tell me a long story about a lighthouse keeper and a storm."


def turns(home: Path) -> list[Turn]:
    with open_profile(home / "profiles" / "me", unlock=Passphrase(SECRET)) as profile:
        return list(reversed(profile.turns.latest(9)))


def test_control_c_stops_a_reply_and_control_d_leaves(terminal: Start, home: Path) -> None:
    chat = terminal(str(CHAT), "chat", SECONDS_PER_CALL="0.01")
    chat.expect("you> ")
    chat.sendline("Count!")
    chat.expect("1 2 3")
    chat.sendintr()
    chat.expect("stopped")
    chat.expect("you> ")
    chat.sendintr()
    chat.expect("Ctrl-D or /quit leaves")
    chat.expect("you> ")
    chat.sendline("Hi!")
    chat.expect("Hello.")
    chat.expect("you> ")
    chat.sendeof()
    chat.expect(pexpect.EOF)
    chat.wait()

    assert chat.exitstatus == 0
    stopped, after = turns(home)
    assert not stopped.complete
    assert stopped.replied.startswith("1 2 3")
    assert "199" not in stopped.replied
    assert (after.replied, after.complete) == ("Hello.", True)


def test_a_paste_of_several_lines_is_one_question(terminal: Start, home: Path) -> None:
    chat = terminal(str(CHAT), "chat")
    chat.expect("you> ")
    chat.send("first line\nsecond line\n")
    chat.expect("Hello.")
    chat.expect("you> ")
    # What a terminal with bracketed paste sends; the person still presses Enter.
    chat.send("\x1b[200~third\nfourth\x1b[201~\n")
    chat.expect("Hello.")
    chat.expect("you> ")
    chat.sendline("/quit")
    chat.expect(pexpect.EOF)

    assert [turn.asked for turn in turns(home)] == ["first line\nsecond line", "third\nfourth"]


def test_a_passphrase_is_asked_for_without_an_echo_and_again_after_a_slip(
    terminal: Start, home: Path
) -> None:
    show = terminal("-m", "homeward.cli", "profile", "show", HOMEWARD_PASSPHRASE_FILE="")
    show.expect("Passphrase of me: ")
    show.sendline("a slip")
    show.expect("That is not the passphrase")
    show.expect("Passphrase of me: ")
    show.sendline(SECRET)
    show.expect("0 turns")
    show.expect(pexpect.EOF)

    assert SECRET not in str(show.before)


def test_creating_a_profile_asks_twice_and_shows_the_recovery_code(
    terminal: Start, home: Path
) -> None:
    create = terminal("-m", "homeward.cli", "profile", "create", "bo", HOMEWARD_PASSPHRASE_FILE="")
    create.expect("New passphrase of bo: ")
    create.sendline("one")
    create.expect("Once more: ")
    create.sendline("two")
    create.expect("differ")
    create.expect(pexpect.EOF)
    create.wait()
    assert create.exitstatus == 2
    assert not (home / "profiles" / "bo").exists()

    create = terminal("-m", "homeward.cli", "profile", "create", "bo", HOMEWARD_PASSPHRASE_FILE="")
    create.expect("New passphrase of bo: ")
    create.sendline(SECRET)
    create.expect("Once more: ")
    create.sendline(SECRET)
    create.expect(r"([0-9A-Z]{4}-){6}[0-9A-Z]{4}")
    code = str(create.after)
    create.expect(pexpect.EOF)

    from homeward_store import RecoveryCode

    with open_profile(home / "profiles" / "bo", unlock=RecoveryCode(code)) as profile:
        assert profile.turns.count() == 0


def test_a_kill_in_mid_reply_loses_neither_the_question_nor_the_profile(
    terminal: Start, home: Path
) -> None:
    chat = terminal(str(CHAT), "chat", SECONDS_PER_CALL="0.01")
    chat.expect("you> ")
    chat.sendline("Hi!")
    chat.expect("Hello.")
    chat.expect("you> ")
    chat.sendline("Count!")
    chat.expect("1 2 3")
    chat.kill(signal.SIGKILL)
    chat.wait()

    before, killed = turns(home)
    assert before.replied == "Hello."
    assert (killed.asked, killed.replied, killed.complete) == ("Count!", "", False)
    chat = terminal(str(CHAT), "chat", "--continue")
    chat.expect("you> ")
    chat.sendline("Hi!")
    chat.expect("Hello.")
    chat.close()
    assert len({turn.conversation for turn in turns(home)}) == 1


@pytest.mark.model
def test_a_kill_in_mid_reply_on_the_real_model(
    with_models: Path, environment: dict[str, str]
) -> None:
    asking = subprocess.Popen(
        [sys.executable, "-m", "homeward.cli", "ask", "--temperature", "0", LONG],
        env=environment,
        stdout=subprocess.PIPE,
    )
    assert asking.stdout is not None
    with asking, asking.stdout:
        assert asking.stdout.read(1)
        asking.kill()

    [turn] = turns(with_models)
    assert (turn.asked, turn.complete) == (LONG, False)


@pytest.mark.model
def test_control_c_ends_ask_with_130_and_keeps_what_was_said(
    with_models: Path, environment: dict[str, str]
) -> None:
    asking = subprocess.Popen(
        [sys.executable, "-m", "homeward.cli", "ask", "--temperature", "0", LONG],
        env=environment,
        bufsize=0,  # or what was read ahead would be lost to `communicate`
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert asking.stdout is not None
    first = asking.stdout.read(1)
    time.sleep(0.2)
    asking.send_signal(signal.SIGINT)
    rest, complaint = asking.communicate(timeout=60)

    assert asking.returncode == 130
    assert complaint == b""
    [turn] = turns(with_models)
    assert not turn.complete
    assert (first + rest).decode() == turn.replied + "\n"


@pytest.mark.model
def test_ask_answers_from_what_is_known_and_says_from_what(
    with_models: Path, homeward: Run
) -> None:
    homeward("memories", "add", "I play the cello in a quartet every Thursday evening.")

    done = homeward("ask", "--why", "--max-tokens", "8", "-", stdin=b"Which instrument do I play?")
    without = homeward(
        "ask", "--why", "--incognito", "--no-personalize", "--max-tokens", "8", "And now?"
    )

    assert done.returncode == without.returncode == 0
    assert "I play the cello" in done.stderr
    assert "cello" not in without.stderr
    assert [turn.asked for turn in turns(with_models)] == ["Which instrument do I play?"]


@pytest.mark.model
@pytest.mark.parametrize(
    ("question", "code", "complaint"),
    [
        (b"", 2, "is empty"),
        (b" \n\t", 2, "is empty"),
        (b"nul \0", 2, "NUL at character 4"),
        (b"not UTF-8 \xff", 2, "lone surrogate at character 10"),
        (b"1 MB " * 200_000, 2, "send parts of at most 100000"),
        (b"very " * 19_000, 1, "Ask a shorter question"),
    ],
)
def test_a_question_that_cannot_be_asked(
    with_models: Path, homeward: Run, question: bytes, code: int, complaint: str
) -> None:
    done = homeward("ask", "-", stdin=question)

    assert (done.returncode, done.stdout) == (code, "")
    assert complaint in done.stderr
    assert "Traceback" not in done.stderr
    assert turns(with_models) == []
