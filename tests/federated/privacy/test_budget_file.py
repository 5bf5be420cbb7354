"""The file ledger survives a crash, and shows every change to it."""

from pathlib import Path

import pytest

from homeward_federated import LedgerDamaged, OutOfOrder
from homeward_federated.privacy.budget import Allowance, BudgetEntry, Step, mark_sent, reserve
from homeward_federated.privacy.budget_file import FileLedger

GENEROUS = Allowance(1e6, 1e6, rounds_per_day=1000, seconds_between_rounds=0)


def entry(number: int) -> BudgetEntry:
    return BudgetEntry(
        1000 + number,
        "taste",
        number.to_bytes(16, "big"),
        bytes(32),
        "taste-1",
        4.0,
        1.0,
        1 / 32,
        Step.RESERVED,
    )


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "ledger"


@pytest.fixture
def ledger(path: Path) -> FileLedger:
    ledger = FileLedger(path, key=b"k" * 32)
    for number in range(3):
        reserve(ledger, entry(number), allowance=GENEROUS)
    return ledger


def test_entries_survive_reopening(ledger: FileLedger, path: Path) -> None:
    mark_sent(ledger, entry(0), now=2000)
    again = FileLedger(path, key=b"k" * 32).entries()
    assert [e.step for e in again] == [Step.RESERVED] * 3 + [Step.SENT]
    assert again[1] == entry(1)
    assert FileLedger(path.with_name("none"), key=b"").entries() == []


def test_what_the_check_raises_leaves_the_file_as_it_was(ledger: FileLedger, path: Path) -> None:
    before = path.read_bytes()
    with pytest.raises(OutOfOrder):
        reserve(ledger, entry(2), allowance=GENEROUS)
    assert path.read_bytes() == before


def test_every_flipped_byte_is_noticed(ledger: FileLedger, path: Path) -> None:
    good = path.read_bytes()
    for place in range(0, len(good) - 1, 7):
        path.write_bytes(good[:place] + bytes([good[place] ^ 1]) + good[place + 1 :])
        with pytest.raises(LedgerDamaged):
            ledger.entries()


@pytest.mark.parametrize("keep", [[0], [0, 1], [1, 2], [0, 2, 1], [0, 1, 2, 2], []])
def test_lines_cut_moved_or_repeated_are_noticed(
    ledger: FileLedger, path: Path, keep: list[int]
) -> None:
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[i] for i in keep))
    with pytest.raises(LedgerDamaged):
        ledger.entries()


def test_an_older_file_put_back_is_noticed(ledger: FileLedger, path: Path) -> None:
    old = path.read_bytes()
    reserve(ledger, entry(3), allowance=GENEROUS)
    path.write_bytes(old)
    with pytest.raises(LedgerDamaged, match="do not end at its head"):
        reserve(ledger, entry(4), allowance=GENEROUS)


def test_a_crash_between_line_and_head_loses_nothing(ledger: FileLedger, path: Path) -> None:
    head = path.with_name("ledger.head")
    old = head.read_bytes()
    reserve(ledger, entry(3), allowance=GENEROUS)
    head.write_bytes(old)
    assert len(ledger.entries()) == 4


def test_another_key_reads_nothing(ledger: FileLedger, path: Path) -> None:
    with pytest.raises(LedgerDamaged, match="entry 1"):
        FileLedger(path, key=b"x" * 32).entries()
