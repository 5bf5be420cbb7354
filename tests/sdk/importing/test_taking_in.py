"""Taking in: turns and writings with their memories, once, however often it is started."""

import json
import subprocess
import sys
import tracemalloc
from itertools import repeat
from pathlib import Path

import pytest
from tests.conftest import OpenAssistant
from tests.images import BLUE, solid
from tests.sdk.importing.conftest import Write, chatgpt, claude

from homeward.errors import CannotSee
from homeward.importing import ImportProgress, Taken, items_of
from homeward.ports import LanguageModel
from homeward.testing import ScriptedModel
from homeward_store import Origin, Selection, SourceKind


def test_an_export_becomes_turns_and_memories_of_their_time(
    open_assistant: OpenAssistant, write: Write
) -> None:
    me = open_assistant()
    steps: list[ImportProgress] = []

    taken = me.imports.file(write([chatgpt(1), claude(2)]), report=steps.append)

    assert taken == Taken(exchanges=3, documents=1, memories=4, known=0)
    assert steps[-1] == ImportProgress(4, 4)
    first, second = me.profile.turns.conversation("chatgpt/c1")
    assert (first.asked, first.model) == ("I live in Leeds.", "chatgpt")
    assert f"{second.asked_at:%Y}" == "2023"
    memories = {one.text: one for one in me.profile.memories.all()}
    assert memories["I live in Leeds."].origin is Origin.PERSON
    assert memories["I live in Leeds."].said_at == first.asked_at
    assert memories["I own a bike."].context == "I live in Leeds."
    assert memories["The pump runs at 40 bar."].origin is Origin.DOCUMENT
    assert "First." not in memories


def test_the_same_file_again_adds_nothing_and_brings_nothing_back(
    open_assistant: OpenAssistant, write: Write
) -> None:
    me = open_assistant()
    path = write([chatgpt(1), claude(2)])
    me.imports.file(path)
    me.forget(Selection(conversations=("chatgpt/c1",)))

    again = me.imports.file(path)

    assert again == Taken(exchanges=0, documents=0, memories=0, known=4)
    assert me.profile.turns.count() == 1
    assert me.imports.file(path, again=True).exchanges == 3


def test_documents_are_quoted_as_such_unless_the_person_wrote_them(
    open_assistant: OpenAssistant, tmp_path: Path
) -> None:
    me = open_assistant()
    (tmp_path / "manual.md").write_text("# Pump\n\nThe pump runs at 40 bar.")
    (tmp_path / "diary.md").write_text("The garden has roses.")

    me.imports.file(tmp_path / "manual.md")
    me.imports.file(tmp_path / "diary.md", mine=True)

    origins = {one.text: one.origin for one in me.profile.memories.all()}
    assert origins["The pump runs at 40 bar."] is Origin.DOCUMENT
    assert origins["The garden has roses."] is Origin.PERSON
    for memory in me.profile.memories.all():
        assert memory.source.kind is SourceKind.WRITING
        text = next(one.text for one in me.profile.writings.all() if one.id == memory.source.id)
        assert text[memory.source.start : memory.source.end] == memory.text


def test_what_an_image_says_is_a_document_and_the_image_alone_is_refused(
    open_assistant: OpenAssistant, tmp_path: Path
) -> None:
    me = open_assistant()
    photo = tmp_path / "menu.png"
    photo.write_bytes(b"\x89PNG")

    with pytest.raises(CannotSee, match=r"menu\.png: the language model has no projector"):
        me.imports.file(photo)
    me.imports.file(photo, text="Soup of the day: lentils.")

    [memory] = me.profile.memories.all()
    assert (memory.text, memory.origin) == ("Soup of the day: lentils.", Origin.DOCUMENT)
    assert me.profile.writings.all()[0].title == "menu.png"


