"""Settings of style: in the prompt from the first question on, and out of it once learning won."""

import pytest
from tests.conftest import OpenAssistant

from homeward.prompting.style_settings import meant, style_instructions
from homeward.testing import ScriptedModel
from homeward_store import Origin


def test_a_setting_is_an_instruction_and_no_fact(open_assistant: OpenAssistant) -> None:
    model = ScriptedModel()
    me = open_assistant(model)
    me.attributes["name"] = "Ada"
    me.attributes["style.length"] = "brief"
    me.attributes["style.language"] = "Danish"

    assert me.ask("Hello?").text

    told = "You are a helpful assistant. Answer in Danish. Answer in one short sentence."
    assert f"{told}\n\nAbout the user:\n- name: Ada" in model.prompts[-1]
    assert "style." not in model.prompts[-1]


def test_a_document_gives_no_orders(open_assistant: OpenAssistant) -> None:
    model = ScriptedModel()
    me = open_assistant(model)
    me.attributes.set("style.tone", "formal", source=Origin.DOCUMENT)

    assert me.ask("Hello?").text

    assert "- style.tone: formal" in model.prompts[-1]


def test_settings_give_way_to_a_soft_prompt_but_the_language_stays() -> None:
    settings = [("style.language", "Danish"), ("style.length", "brief")]
    assert style_instructions(settings, learned=True) == "Answer in Danish."


@pytest.mark.parametrize("learned", [False, True])
def test_no_setting_says_nothing(*, learned: bool) -> None:
    assert style_instructions([], learned=learned) == ""


def test_other_values_are_put_as_they_are_on_one_line() -> None:
    told = style_instructions([("style.emoji", "only\ncats")], learned=False)
    assert told == "Style of your answers, emoji: only cats."


def test_a_slip_in_a_settings_name_is_set_and_warned_of(open_assistant: OpenAssistant) -> None:
    me = open_assistant()

    with pytest.warns(UserWarning, match=r"no setting 'style\.lenght'; style\.length is one"):
        me.attributes["style.lenght"] = "brief"

    assert me.attributes["style.lenght"] == "brief"


@pytest.mark.parametrize("key", ["style.length", "style.humour", "lenght", "style.language"])
def test_what_is_no_slip_is_not_warned_of(key: str) -> None:
    assert meant(key) is None
