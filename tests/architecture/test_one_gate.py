"""One function decides what may be used: nothing else reads the rules, or decides by tags."""

import ast
from collections.abc import Iterator
from pathlib import Path

import homeward

SDK = Path(homeward.__file__).parent
DECIDERS = {"denial", "depends_on_question", "Traits", "Use"}
MAY_IMPORT = {"policy/admission.py"}
# The person's own views and edits of the rules; `wiring` hands them to the gate.
MAY_READ_RULES = {
    "composition.py",
    "cli/commands/rules.py",
    "serving/routes/rules.py",
}
# Tagging, showing and keeping tags is no decision; these files do no more than that.
MAY_READ_TAGS = {
    "policy/admission.py",
    "personalization/imports.py",  # sees that there are none
    "personalization/intake.py",
    "personalization/attributes.py",
    "memory/writer.py",
    "memory/review.py",
    "cli/commands/memories.py",
    "cli/commands/profile/attributes.py",
    "mcp/server.py",
    "serving/routes/person.py",
    "serving/routes/rules.py",
    "personalization/choice_origin.py",  # hands them on
    "taste/personal.py",
    "composition.py",  # hands them to the gate
}


def readers(source: str) -> Iterator[str]:
    """Yield what of the gate a module reads: deciders, the rules in force, tags."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and node.module == "homeward.policy.gate":
            yield from ("decider" for name in node.names if name.name in DECIDERS)
        if isinstance(node, ast.Attribute):
            of = node.value
            if node.attr == "forbids":
                yield "decider"
            if node.attr == "all" and getattr(of, "attr", getattr(of, "id", "")) == "rules":
                yield "rules"
            if node.attr == "tags":
                yield "tags"


def found(kind: str) -> set[str]:
    files = {path.relative_to(SDK).as_posix(): path for path in SDK.rglob("*.py")}
    return {
        name
        for name, path in files.items()
        if kind in set(readers(path.read_text())) and name != "policy/gate.py"
    }


def test_only_the_gate_at_work_asks_the_rules_for_a_decision() -> None:
    assert found("decider") == MAY_IMPORT


def test_nothing_else_reads_the_rules_in_force() -> None:
    assert found("rules") == MAY_READ_RULES


def test_nothing_else_reads_tags() -> None:
    assert found("tags") <= MAY_READ_TAGS


def test_a_planted_second_gate_would_be_found() -> None:
    planted = """
from homeward.policy.gate import denial
def sneaky(me, memory, rule):
    return [one for one in me.rules.all() if one.tag in memory.tags or rule.forbids(memory)]
"""
    assert set(readers(planted)) == {"decider", "rules", "tags"}
