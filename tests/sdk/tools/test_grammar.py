"""A schema's grammar: what it lets a model write, and what it refuses to promise."""

import json
from typing import Any

import jsonschema
import pytest
from tests.prompts import prompt_tokens

from homeward.engines.llama.grammar import check_grammar
from homeward.ports import LanguageModel
from homeward.sampling import Sampling
from homeward.tools import grammar_of

SCHEMAS: dict[str, dict[str, Any]] = {
    "flat": {
        "type": "object",
        "properties": {"city": {"type": "string", "maxLength": 20}, "days": {"type": "integer"}},
        "required": ["city", "days"],
    },
    "optional only": {
        "type": "object",
        "properties": {"a": {"type": "boolean"}, "b": {"type": "null"}, "c": {"type": "number"}},
    },
    "required and optional": {
        "type": "object",
        "properties": {"a": {"enum": ['say "hi"', "back\\slash", 3, None]}, "b": {"const": [1]}},
        "required": ["b"],
    },
    "lists": {
        "type": "array",
        "items": {"type": "array", "items": {"type": "integer"}, "maxItems": 2},
        "minItems": 2,
        "maxItems": 3,
    },
    "a union": {"anyOf": [{"type": "integer"}, {"enum": ["none"]}, {"type": ["null", "boolean"]}]},
    "itself": {
        "$ref": "#/$defs/tree",
        "$defs": {
            "tree": {
                "type": "object",
                "properties": {
                    "name": {"enum": ["oak", "elm"]},
                    "under": {
                        "type": "array",
                        "items": {"$ref": "#/$defs/tree"},
                        "maxItems": 1,
                    },
                },
                "required": ["name"],
            }
        },
    },
    "nothing": {"type": "object", "properties": {}},
    "one of one, and an older name of definitions": {
        "allOf": [{"$ref": "#/definitions/yes"}],
        "definitions": {"yes": {"type": "boolean", "deprecated": True}},
    },
    "empty list": {"type": "array", "items": {"type": "integer"}, "maxItems": 0},
}


@pytest.mark.model
@pytest.mark.parametrize("name", SCHEMAS)
def test_what_the_real_model_writes_under_it_is_valid(name: str, smollm2: LanguageModel) -> None:
    """At a high temperature, so that the grammar and not the model's habits makes it valid."""
    schema = SCHEMAS[name]
    prompt = prompt_tokens(smollm2, "Write some JSON.")
    grammar = grammar_of(schema)
    with smollm2.session() as session:
        for seed in range(3):
            session.feed([prompt])
            sampling = Sampling(
                temperature=2.0, top_p=1, min_p=0, grammar=grammar, seed=seed, max_tokens=400
            )
            text = "".join(session.generate(sampling))

            jsonschema.validate(json.loads(text), schema)


@pytest.mark.parametrize("name", SCHEMAS)
def test_every_grammar_is_one_that_llama_takes_safely(name: str) -> None:
    check_grammar(grammar_of(SCHEMAS[name]))


@pytest.mark.parametrize(
    ("schema", "why"),
    [
        ({"type": "string", "pattern": "a+"}, "pattern"),
        ({"type": "integer", "minimum": 3}, "minimum"),
        ({"type": "string", "format": "date"}, "format"),
        ({"type": "tuple"}, "tuple"),
        ({"type": "array", "items": 3}, "object"),
        ({"allOf": [{"type": "null"}, {"type": "string"}]}, "type None"),
        ({"type": "array", "items": {"type": "null"}, "maxItems": 5000}, "1000"),
        ({"type": "string", "minLength": 3, "maxLength": 2}, "minLength"),
        ({"type": "string", "maxLength": "9"}, "maxLength"),
        ({"type": "object", "properties": {}, "required": ["a"]}, "a is required"),
        ({"$ref": "https://example.com/schema"}, "leads nowhere"),
        ({"$ref": "#/$defs/none"}, "leads nowhere"),
        ({"anyOf": []}, "must not be empty"),
        ({"enum": "abc"}, "list"),
        ({"anyOf": [{"type": "null"}] * 600}, "500 rules"),
    ],
)
def test_what_a_grammar_cannot_hold_is_refused(schema: dict[str, Any], why: str) -> None:
    with pytest.raises(ValueError, match=why.replace("$", r"\$")):
        grammar_of(schema)


@pytest.mark.parametrize("schema", [{}, {"type": "object"}, {"type": "array", "maxItems": 2}])
def test_what_a_schema_says_nothing_of_may_be_any_json_of_a_few_levels(
    schema: dict[str, Any],
) -> None:
    check_grammar(grammar_of(schema))


@pytest.mark.model
def test_the_real_model_writes_an_object_where_any_is_wanted(smollm2: LanguageModel) -> None:
    grammar = grammar_of({"type": "object"})
    with smollm2.session() as session:
        session.feed([prompt_tokens(smollm2, "Write a person's name and age as JSON.")])
        how = Sampling(temperature=0, grammar=grammar, max_tokens=200)
        text = "".join(session.generate(how))

    assert text.startswith("{")
    if session.stopped_by == "end":
        assert isinstance(json.loads(text), dict)