CHILD = """
import os, sys
from pathlib import Path
from homeward.assistant import Assistant
from homeward.settings import ModelLoaders
from homeward.testing import HashEmbedder, ScriptedModel
from homeward_store import Passphrase, open_profile

profile = open_profile(Path(sys.argv[1]), unlock=Passphrase("correct horse battery staple"))
me = Assistant(profile, ModelLoaders(ScriptedModel, HashEmbedder))

def report(step):
    if step.total and step.done >= 32:
        os.kill(os.getpid(), 9)

me.imports.file(Path(sys.argv[2]), report=report)
"""


def test_a_killed_import_goes_on_where_it_was(
    open_assistant: OpenAssistant, write: Write, tmp_path: Path
) -> None:
    path = write([chatgpt(n, asks=(f"I own {n} bikes.",)) for n in range(100)])
    open_assistant().close()

    done = subprocess.run(
        [sys.executable, "-c", CHILD, str(tmp_path / "profile"), str(path)], check=False
    )

    assert done.returncode == -9
    me = open_assistant()
    before = me.profile.turns.count()
    assert before == 32
    taken = me.imports.file(path)
    assert (taken.exchanges, taken.known) == (100 - before, before)
    assert me.profile.turns.count() == me.profile.memories.count() == 100
    me.profile.check()


def test_reading_takes_no_more_memory_for_a_larger_file(tmp_path: Path) -> None:
    conversation = json.dumps(chatgpt(1, asks=("I live in Leeds. " * 60,) * 20))
    peaks = []
    for count in (20, 400):
        path = tmp_path / f"{count}.json"
        with path.open("w") as file:
            file.write("[")
            file.writelines(f"{conversation},\n" for _ in repeat(None, count - 1))
            file.write(f"{conversation}]")
        tracemalloc.start()
        assert sum(1 for _ in items_of(path)) == 20 * count
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()

    assert peaks[1] < 1.5 * peaks[0]


@pytest.mark.model
def test_an_image_alone_is_described_by_a_model_that_can_see(
    open_assistant: OpenAssistant, smollm2: LanguageModel, colour_projector: Path, tmp_path: Path
) -> None:
    me = open_assistant(smollm2, projector=colour_projector)
    photo = tmp_path / "sky.png"
    photo.write_bytes(solid(BLUE))

    taken = me.imports.file(photo, mine=True)
    again = me.imports.file(photo)

    assert (taken.documents, again.documents, again.known) == (1, 0, 1)
    [writing] = me.profile.writings.all()
    assert writing.title == f"sky.png, described by {smollm2.info.name}"
    assert "blue" in writing.text.lower()
    # Not the person's words, though it is their photo: never an order, never their style.
    assert writing.origin is Origin.ASSISTANT
    assert {one.origin for one in me.profile.memories.all()} == {Origin.ASSISTANT}
    assert [one.memory.source.id for one in me.recall("What is blue?")] == [writing.id]


def test_an_image_is_described_once_and_a_caption_is_better_than_that(
    open_assistant: OpenAssistant, tmp_path: Path
) -> None:
    model = ScriptedModel(["A lentil soup."])
    me = open_assistant(model, projector=Path("any.gguf"))
    (tmp_path / "menu.png").write_bytes(b"\x89PNG")

    me.imports.file(tmp_path / "menu.png")
    me.imports.file(tmp_path / "menu.png", text="Soup of the day: lentils.")

    assert len(model.prompts) == 1
    assert "\ufffc\nDescribe this image" in model.prompts[0]
    origins = {one.text: one.origin for one in me.profile.memories.all()}
    assert origins == {
        "A lentil soup.": Origin.ASSISTANT,
        "Soup of the day: lentils.": Origin.DOCUMENT,
    }


def test_a_model_that_says_nothing_of_an_image_adds_nothing(
    open_assistant: OpenAssistant, tmp_path: Path
) -> None:
    me = open_assistant(ScriptedModel([""]), projector=Path("any.gguf"))
    (tmp_path / "menu.png").write_bytes(b"\x89PNG")

    with pytest.raises(
        CannotSee, match=r"menu\.png: scripted gave no description; give the image a caption"
    ):
        me.imports.file(tmp_path / "menu.png")

    assert not me.profile.writings.all()
