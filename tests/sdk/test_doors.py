"""A wrong type is refused at every public door, before anything is done; new doors included."""

import inspect
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from enum import Enum
from pathlib import Path
from types import FunctionType
from typing import Any, get_type_hints

import pytest
from tests.conftest import OpenAssistant

import homeward
import homeward_store
from homeward import opening
from homeward.assistant import Assistant
from homeward.conversation.conversation import Conversation
from homeward.conversation.feedback import Feedback
from homeward.federation import Federation
from homeward.memory.review import MemorySettings, Review
from homeward.personalization.attributes import PersonAttributes
from homeward.personalization.bias_audit import Audit
from homeward.personalization.imports import Imports
from homeward.personalization.taste_in_use import TasteService
from homeward.policy.rules import RuleStore
from homeward.testing import ScriptedModel
from homeward_store import Profile, Scope, Selection, UseContext
from homeward_store.typed import _Wrong, conformed

NOW, NAIVE = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 1)
WRONG = [object(), None, "text", b"bytes", 5, 1.5, True, (), ("a",), (5,), {}, NAIVE]


def reached(me: Assistant) -> Iterator[object]:
    """Every object of ours that an app reaches from an assistant by public names."""
    for one in (me, me.profile):
        yield one
        for name in dir(one):
            if not name.startswith("_") and name not in {"lock", "parts", "embedder", "model"}:
                found = getattr(one, name)
                if type(found).__module__.startswith("homeward") and not isinstance(found, Enum):
                    yield found


def public(kind: type) -> list[FunctionType]:
    return [
        method
        for owner in kind.__mro__
        if owner.__module__.startswith("homeward")
        for name, method in vars(owner).items()
        if isinstance(method, FunctionType) and not name.startswith("_")
    ]


CLASSES = [
    *(
        Assistant,
        Conversation,
        PersonAttributes,
        Audit,
        Federation,
        Feedback,
        Imports,
        Review,
        MemorySettings,
    ),
    *(RuleStore, TasteService, Profile),
]
DOORS = [
    *(method for kind in CLASSES for method in public(kind)),
    *(kind.__init__ for kind in (Selection, Scope, UseContext)),
    *(homeward_store.open_profile, homeward_store.create_profile, opening.open, opening.create),
]


def test_every_object_that_an_app_reaches_checks_what_it_is_given(
    open_assistant: OpenAssistant,
) -> None:
    unchecked = {
        method.__qualname__
        for one in reached(open_assistant(ScriptedModel()))
        for method in public(type(one))
        if len(inspect.signature(method).parameters) > 1 and not hasattr(method, "__typed__")
    }
    assert unchecked == set()


@pytest.mark.parametrize("door", DOORS, ids=lambda one: one.__qualname__)
def test_a_wrong_type_is_refused_for_each_parameter(door: Any) -> None:
    hints, parameters = get_type_hints(inspect.unwrap(door)), inspect.signature(door).parameters
    first = [object()] if "self" in parameters else []
    for name, parameter in parameters.items():
        if name in ("self", "kwargs"):
            continue
        for value in [one for one in WRONG if not fits(hints[name], one)]:
            with pytest.raises(TypeError, match=f"{name} takes"):
                if parameter.kind is inspect.Parameter.VAR_POSITIONAL:
                    before = list(parameters)[len(first) : list(parameters).index(name)]
                    fitting = [next(v for v in WRONG if fits(hints[n], v)) for n in before]
                    door(*first, *fitting, value)
                else:
                    door(*first, **{name: value})


@pytest.mark.parametrize(
    "wrong",
    [
        {"topic": None},
        {"memories": 5},
        {"memories": ("5",)},
        {"memories": (True,)},
        {"keys": "abc"},
        {"conversations": ["a"]},
        {"since": NAIVE},
        {"until": "yesterday"},
        {"everything": 1},
    ],
)
def test_a_selection_of_a_wrong_type_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(TypeError, match=f"Selection.*{next(iter(wrong))} takes"):
        Selection(**wrong)


