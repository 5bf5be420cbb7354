"""
Converts a JSON Schema to a GBNF grammar: whatever a model writes under it fits the schema.

Pure. What a grammar cannot hold (patterns, bounds of numbers) is refused instead of left out. Every
string, list and number has an end, so that no small model writes one until its context is full.

llama-cpp-python has such a converter too. Its strings may hold bare line breaks, which JSON does
not, and it nests a group for each character of a bounded one, deeper than llama.cpp's stack bears.

Source:
    JSON Schema 2020-12; GBNF as in llama.cpp's grammars/README.md.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from homeward.errors import InvalidArgument

Schema = Mapping[str, Any]

LONGEST_STRING = 500  # characters, where the schema names no bound
LONGEST_LIST = 32  # items, likewise
_MOST_REPEATED = 1000  # llama.cpp refuses more than 2000 repetitions
_MOST_RULES = 500
_DEEPEST = 40  # schemas within schemas, through references too; llama.cpp's stack bears no more
_LONGEST = 200_000  # characters of the grammar; llama.cpp goes through them for each token
_DEEPEST_FREE = 4  # levels of a value whose schema says nothing of it
_ANNOTATIONS = {"title", "description", "default", "examples", "deprecated", "readOnly"} | {
    *("writeOnly", "$comment", "$defs", "definitions", "$schema", "$id", "strict")
}
_KNOWN: dict[str, set[str]] = {
    "object": {"properties", "required", "additionalProperties"},
    "array": {"items", "minItems", "maxItems"},
    "string": {"minLength", "maxLength"},
    "integer": set(),
    "number": set(),
    "boolean": set(),
    "null": set(),
}
_FIXED = {
    "integer": '"-"? ("0" | [1-9] [0-9]{0,14})',
    "number": '"-"? ("0" | [1-9] [0-9]{0,14}) ("." [0-9]{1,15})?',
    "boolean": '"true" | "false"',
    "null": '"null"',
    "text": f'"\\"" char{{0,{LONGEST_STRING}}} "\\""',
    # No \u: half of a surrogate pair is no text, and every character can stand as itself.
    "char": r'[^"\\\x00-\x1f\x7f] | "\\" ["\\/bfnrt]',
}


def grammar_of(schema: Schema) -> str:
    """
    Return the grammar whose root is a value of `schema`.

    Objects hold exactly what their `properties` name, whatever `additionalProperties` says; one
    without `properties` holds anything, as does a schema without `type`, within a few levels.

    Raises:
        InvalidArgument: the schema says something that a grammar cannot hold, or is too large.
    """
    text = _Grammar(schema).text()
    if len(text) > _LONGEST:
        raise InvalidArgument(
            f"the schema needs a grammar of more than {_LONGEST} characters; simplify it"
        )
    return text


class _Grammar:
    """The rules so far. A class because definitions that refer to themselves need their names."""

    def __init__(self, schema: Schema) -> None:
        self._definitions = {
            f"#/{at}/{name}": one
            for at in ("$defs", "definitions")
            for name, one in _members(schema.get(at, {}), at)
        }
        self._rules: dict[str, str] = {}
        self._references: dict[str, str] = {}
        self._depth = 0
        self._rules["root"] = self._expression(schema)

    def text(self) -> str:
        return "\n".join(f"{name} ::= {body}" for name, body in self._rules.items())

    def _expression(self, schema: Any) -> str:  # noqa: ANN401  whatever stands in a schema
        if self._depth == _DEEPEST:
            raise InvalidArgument(f"the schema is nested deeper than {_DEEPEST} levels")
        self._depth += 1
        try:
            return self._shallow(schema)
        finally:
            self._depth -= 1

    def _shallow(self, schema: Any) -> str:  # noqa: ANN401  whatever stands in a schema
        if not isinstance(schema, Mapping):
            raise InvalidArgument("a schema has to be an object")
        if (found := self._fixed_or_chosen(schema)) is not None:
            return found
        kinds = schema.get("type")
        if kinds is None and set(schema) <= _ANNOTATIONS:
            return self._free("value", _DEEPEST_FREE)
        if isinstance(kinds, list):
            return _any(self._rule({**schema, "type": one}) for one in kinds)
        return self._typed(schema, str(kinds))

    def _fixed_or_chosen(self, schema: Schema) -> str | None:
        """Return the expression of a schema that names values, or others to choose from."""
        if "$ref" in schema:
            return self._reference(str(schema["$ref"]))
        if "const" in schema:
            return _literal(schema["const"])
        if "enum" in schema:
            return _any(_literal(one) for one in _list(schema["enum"], "enum"))
        for union in ("anyOf", "oneOf", "allOf"):
            # All of several cannot be held; all of one is that one.
            if union in schema and (union != "allOf" or len(schema[union]) == 1):
                return _any(self._rule(one) for one in _list(schema[union], union))
        return None

    def _free(self, kind: str, levels: int) -> str:
        """Return the rule of any value, or any object, of so many levels of JSON."""
        name = f"{kind}{levels}"
        if name in self._rules:
            return name
        more = f"{{0,{LONGEST_LIST - 1}}}"
        if kind == "value":
            plain = map(self._fixed, ("number", "boolean", "null", "text"))
            inner = [self._free(one, levels) for one in ("object", "array")] if levels else []
            body = " | ".join([*inner, *plain])
        elif kind == "pair":
            body = f'{self._fixed("text")} ":" " "? {self._free("value", levels)}'
        else:
            left, right = "{}" if kind == "object" else "[]"
            one = self._free("pair" if kind == "object" else "value", levels - 1)
            body = f'"{left}" ({one} ("," " "? {one}){more})? "{right}"'
        self._rules[name] = body
        return name

    def _typed(self, schema: Schema, kind: str) -> str:
        if kind not in _KNOWN:
            raise InvalidArgument(f"a value of type {kind} cannot be held by a grammar")
        if foreign := set(schema) - _KNOWN[kind] - _ANNOTATIONS - {"type"}:
            raise InvalidArgument(f"{min(foreign)} cannot be held by a grammar")
        if kind == "object":
            return self._object(schema)
        if kind == "array":
            return self._array(schema)
        if kind == "string":
            least, most = _bounds(schema, "minLength", "maxLength", LONGEST_STRING)
            return f'"\\"" {self._fixed("char")}{{{least},{most}}} "\\""'
        return self._fixed(kind)

    def _object(self, schema: Schema) -> str:
        if "properties" not in schema and schema.get("additionalProperties", True) is not False:
            return self._free("object", _DEEPEST_FREE)
        properties = schema.get("properties", {})
        wanted = schema.get("required", [])
        if missing := set(wanted) - set(properties):
            raise InvalidArgument(f"{min(missing)} is required and not described")
        pairs = {
            name: f'{_literal(name)} ":" " "? {self._rule(value)}'
            for name, value in properties.items()
        }
        needed = [pairs[name] for name in pairs if name in wanted]
        rest = [pairs[name] for name in pairs if name not in wanted]
        if needed:
            members = ' "," " "? '.join(needed) + _each(rest)
        elif rest:
            first = (rest[at] + _each(rest[at + 1 :]) for at in range(len(rest)))
            members = f"({' | '.join(first)})?"
        else:
            members = ""
        return f'"{{" {members} "}}"'

    def _array(self, schema: Schema) -> str:
        least, most = _bounds(schema, "minItems", "maxItems", LONGEST_LIST)
        if most == 0:
            return '"[]"'
        item = self._rule(schema.get("items", {}))
        more = f'("," " "? {item}){{{max(0, least - 1)},{most - 1}}}'
        items = f"{item} {more}"
        return f'"[" {items if least else f"({items})?"} "]"'

    def _reference(self, name: str) -> str:
        if name not in self._definitions:
            raise InvalidArgument(f"the reference {name!r} leads nowhere")
        if name not in self._references:
            self._references[name] = rule = self._reserve()
            self._rules[rule] = self._expression(self._definitions[name])
        return self._references[name]

    def _rule(self, schema: Any) -> str:  # noqa: ANN401  whatever stands in a schema
        rule = self._reserve()
        self._rules[rule] = self._expression(schema)
        return rule

    def _reserve(self) -> str:
        rule = f"r{len(self._rules)}"
        if len(self._rules) >= _MOST_RULES:
            raise InvalidArgument(f"the schema takes more than {_MOST_RULES} rules")
        self._rules[rule] = ""
        return rule

    def _fixed(self, name: str) -> str:
        self._rules.setdefault(name, _FIXED[name])
        if name == "text":
            self._fixed("char")
        return name


def _each(pairs: Sequence[str]) -> str:
    return "".join(f' ("," " "? {pair})?' for pair in pairs)


def _any(alternatives: Any) -> str:  # noqa: ANN401  any iterable of texts
    found = list(alternatives)
    if not found:
        raise InvalidArgument("`enum` or `anyOf` must not be empty")
    return " | ".join(found)


def _members(value: Any, name: str) -> list[tuple[str, Any]]:  # noqa: ANN401  likewise
    if not isinstance(value, Mapping):
        raise InvalidArgument(f"{name} has to be an object")
    return [(str(key), one) for key, one in value.items()]


def _list(value: Any, name: str) -> list[Any]:  # noqa: ANN401  whatever stands in a schema
    if not isinstance(value, list):
        raise InvalidArgument(f"{name} has to be a list")
    return value


def _bounds(schema: Schema, least: str, most: str, default: int) -> tuple[int, int]:
    low = schema.get(least, 0)
    high = schema.get(most, max(default, low if isinstance(low, int) else 0))
    if not (isinstance(low, int) and isinstance(high, int) and 0 <= low <= high <= _MOST_REPEATED):
        raise InvalidArgument(f"{least} and {most} have to lie within 0 and {_MOST_REPEATED}")
    return low, high


def _literal(value: Any) -> str:  # noqa: ANN401  whatever JSON can say
    if not _is_within(_DEEPEST, value):
        raise InvalidArgument(f"a fixed value is nested deeper than {_DEEPEST} levels")
    text = json.dumps(value, ensure_ascii=False)
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _is_within(levels: int, value: Any) -> bool:  # noqa: ANN401  whatever JSON can say
    """Whether `value` is nested no deeper; the interpreter's own limit is for anybody to raise."""
    if not isinstance(value, dict | list):
        return True
    inner = value.values() if isinstance(value, dict) else value
    return levels > 0 and all(_is_within(levels - 1, one) for one in inner)
