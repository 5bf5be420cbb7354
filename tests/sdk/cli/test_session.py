"""A talk without a keyboard: messages and commands in, what the person sees out."""

import os
import signal
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from tests.conftest import OpenAssistant
from tests.sdk.cli.talk import say
from tests.sdk.prompting.templates import HYBRID

from homeward.testing import ScriptedModel
from homeward_store import Category, Purpose


def test_messages_are_answered_until_the_person_leaves(open_assistant: OpenAssistant) -> None:
    me = open_assistant(ScriptedModel(["Good morning.", "Goodbye."]))

    seen = say(me, "Hello!", "", "   ", "Bye!", "/quit", "never read")

    assert "Good morning." in seen
    assert "Goodbye." in seen
    assert "never read" not in seen
    assert [turn.asked for turn in me.profile.turns.latest(9)] == ["Bye!", "Hello!"]


def test_what_the_model_thinks_is_shown_before_its_reply(open_assistant: OpenAssistant) -> None:
    def says(prompt: str) -> str:
        return "Polite folk greet.</think>" if prompt.endswith("<think>\n") else "Good morning."

    me = open_assistant(ScriptedModel(says, template=HYBRID))

    assert "Polite folk greet.\nGood morning." in say(me, "Hello!", thinking=99)
    assert "Polite" not in say(me, "Hello!")


def test_why_names_what_was_used(open_assistant: OpenAssistant) -> None:
    me = open_assistant()
    me.attributes["name"] = "Ada"
    me.remember("My bike is green.")

    seen = say(me, "/why", "Is my bike green?", "/why")

    assert "There is no reply yet. Ask something first." in seen
    assert "name: Ada" in seen
    assert "My bike is green." in seen
    assert "note 1" in seen


def test_why_says_when_nothing_was_used(open_assistant: OpenAssistant) -> None:
    assert "This reply used nothing about you" in say(open_assistant(), "Hello!", "/why")


def test_an_image_goes_with_the_next_message_only(
    open_assistant: OpenAssistant, tmp_path: Path
) -> None:
    model = ScriptedModel(["A beach.", "Sand."])
    me = open_assistant(model, projector=tmp_path)
    (tmp_path / "the beach.png").write_bytes(b"sand")

    seen = say(
        me,
        "/image",
        f"/image {tmp_path}/none.png",
        f"/image {tmp_path}/the beach.png",
        "Where was I?",
        "/why",
        "What is there?",
    )

    assert "/image PATH" in seen
    assert "There is no such file. Give the path of an image." in seen
    assert "the beach.png" in seen.split("A beach.")[1]
    assert [turn.attached for turn in me.profile.turns.latest(9)] == [(), ("the beach.png",)]
    assert model.prompts[1].count("\ufffc") == 1


def test_an_image_that_cannot_be_shown_ends_only_its_message(
    open_assistant: OpenAssistant, tmp_path: Path
) -> None:
    (tmp_path / "beach.png").write_bytes(b"sand")

    seen = say(open_assistant(), f"/image {tmp_path}/beach.png", "Where was I?", "Hello?")

    assert "beach.png: the language model has no projector." in seen
    assert "Hello, Ada." in seen


def test_remember_keeps_a_text_for_later_questions(open_assistant: OpenAssistant) -> None:
    model = ScriptedModel()
    me = open_assistant(model)

    say(me, "/remember My bike is green.", "/remember", "Is my bike green?")

    assert [note.text for note in me.profile.notes.all()] == ["My bike is green."]
    assert 'I said: "My bike is green."' in model.prompts[-1]


def test_forget_shows_the_plan_asks_and_prints_the_receipt(open_assistant: OpenAssistant) -> None:
    me = open_assistant()
    me.remember("My bike is green.")
    me.remember("My boat is blue.")

    refused = say(me, "/forget bike", "n")
    agreed = say(me, "/forget bike", "y")

    assert "My bike is green." in refused
    assert "Nothing was changed." in refused
    assert "Receipt 1" in agreed
    assert "1 memory, 1 note" in agreed
    assert [memory.text for memory in me.profile.memories.all()] == ["My boat is blue."]


def test_forget_takes_the_number_of_a_memory(open_assistant: OpenAssistant) -> None:
    me = open_assistant()
    [memory] = me.remember("My bike is green.")

    seen = say(me, "/forget 999", f"/forget {memory.id}", "yes", "/forget")

    assert "Nothing matches this" in seen
    assert "/forget WORDS" in seen
    assert not list(me.profile.memories.all())


def test_leaving_at_the_question_forgets_nothing(open_assistant: OpenAssistant) -> None:
    me = open_assistant()
    me.remember("My bike is green.")

    say(me, "/forget bike", EOFError)
    say(me, "/forget bike", KeyboardInterrupt)

    assert len(list(me.profile.memories.all())) == 1


def test_incognito_keeps_nothing_and_can_be_left(open_assistant: OpenAssistant) -> None:
    me = open_assistant()

    seen = say(me, "/incognito", "A secret.", "/good", "/remember it", "/incognito", "Known.")

    assert "you (incognito)> A secret." in seen
    assert seen.count("stores nothing. /incognito leaves it.") == 2
    assert [turn.asked for turn in me.profile.turns.latest(9)] == ["Known."]
    assert not me.profile.choices.all()
    assert not me.profile.notes.all()