@pytest.mark.parametrize("what", ["Bergen", None, True, 1.5, [1], b"Bergen"])
def test_forgetting_what_is_no_record_is_refused_and_leaves_no_receipt(
    open_assistant: OpenAssistant, what: Any
) -> None:
    me = open_assistant(ScriptedModel())
    me.remember("I live in Bergen.")
    with pytest.raises(TypeError, match="what takes Selection or Memory or int"):
        me.forget(what)
    with pytest.raises(TypeError, match="what takes Selection"):
        me.profile.forget(what)
    assert me.profile.receipts() == []
    assert me.profile.memories.count() == 1


def test_a_path_may_come_as_text_and_a_secret_says_what_to_write(tmp_path: Path) -> None:
    with pytest.raises(TypeError, match=r'unlock takes .*not str: write Passphrase\("…"\)'):
        homeward_store.open_profile(str(tmp_path), unlock="correct horse")  # type: ignore[arg-type]
    with pytest.raises(TypeError, match=r'write Passphrase\("…"\)'):
        homeward.open("ada", unlock="correct horse", home=str(tmp_path))  # type: ignore[arg-type]


def test_a_text_is_not_taken_for_a_path_where_both_are_meant() -> None:
    assert conformed(str | Path, "smollm2") == "smollm2"
    assert conformed(Path, "a.txt") == Path("a.txt")
    assert conformed(tuple[Path, ...], ("a.txt",)) == (Path("a.txt"),)


@pytest.mark.parametrize(
    ("hint", "value"),
    [(float, 3), (datetime, NOW), (int | None, None), (Any, object()), (str | bool, True)],
)
def test_what_fits_goes_through(hint: object, value: object) -> None:
    assert conformed(hint, value) is value


def fits(hint: object, value: object) -> bool:
    try:
        conformed(hint, value)
    except _Wrong:
        return False
    return True


BAD: dict[str, Callable[[Assistant, Path], object]] = {
    "an empty question": lambda me, _: me.ask(" "),
    "a question with NUL": lambda me, _: me.ask("a\0b"),
    "an image for a model that cannot see": lambda me, here: me.ask("?", images=[here / "a.png"]),
    "drafts that leave no choice": lambda *_: homeward.BestOfN(count=1, ahead=0),
    "a text with NUL": lambda me, _: me.remember("a\0b"),
    "an attribute that there is not": lambda me, _: me.attributes["absent"],
    "an attribute without a key": lambda me, _: me.attributes.set("", "x"),
    "tags of an attribute that there is not": lambda me, _: me.attributes.tag("absent", "health"),
    "a rule without a name": lambda me, _: me.rules.set(homeward.Rule("", "health")),
    "a rule that there is not": lambda me, _: me.rules.remove("absent"),
    "an import of a file that there is not": lambda me, here: me.imports.file(here / "absent"),
    "a weight that there is not": lambda me, _: me.taste.overrule("absent", 1.0),
    "a memory that there is not": lambda me, _: me.tag(homeward_store.MemoryId(99), "work"),
    "a setting that is no JSON": lambda me, _: me.profile.settings.put("key", object()),
    "two replies that are the same": lambda me, _: me.profile.choices.add("?", "a", "a"),
    "learning from nothing": lambda me, _: me.learn(),
    "a vector of no dimensions": lambda *_: homeward_store.Space("0" * 64, 0),
    "a name that is a path": lambda _, here: homeward.open(
        "../x", unlock=homeward.Passphrase("x"), home=here
    ),
    "an empty passphrase": lambda *_: homeward.Passphrase(""),
}


@pytest.mark.parametrize("bad", BAD)
def test_what_a_door_refuses_is_refused_with_an_error_of_homeward(
    bad: str, open_assistant: OpenAssistant, tmp_path: Path
) -> None:
    me = open_assistant(ScriptedModel())
    with pytest.raises(homeward.ERRORS):
        BAD[bad](me, tmp_path)
