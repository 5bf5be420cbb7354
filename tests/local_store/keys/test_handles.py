"""Names that records have before others: stable, and telling nothing of the numbers."""

from itertools import pairwise

from homeward_store.keys.handles import Handles
from homeward_store.secret import Secret


def handles(key: int = 1) -> Handles:
    return Handles(Secret(bytearray([key]) * 32))


def test_a_name_leads_back_to_its_number_in_every_session() -> None:
    for number in (1, 2, 500, 2**63 - 1):
        assert handles().number(handles().of(number)) == number
        assert len(handles().of(number)) == 32


def test_names_tell_neither_an_order_nor_a_gap() -> None:
    names = [handles().of(number) for number in range(1, 2001)]
    rising = sum(one < after for one, after in pairwise(names))
    changed = sum((int(one, 16) ^ int(after, 16)).bit_count() for one, after in pairwise(names))
    assert len(set(names)) == 2000
    assert 900 < rising < 1100  # of 1,999; the standard deviation is below 23
    assert 63 < changed / 1999 < 65  # of 128 bits


def test_a_name_of_another_profile_or_none_leads_nowhere() -> None:
    for name in (handles(2).of(7), "0" * 32, "", "7", "x" * 32, handles().of(7)[:-2]):
        assert handles().number(name) is None