def test_help_names_every_command_and_unknown_ones_are_refused(
    open_assistant: OpenAssistant,
) -> None:
    model = ScriptedModel()

    seen = say(open_assistant(model), "/help", "/nonsense")

    for command in ("/why", "/remember", "/forget", "/incognito", "/good", "/bad", "/retry"):
        assert command in seen
    assert "There is no command /nonsense." in seen
    assert not model.prompts


def test_a_path_at_the_start_of_a_message_is_no_command(open_assistant: OpenAssistant) -> None:
    model = ScriptedModel()

    say(open_assistant(model), "/etc/hosts is wrong", "//")

    assert len(model.prompts) == 2


def test_a_paste_of_several_lines_is_one_message(open_assistant: OpenAssistant) -> None:
    me = open_assistant()

    say(me, "one\ntwo\n\nthree")

    assert [turn.asked for turn in me.profile.turns.latest(9)] == ["one\ntwo\n\nthree"]


def test_it_says_so_when_the_oldest_turns_are_left_out(open_assistant: OpenAssistant) -> None:
    me = open_assistant(ScriptedModel(["word " * 60], n_ctx=1024, n_embd=4096))

    seen = say(me, *["Tell me more, please."] * 6)

    assert "did not fit the model's context" in seen


def test_control_c_stops_the_reply_and_keeps_the_conversation(
    open_assistant: OpenAssistant,
) -> None:
    me = open_assistant(Interrupting(["one two three four five six", "Hello again."]))

    seen = say(me, "Count!", "Hello?")

    stopped, after = reversed(me.profile.turns.latest(9))
    assert "(stopped" in seen
    assert "six" not in stopped.replied
    assert stopped.replied.startswith("one")
    assert not stopped.complete
    assert after.replied == "Hello again."
    assert after.complete


def test_control_c_at_the_prompt_only_tells_how_to_leave(open_assistant: OpenAssistant) -> None:
    me = open_assistant()

    seen = say(me, KeyboardInterrupt, "Hello!")

    assert "Ctrl-D or /quit leaves." in seen
    assert "Hello, Ada." in seen


def test_a_reply_cannot_command_the_terminal(open_assistant: OpenAssistant) -> None:
    me = open_assistant(ScriptedModel(["\x1b]0;owned\x07\x1b[2Jdone\u202e"]))
    me.remember("My bike \x1b[31mis\x07 green.")

    seen = say(me, "Is my bike green?", "/why", "/forget bike", "n")

    assert "done" in seen
    assert not set(seen) & {"\x1b", "\x07", "\u202e"}
    assert me.profile.turns.latest(1)[0].replied == "\x1b]0;owned\x07\x1b[2Jdone\u202e"


@pytest.mark.parametrize(
    ("message", "complaint"),
    [
        ("nul \0 inside", "NUL at character 4"),
        ("half \ud83d of it", "lone surrogate at character 5"),
        ("x" * 1_000_000, "at most 100000"),
    ],
)
def test_a_message_that_cannot_be_answered_ends_only_itself(
    open_assistant: OpenAssistant, message: str, complaint: str
) -> None:
    me = open_assistant()

    seen = say(me, message, "Hello!")

    assert complaint in seen
    assert [turn.asked for turn in me.profile.turns.latest(9)] == ["Hello!"]


@pytest.mark.parametrize(
    "message", ["tab\tand bell \x07", "right \u202eto left", "👩🏽‍🚀 é ﷽", "\u2028 \ufeff x"]
)
def test_odd_characters_are_kept_as_they_are(open_assistant: OpenAssistant, message: str) -> None:
    me = open_assistant()

    say(me, message)

    assert me.profile.turns.latest(1)[0].asked == message


class Interrupting(ScriptedModel):
    """Presses Ctrl-C once, in the middle of its first reply."""

    def __init__(self, replies: Sequence[str]) -> None:
        super().__init__(replies)
        self._keys: Iterator[None] = self._press()

    def _press(self) -> Iterator[None]:
        for _ in range(8):
            yield
        os.kill(os.getpid(), signal.SIGINT)
        while True:
            yield

    def check_open(self) -> None:
        super().check_open()
        if self.prompts:
            next(self._keys)


def test_why_says_what_taste_did(open_assistant: OpenAssistant) -> None:
    me = open_assistant(ScriptedModel(["Yes.", "Yes!", "Yes."]))
    me.profile.consent.grant(Purpose.LEARN, Category.CHOICES, shown="May it?")
    for at in range(40):
        me.prefer("Now?", chosen=f"Yes! Do it! {at}", rejected=f"Yes. Do it. {at}")
    me.taste.trial()
    me.taste.switch(examples=True, drafts=True)

    seen = say(me, "Is it late?", "/why", temperature=0.3)

    assert "draft 2 of 3" in seen
    assert "sure that you prefer it" in seen
    assert "Now? → Yes! Do it!" in seen
