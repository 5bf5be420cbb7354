"""
Checks which GBNF grammars are safe to hand to llama.cpp.

llama.cpp's grammar code recurses over groups and rules without a limit, and a stack that overflows
ends the whole process. The limits are far below what overflowed a thread with 512 KiB of stack.
"""

import re

from homeward.errors import InvalidArgument

_MAX_CHARACTERS = 1 << 16
_MAX_RULES = 1000
_MAX_DEPTH = 100  # groups within groups

_QUOTED = re.compile(r'"(?:\\.|[^"\\])*"|\[(?:\\.|[^\]\\])*\]|#[^\n]*')
_ROOT = re.compile(r"^[ \t]*root[ \t]*::=", re.MULTILINE)


def check_grammar(rules: str) -> None:
    """
    Refuse what would overflow llama.cpp's stack, and what has no place to start.

    Raises:
        InvalidArgument: no rule `root`, or the grammar is too long, has too many rules or too deep
            groups.
    """
    if len(rules) > _MAX_CHARACTERS:
        raise InvalidArgument(
            f"the grammar has {len(rules)} characters; {_MAX_CHARACTERS} are allowed"
        )
    bare = _QUOTED.sub(" ", rules)
    if not _ROOT.search(bare):
        raise InvalidArgument("the grammar has no rule `root`")
    if (count := bare.count("::=")) > _MAX_RULES:
        raise InvalidArgument(f"the grammar has {count} rules; {_MAX_RULES} are allowed")
    if _depth(bare) > _MAX_DEPTH:
        raise InvalidArgument(f"the grammar nests groups deeper than {_MAX_DEPTH}")


def _depth(bare: str) -> int:
    depth = deepest = 0
    for character in bare:
        depth += (character == "(") - (character == ")")
        deepest = max(deepest, depth)
    return deepest
