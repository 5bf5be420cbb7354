"""Passphrases are the same on every keyboard; recovery codes survive being typed by hand."""

import pytest
from hypothesis import given, strategies as st

from homeward_store import InvalidRecoveryCode, Passphrase, RecoveryCode


def test_a_passphrase_is_the_same_composed_and_decomposed() -> None:
    composed, decomposed = Passphrase("caf\u00e9"), Passphrase("cafe\u0301")
    assert composed.secret().expose() == decomposed.secret().expose()


def test_a_passphrase_may_come_as_bytes_that_the_caller_wipes() -> None:
    typed = bytearray(b"hunter2")
    passphrase = Passphrase(typed)
    secret = passphrase.secret()
    typed[:] = bytes(7)
    assert secret.expose() == b"hunter2"


def test_a_passphrase_with_a_lone_surrogate_still_unlocks_what_it_locked() -> None:
    assert Passphrase("\udcff").secret().expose() == Passphrase("\udcff").secret().expose()


def test_an_empty_passphrase_is_refused() -> None:
    with pytest.raises(ValueError, match="empty"):
        Passphrase("")


def test_a_recovery_code_has_seven_groups_of_four() -> None:
    shown = RecoveryCode.random().reveal()
    assert [len(group) for group in shown.split("-")] == [4] * 7
    assert not set(shown) & set("ILOU")


@given(st.binary(min_size=16, max_size=16))
def test_a_code_typed_carelessly_is_the_same_code(raw: bytes) -> None:
    code = RecoveryCode.of(raw)
    typed = code.reveal().lower().replace("-", " ").replace("0", "o").replace("1", "l")
    assert RecoveryCode(typed).secret().expose() == raw


def test_a_wrong_letter_is_noticed() -> None:
    shown = RecoveryCode.of(bytes(range(16))).reveal()
    missed = 0
    for place, letter in enumerate(shown):
        for other in "0123456789ABCDEFGHJKMNPQRSTVWXYZ":
            if letter not in ("-", other):
                try:
                    RecoveryCode(shown[:place] + other + shown[place + 1 :])
                except InvalidRecoveryCode:
                    continue
                missed += 1
    assert missed < 5  # of 868; two check letters let one in 1,024 pass


@pytest.mark.parametrize("typed", ["", "ABCD", "U" * 28, "!" * 28, "Z" * 28])
def test_what_is_no_code_is_refused(typed: str) -> None:
    with pytest.raises(InvalidRecoveryCode):
        RecoveryCode(typed)
