"""
Says in a sentence what is wrong with a request, from what its validation found. Pure.

A sentence names the parameter and the rule. The value that broke the rule is not repeated: it may
be what the person wrote.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

Found = Mapping[str, Any]  # one of pydantic's errors

_FIELD = re.compile(r"[a-z_][a-z0-9_.-]*")
_BRANCHES = {"str", "int", "float", "bool", "none", "dict", "list"}  # of a union, and no field

_RULES = {
    "missing": "is missing",
    "string_type": "has to be a text",
    "bool_type": "has to be true or false",
    "bool_parsing": "has to be true or false",
    "int_type": "has to be a whole number",
    "int_parsing": "has to be a whole number",
    "int_from_float": "has to be a whole number",
    "float_type": "has to be a number",
    "float_parsing": "has to be a number",
    "finite_number": "has to be a finite number",
    "list_type": "has to be a list",
    "tuple_type": "has to be a list",
    "dict_type": "has to be an object",
    "model_type": "has to be an object",
    "model_attributes_type": "has to be an object",
    "string_too_long": "has more than {max_length} characters",
    "string_too_short": "has fewer than {min_length} characters",
    "too_long": "has more than {max_length} entries",
    "too_short": "has fewer than {min_length} entries",
    "greater_than": "has to be above {gt}",
    "greater_than_equal": "has to be at least {ge}",
    "less_than": "has to be below {lt}",
    "less_than_equal": "has to be at most {le}",
    "literal_error": "has to be {expected}",
    "enum": "has to be {expected}",
    "union_tag_invalid": "has an entry of an unknown type; known are {expected_tags}",
    "union_tag_not_found": "has an entry without its {discriminator}",
    "extra_forbidden": "is not known here",
    "json_invalid": "is not valid JSON",
    "string_unicode": "holds characters that no text can have",
}


def sentence(errors: Sequence[Found]) -> tuple[str, str]:
    """Return the parameter that is wrong, and the sentence that says how."""
    # Where several forms are allowed, the form that was meant got furthest into the value, and
    # past asking whether it is of that form at all.
    found = max(errors, key=lambda one: (len(_fields(one)), not one["type"].endswith("_type")))
    where = ".".join(_fields(found)) or "the body"
    context = found.get("ctx", {})
    if isinstance(own := context.get("error"), Exception):
        return where, f"`{where}`: {own}"
    rule = _RULES.get(found["type"])
    if rule is None:
        # pydantic's words name the rule and not the value.
        return where, f"`{where}` is not valid: {found['msg']}"
    return where, f"`{where}` {rule.format_map(context)}"


def _fields(found: Found) -> list[str]:
    """Return the way to the value, without the names that pydantic gives to alternatives."""
    way = [str(part) for part in found["loc"][1:]] or [str(found["loc"][0])]
    if found["type"] == "json_invalid":
        return [str(found["loc"][0])]
    return [
        part for part in way if part.isdigit() or (_FIELD.fullmatch(part) and part not in _BRANCHES)
    ]
