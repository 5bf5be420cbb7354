"""What reaches the terminal: no commands to it, no words broken in two."""

import io

import pytest
from rich.console import Console

from homeward.cli.render import Flow, harmless, one_line, plain, table


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("\x1b[31mred\x1b]0;title\x07", "␛[31mred␛]0;title␇"),
        ("over\rwritten\x08", "overwritten␈"),
        ("\x9b31m C1", "�31m C1"),
        ("user\u202etxt.exe\u2066", "user�txt.exe�"),
        ("half \ud83d", "half �"),
        ("\x7f\x00", "␡␀"),
    ],
)
def test_text_cannot_command_the_terminal(text: str, expected: str) -> None:
    assert harmless(text) == expected


def test_emoji_right_to_left_scripts_and_line_breaks_are_kept() -> None:
    text = "👩🏽‍🚀 שלום مرحبا\n\té"

    assert harmless(text) == text


def test_brackets_in_a_memory_are_not_markup() -> None:
    assert printed(plain("[bold red]x[/] :smile:")) == "[bold red]x[/] :smile:\n"
    assert "[blink]" in printed(table(["a"], [("[blink]\x1b[5m",)]))
    assert "\x1b" not in printed(table(["a"], [("[blink]\x1b[5m",)]))


def test_a_long_memory_is_cut_to_one_line() -> None:
    assert one_line("a\nb" * 100, width=5).plain == "a ba…"


def test_a_stream_breaks_between_words_wherever_the_pieces_end() -> None:
    text = "The quick brown fox jumps over the lazy dog.\n\nAnd again, twice."

    assert flowed([text], width=12) == flowed(list(text), width=12)
    assert flowed([text], width=12).splitlines() == [
        "The quick",
        "brown fox",
        "jumps over",
        "the lazy",
        "dog.",
        "",
        "And again,",
        "twice.",
    ]


def test_a_word_wider_than_the_terminal_is_written_whole() -> None:
    assert flowed(["a " + "b" * 30 + " c"], width=10).splitlines() == ["a", "b" * 30, "c"]


def test_wide_characters_count_for_two_columns() -> None:
    assert flowed(["日本 日本 日本"], width=10).splitlines() == ["日本 日本", "日本"]


def printed(*what: object) -> str:
    file = io.StringIO()
    Console(file=file, width=60, markup=False, emoji=False).print(*what)
    return file.getvalue()


def flowed(pieces: list[str], *, width: int) -> str:
    file = io.StringIO()
    flow = Flow(Console(file=file, width=width, markup=False, emoji=False, highlight=False))
    for piece in pieces:
        flow.write(piece)
    flow.end()
    return file.getvalue()
