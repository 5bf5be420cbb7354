"""Images in a conversation: shown to the model, named in the store, kept nowhere."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.colour_projector import COLOURS, PATCHES
from tests.conftest import OpenAssistant
from tests.images import BLUE, GREEN, RED, Pixel, solid
from tests.sdk.conversation.test_incognito import digests

import homeward
from homeward.errors import CannotSee, ContextOverflow, ImageCorrupt, ImageUnreadable
from homeward.models import DEFAULT_LANGUAGE, path
from homeward.ports import LanguageModel
from homeward.sampling import Sampling
from homeward.testing import ScriptedModel
from homeward_store import Passphrase

Photo = Callable[..., Path]

GREEDY = Sampling(temperature=0, repetition_penalty=1, max_tokens=12)
COLOUR = "Name the colour."
ANY = Path("any.gguf")  # the scripted model sees without a file


@pytest.fixture
def photo(tmp_path: Path) -> Photo:
    def write(colour: Pixel = RED, name: str = "beach.png") -> Path:
        (tmp_path / name).write_bytes(solid(colour))
        return tmp_path / name

    return write


@pytest.mark.model
def test_a_reply_depends_on_what_the_image_shows(
    open_assistant: OpenAssistant,
    smollm2: LanguageModel,
    colour_projector: Path,
    photo: Photo,
) -> None:
    me = open_assistant(smollm2, projector=colour_projector)

    for name, colour in zip(COLOURS, (RED, GREEN, BLUE), strict=True):
        reply = me.conversation().ask(COLOUR, sampling=GREEDY, images=[photo(colour)])
        assert [one for one in COLOURS if one in reply.text] == [name]


@pytest.mark.model
def test_the_image_stays_in_the_cache_for_the_next_turn(
    open_assistant: OpenAssistant, smollm2: LanguageModel, colour_projector: Path, photo: Photo
) -> None:
    me = open_assistant(smollm2, projector=colour_projector)
    first = me.ask(COLOUR, sampling=GREEDY, images=[photo(BLUE)])
    assert first.text
    assert first.fed is not None

    second = me.ask(COLOUR, sampling=GREEDY)

    assert "blue" in second.text
    assert second.fed is not None
    # All but the last token of the first reply, which was drawn and not yet decoded.
    held = first.fed.reused + first.fed.decoded + first.generated
    assert second.fed.reused >= held - 1
    assert second.fed.reused > PATCHES


def test_the_turn_keeps_the_words_and_the_name_and_none_of_the_image(
    open_assistant: OpenAssistant, photo: Photo, tmp_path: Path
) -> None:
    me = open_assistant(projector=ANY)
    beach = photo()

    reply = me.ask("Where was I?", images=[beach, photo(BLUE, "sky.png")])

    assert reply.text
    assert reply.sources.images == ("beach.png", "sky.png")
    [turn] = me.profile.turns.latest(1)
    assert (turn.asked, turn.attached) == ("Where was I?", ("beach.png", "sky.png"))
    assert me.why(turn.id).images == ("beach.png", "sky.png")
    assert not me.profile.writings.all()
    assert [one.text for one in me.profile.memories.all() if "beach" in one.text] == []


def test_images_stand_before_their_question_and_stay_there(
    open_assistant: OpenAssistant, photo: Photo
) -> None:
    model = ScriptedModel(["A beach.", "Sand."])
    me = open_assistant(model, projector=ANY)
    assert me.ask("Where was I?", images=[photo(), photo(BLUE, "sky.png")]).text
    assert me.ask("What is there?").text

    first, second = model.prompts

    assert "user\n\ufffc\ufffc\nWhere was I?" in first
    assert second.startswith(first)


def test_a_retry_shows_the_image_again(open_assistant: OpenAssistant, photo: Photo) -> None:
    model = ScriptedModel(["A beach.", "A lake."])
    me = open_assistant(model, projector=ANY)
    talk = me.conversation()
    assert talk.ask("Where was I?", images=[photo()]).text

    again = talk.retry()

    assert again.text == "A lake."
    assert again.sources.images == ("beach.png",)
    assert model.prompts[0] == model.prompts[1]


def test_opened_anew_a_conversation_goes_on_with_the_names_of_its_images(
    open_assistant: OpenAssistant, photo: Photo
) -> None:
    me = open_assistant(projector=ANY)
    assert me.conversation("trip").ask("Where was I?", images=[photo(name="be\nach.png")]).text
    me.close()
    model = ScriptedModel(["Yes."])

    later = open_assistant(model).conversation("trip")
    assert later.ask("Are you sure?").text
    assert later.retry().text

    assert "user\n[image: be ach.png]\nWhere was I?" in model.prompts[0]
    assert "\ufffc" not in model.prompts[0]


def test_forgetting_leaves_the_names_of_images_in_their_places(
    open_assistant: OpenAssistant, photo: Photo
) -> None:
    model = ScriptedModel(["A beach.", "Gone."])
    me = open_assistant(model, projector=ANY)
    [memory] = me.remember("I collect stamps.")
    talk = me.conversation()
    assert talk.ask("Where was I?", images=[photo()], personalize=False).text

    me.forget(memory)
    assert talk.ask("And now?", personalize=False).text

    assert "\ufffc" not in model.prompts[-1]
    assert "[image: beach.png]\nWhere was I?" in model.prompts[-1]


def test_an_image_whose_turn_no_longer_fits_leaves_with_it(
    open_assistant: OpenAssistant, photo: Photo
) -> None:
    model = ScriptedModel(["A beach."], n_ctx=400)
    talk = open_assistant(model, projector=ANY).conversation()
    assert talk.ask("Where was I?", images=[photo()]).text

    long = talk.ask("x" * 230)

    assert long.text
    assert long.dropped_turns == 1
    assert "\ufffc" not in model.prompts[-1]


def test_incognito_shows_images_and_leaves_every_file_as_it_was(
    open_assistant: OpenAssistant, photo: Photo, tmp_path: Path
) -> None:
    model = ScriptedModel(["A beach."])
    me = open_assistant(model, projector=ANY)
    assert me.ask("Hello?").text
    beach = photo()
    before = digests(tmp_path)

    with me.conversation(incognito=True) as hidden:
        reply = hidden.ask("Where was I?", images=[beach])
        assert reply.text

    assert "\ufffc" in model.prompts[-1]
    assert reply.sources.images == ("beach.png",)
    assert digests(tmp_path) == before


def test_without_a_projector_nothing_is_read_or_recorded(
    open_assistant: OpenAssistant, photo: Photo
) -> None:
    model = ScriptedModel(["Hello."])
    me = open_assistant(model)

    with pytest.raises(CannotSee, match=r"beach\.png: the language model has no projector"):
        me.ask("Where was I?", images=[photo()])

    assert model.prompts == []
    assert me.profile.turns.count() == 0
    assert me.ask("And without?").text == "Hello."


@pytest.mark.model
def test_a_bad_image_ends_only_its_question(
    open_assistant: OpenAssistant, smollm2: LanguageModel, colour_projector: Path, photo: Photo
) -> None:
    me = open_assistant(smollm2, projector=colour_projector)
    damaged = photo(name="cut.png")
    damaged.write_bytes(damaged.read_bytes()[:60])

    with pytest.raises(ImageCorrupt, match=r"cut\.png"):
        me.ask(COLOUR, images=[photo(), damaged])
    with pytest.raises(ImageUnreadable, match=r"none\.png"):
        me.ask(COLOUR, images=[damaged.with_name("none.png")])

    assert me.profile.turns.count() == 0
    assert "red" in me.ask(COLOUR, sampling=GREEDY, images=[photo()]).text


def test_more_images_than_the_context_holds_are_refused_before_anything_is_recorded(
    open_assistant: OpenAssistant, photo: Photo
) -> None:
    me = open_assistant(ScriptedModel(n_ctx=200), projector=ANY)

    with pytest.raises(ContextOverflow):
        me.ask("Where was I?", images=[photo()] * 150)

    assert me.profile.turns.count() == 0


@pytest.mark.model
def test_a_projector_beside_the_model_is_found(
    tmp_path: Path, models_home: Path, colour_projector: Path, photo: Photo
) -> None:
    (tmp_path / "models").symlink_to(models_home / "models")
    own = tmp_path / "own"
    own.mkdir()
    (own / "small.gguf").symlink_to(path(models_home, DEFAULT_LANGUAGE))
    unlock = Passphrase("ada")

    with homeward.create(
        "ada", unlock=unlock, home=tmp_path, model=own / "small.gguf"
    ).assistant as me:
        with pytest.raises(CannotSee, match=r"beach\.png: small has no projector beside it"):
            me.ask(COLOUR, images=[photo(BLUE)])
        shutil.copy(colour_projector, own)
        assert "blue" in me.ask(COLOUR, sampling=GREEDY, images=[photo(BLUE)]).text
