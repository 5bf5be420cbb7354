"""Grammars that would overflow llama.cpp's stack are stopped before it sees them."""

import pytest

from homeward.engines.llama.grammar import check_grammar


@pytest.mark.parametrize(
    "rules",
    [
        'root ::= "a"',
        'item ::= [a-z]+\nroot ::= "[" item ("," item)* "]"',
        "root ::= " + "(" * 100 + '"a"' + ")" * 100,
        'root ::= "' + "(" * 5000 + '"',
        "root ::= [" + "(" * 5000 + "]",
        'root ::= "a" # ' + "(" * 5000,
        'root ::= "\\"((' + "(" * 500 + '" [\\](]',
    ],
)
def test_an_ordinary_grammar_passes_however_many_brackets_it_quotes(rules: str) -> None:
    check_grammar(rules)


@pytest.mark.parametrize(
    ("rules", "why"),
    [
        ("", "no rule `root`"),
        ('"root ::=" ::= "a"', "no rule `root`"),
        ('a ::= "root ::= x"', "no rule `root`"),
        ("root ::= " + "(" * 101 + '"a"' + ")" * 101, "deeper than 100"),
        ("root ::= a0\n" + "".join(f"a{n} ::= a{n + 1}\n" for n in range(1000)), "1001 rules"),
        ('root ::= "' + "a" * 70_000 + '"', "characters"),
    ],
)
def test_a_grammar_without_a_start_or_too_large_is_refused(rules: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        check_grammar(rules)
