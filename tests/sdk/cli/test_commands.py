"""What each command prints and changes."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from tests.learned_style import plant
from tests.sdk.cli.conftest import SECRET, Run
from tests.sdk.prompting.templates import HYBRID

import homeward.opening
from homeward.settings import ModelLoaders
from homeward.testing import HashEmbedder, ScriptedModel
from homeward_store import Passphrase, Profile, open_profile


@pytest.fixture(autouse=True)
def stand_ins(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stand in for the pulled models."""
    loaders = ModelLoaders(lambda: ScriptedModel(["Hello\x1b[2J, Ada."]), HashEmbedder)
    monkeypatch.setattr(homeward.opening, "_loaders", lambda *_: loaders)


def opened(home: Path, person: str = "me") -> Profile:
    return open_profile(home / "profiles" / person, unlock=Passphrase(SECRET))


@pytest.mark.parametrize("arguments", ["--help", "profile --help", "models list"])
def test_the_command_line_starts_without_a_model_runtime(
    environment: dict[str, str], arguments: str
) -> None:
    script = (
        "import sys\nfrom homeward.cli.app import app\n"
        f"try: app({arguments.split()!r})\n"
        "except SystemExit as left: assert not left.code\n"
        "runtimes = {'llama_cpp', 'onnxruntime', 'onnx', 'tokenizers', 'keyring'}\n"
        "assert runtimes.isdisjoint(sys.modules), runtimes & set(sys.modules)"
    )

    subprocess.run([sys.executable, "-c", script], env=environment, check=True, timeout=60)


def test_version_and_no_arguments(homeward: Run) -> None:
    assert "Usage" in homeward().stdout
    assert re.match(r"homeward \d+\.\d+", homeward("--version").stdout)


def test_a_thought_is_printed_beside_the_answer(
    homeward: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def says(prompt: str) -> str:
        return "Polite\x1b[2J folk.</think>" if prompt.endswith("<think>\n") else "Good morning."

    loaders = ModelLoaders(lambda: ScriptedModel(says, template=HYBRID), HashEmbedder)
    monkeypatch.setattr("homeward.opening._loaders", lambda *_: loaders)

    answered = homeward("ask", "--thinking", "99", "Hello?")

    assert answered.stdout == "Good morning.\n"
    assert "Polite␛[2J folk." in answered.stderr


def test_a_profile_is_created_listed_and_filled(homeward: Run, home: Path) -> None:
    created = homeward("profile", "create", "bo")
    homeward("-p", "bo", "profile", "set", "name", "Bo")
    homeward("-p", "bo", "profile", "set", "illness", "hay fever", "--tag", "health", "--tag", "x")
    shown = homeward("profile", "show", "bo")

    assert re.search(r"([0-9A-Z]{4}-){6}[0-9A-Z]{4}", created.stdout)
    assert homeward("profile", "list").stdout == "bo\nme\n"
    assert re.search(r"illness +hay fever +health x", shown.stdout)
    assert "0 memories" in shown.stdout
    with opened(home, "bo") as profile:
        assert profile.attributes.all()[0].tags == ("health", "x")


def test_an_attribute_is_unset_with_its_history(homeward: Run, home: Path) -> None:
    homeward("profile", "set", "town", "Bristol")
    homeward("profile", "set", "town", "York")

    assert homeward("profile", "unset", "town").returncode == 0
    with opened(home) as profile:
        assert not profile.attributes.history("town")


def test_memories_are_added_listed_searched_and_forgotten(homeward: Run, home: Path) -> None:
    homeward("memories", "add", "My bike is green.")
    homeward("memories", "add", "My boat is [red]blue[/red].")

    listed = homeward("memories", "list").stdout
    assert listed.index("boat") < listed.index("bike")
    assert "[red]blue[/red]" in listed
    assert "1 older ones are not shown" in homeward("memories", "list", "--limit", "1").stderr
    found = homeward("memories", "search", "my bike").stdout
    assert "My bike is green." in found.splitlines()[1]
    assert homeward("memories", "search", "zzz").stderr == "There are no such memories.\n"
    receipt = homeward("memories", "forget", "bike", "--yes").stdout
    assert "1 memory, 1 note" in receipt
    assert "bike" not in homeward("memories", "list").stdout


def test_ask_writes_the_answer_and_nothing_else_to_standard_output(
    homeward: Run, home: Path
) -> None:
    homeward("profile", "set", "name", "Ada")

    done = homeward("ask", "Hello?", "--why")
    silent = homeward("ask", "Hello again?", "--incognito", "--why", "--no-personalize")

    assert (done.returncode, done.stdout) == (0, "Hello␛[2J, Ada.\n")
    assert "name: Ada" in done.stderr
    assert (silent.stdout, silent.stderr) == (done.stdout, "")
    with opened(home) as profile:
        assert [turn.asked for turn in profile.turns.latest(9)] == ["Hello?"]


def test_ask_shows_images_where_the_model_sees(
    homeward: Run, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (home / "beach.png").write_bytes(b"sand")
    (home / "sky.png").write_bytes(b"blue")
    asked = ("ask", "Where?", "--image", str(home / "beach.png"), "--image", str(home / "sky.png"))
    blind = homeward(*asked)
    models: list[ScriptedModel] = []

    def model() -> ScriptedModel:
        models.append(ScriptedModel(["Here."]))
        return models[-1]

    loaders = ModelLoaders(model, HashEmbedder, projector=lambda of: of().projector(home))
    monkeypatch.setattr("homeward.opening._loaders", lambda *_: loaders)

    seen = homeward(*asked, "--why")
    absent = homeward("ask", "Where?", "--image", str(home / "none.png"))

    assert (blind.returncode, blind.stdout) == (1, "")
    assert "beach.png: the language model has no projector." in blind.stderr
    assert (seen.returncode, seen.stdout) == (0, "Here.\n")
    assert re.search(r"seen +image +beach\.png +your question", seen.stderr)
    assert models[0].prompts[0].count("\ufffc") == 2
    assert absent.returncode == 1
    assert "none.png: No such file or directory." in absent.stderr
    with opened(home) as profile:
        assert [turn.attached for turn in profile.turns.latest(9)] == [("beach.png", "sky.png")]


def test_chat_reads_a_pipe_line_by_line(homeward: Run, home: Path) -> None:
    done = homeward("chat", stdin=b"One.\nTwo.\n/why\n")

    assert done.returncode == 0
    with opened(home) as profile:
        assert [turn.asked for turn in profile.turns.latest(9)] == ["Two.", "One."]


def test_chat_goes_on_with_the_last_conversation(homeward: Run, home: Path) -> None:
    homeward("chat", stdin=b"One.\n")
    homeward("chat", "--continue", stdin=b"Two.\n")
    homeward("chat", stdin=b"Three.\n")

    with opened(home) as profile:
        three, two, one = profile.turns.latest(9)
    assert one.conversation == two.conversation != three.conversation


def test_doctor_shows_numbers_and_nothing_personal(homeward: Run, home: Path) -> None:
    homeward("profile", "set", "secret-key", "secret value")
    homeward("memories", "add", "My bike is green.")

    done = homeward("doctor", COLUMNS="200")

    assert done.returncode == 1  # no model was pulled
    assert re.search(r"BAD +model minilm-l6 +not pulled", done.stdout)
    assert re.search(r"BAD +language model smollm2-135m +not found: pull it", done.stdout)
    assert re.search(r"ok +profile: encrypted +by SQLCipher; 1 memories", done.stdout)
    assert re.findall(r"BAD +profile", done.stdout) == []
    for personal in ("secret", "bike", "me\n", str(home)):
        assert personal not in done.stdout


def test_doctor_names_a_damaged_profile(homeward: Run, home: Path) -> None:
    [database] = (home / "profiles" / "me").glob("store-*.db")
    with database.open("ab") as file:
        file.write(b"more")

    done = homeward("doctor", COLUMNS="200")

    assert re.search(r"BAD +profile +StoreOverlong", done.stdout)


@pytest.mark.model
def test_doctor_is_content_with_a_sound_installation(with_models: Path, homeward: Run) -> None:
    done = homeward("doctor", COLUMNS="200")

    assert "BAD" not in done.stdout
    assert done.returncode == 0
    assert re.search(
        r"language model smollm2-135m +takes 0\.2\d GB with a context of 4096", done.stdout
    )


@pytest.mark.model
def test_doctor_checks_the_model_that_is_named_and_how_it_would_be_run(
    with_models: Path, homeward: Run, tmp_path: Path
) -> None:
    diary = tmp_path / "diary.gguf"
    diary.write_text("Dear diary, today I went for a walk.")
    file = homeward("models", "path").stdout.strip()

    wrong = homeward("--model", str(diary), "doctor", COLUMNS="200")
    right = homeward("--model", file, "--context", "1024", "doctor", COLUMNS="200")
    long = homeward("--model", file, "--context", "90000", "doctor", COLUMNS="200")

    assert wrong.returncode == long.returncode == 1
    assert re.search(r"BAD +language model diary\.gguf +ModelCorrupt: .* not a GGUF", wrong.stdout)
    assert "BAD" not in right.stdout
    assert re.search(r"ok +language model .*\.gguf +takes .* context of 1024 tokens", right.stdout)
    assert re.search(r"BAD +language model .* context=90000 must be at most 8192", long.stdout)


@pytest.mark.model
def test_models_are_listed_verified_and_found(with_models: Path, homeward: Run) -> None:
    assert re.search(r"smollm2-135m +language +pulled", homeward("models", "list").stdout)
    verified = homeward("models", "verify")
    assert (verified.returncode, "damaged" in verified.stdout) == (0, False)
    assert Path(homeward("models", "path").stdout.strip()).is_file()
    pulled = homeward("models", "pull")
    assert pulled.returncode == 0
    assert "smollm2-135m: whole" in pulled.stderr


def test_a_model_of_ones_own_is_pulled_and_verified(homeward: Run, home: Path) -> None:
    import hashlib

    (home / "mine.gguf").write_bytes(b"GGUF")
    digest = hashlib.sha256(b"GGUF").hexdigest()
    (home / "models.toml").write_text(
        f"[mine]\nkind = 'language'\nlicence = 'MIT'\ncontext = 1\nfolder = '{home}'\n"
        f"[[mine.files]]\nmember = 'mine.gguf'\nbytes = 4\nsha256 = '{digest}'\n"
    )

    done = homeward("models", "pull", "mine")

    assert done.returncode == 0
    assert "mine: whole; uses mine.gguf" in done.stderr
    assert "mine: whole" in homeward("models", "verify").stdout
    assert homeward("models", "path", "mine").stdout == f"{home}/models/mine/mine.gguf\n"


def test_rules_and_tags_are_seen_and_edited(homeward: Run, home: Path) -> None:
    homeward("memories", "add", "I had surgery on my knee.")
    start = homeward("rules", "list")
    homeward("rules", "set", "health for work", "--tag", "health", "--audience", "work")
    homeward("rules", "set", "no money", "--tag", "money", "--never")
    homeward("rules", "set", "me", "--tag", "hobby", "--purpose", "chat", "--about-me")
    homeward("rules", "remove", "health stays private")
    edited = homeward("rules", "list")

    assert re.search(r"health stays private +health +before private", start.stdout)
    assert "default rules" in start.stderr
    assert re.search(r"health for work +health +before work", edited.stdout)
    assert re.search(r"no money +money +never", edited.stdout)
    assert re.search(r"me +hobby +for chat, in answers about you", edited.stdout)
    assert "health stays private" not in edited.stdout
    homeward("rules", "restore")
    assert homeward("rules", "list").stdout == start.stdout
    assert "sport" in homeward("memories", "tag", "1", "sport").stdout
    assert homeward("rules", "remove", "none").returncode == 2
    changed = homeward("memories", "tag", "1", "--add", "music", "--remove", "sport").stdout
    assert "music" in changed
    assert "sport" not in changed
    assert homeward("memories", "tag", "1", "all", "--add", "x").returncode == 2
    assert homeward("rules", "set", "x", "--tag", "y", "--never", "--about-me").returncode == 2


def test_why_shows_the_last_reply_and_any_other(homeward: Run, home: Path) -> None:
    homeward("profile", "set", "age", "34")
    homeward("profile", "set", "name", "Ada")
    nothing = homeward("why")
    homeward("ask", "Who was at the door?")
    homeward("profile", "tag", "name", "--add", "health")

    assert nothing.stderr.startswith("homeward: there is no reply yet")
    found = homeward("why").stdout
    assert "name: Ada" in found
    assert "identity facts: only for questions about you" in " ".join(found.split())
    assert homeward("why", "1").stdout == found
    assert "age" not in homeward("why", "7").stdout


def test_the_terminal_says_what_is_not_remembered_and_shows_and_erases_it(
    homeward: Run, home: Path
) -> None:
    added = homeward("memories", "add", "My wifi password is correct-horse-9.")

    assert added.returncode == 0
    assert "It is not remembered: it looks like a secret" in added.stderr
    assert 'homeward memories forget "note 1"' in added.stderr
    listed = " ".join(homeward("memories", "unremembered").stdout.split())
    assert "note 1" in listed
    assert "correct-horse-9" in listed
    assert homeward("memories", "forget", "note 1", "--yes").returncode == 0
    assert homeward("memories", "unremembered").stderr == "There are no such texts.\n"


def test_memories_wait_for_review_and_topics_are_denied(homeward: Run, home: Path) -> None:
    assert homeward("memories", "review", "--on").stderr == "There are no such memories.\n"
    assert homeward("memories", "deny", "golf").stdout == "golf\n"
    homeward("ask", "I drink green tea.")
    homeward("ask", "I play golf.")
    homeward("ask", "I keep bees.")
    assert "I keep bees." in homeward("memories", "review").stdout
    left = homeward("memories", "review", "--off", "--accept", "1", "--reject", "2")

    assert left.stderr == "There are no such memories.\n"
    with opened(home) as profile:
        assert [one.text for one in profile.memories.all()] == ["I drink green tea."]
    assert homeward("memories", "review", "--accept", "1").returncode == 1
    assert homeward("memories", "deny", "--none").stdout == ""


def test_denying_a_topic_says_that_what_was_learned_of_it_is_off(homeward: Run, home: Path) -> None:
    with opened(home) as profile:
        profile.writings.add("Fog on the lake, and golfing before I saw it.")
        plant(profile, "4" * 64)
    assert homeward("memories", "deny", "chess").stdout == "chess\n"
    told = homeward("memories", "deny", "golf").stdout
    assert "Switched off, because it was learned from texts about this: learned style." in told


def test_a_file_is_imported_once_with_its_counts(homeward: Run, home: Path) -> None:
    notes = home / "notes.md"
    notes.write_text("The pump runs at 40 bar.")

    first = homeward("memories", "import", str(notes))
    again = homeward("memories", "import", str(notes))
    absent = homeward("memories", "import", str(home / "none.md"))

    assert first.stdout == "notes.md: exchanges: 0, documents: 1, memories: 1.\n"
    nothing = "notes.md: exchanges: 0, documents: 0, memories: 0; known already: 1.\n"
    assert again.stdout == nothing
    assert absent.returncode == 1
    assert "Nothing was added." in absent.stderr


def test_an_import_names_what_it_left_out_and_nothing_taken_is_no_success(
    homeward: Run, home: Path
) -> None:
    whole = '[{"uuid": "k", "chat_messages": [{"sender": "human", "text": "I keep bees."}, null]}]'
    (home / "some.json").write_text(whole)
    (home / "none.json").write_text('[{"uuid": "k", "chat_messages": null}]')
    (home / "empty.json").write_text("[]")

    some = homeward("memories", "import", str(home / "some.json"))
    none = homeward("memories", "import", str(home / "none.json"))
    empty = homeward("memories", "import", str(home / "empty.json"))

    assert some.stdout == (
        "some.json: exchanges: 1, documents: 0, memories: 1.\nNot taken in: 1 items.\n"
        "Left out: some.json, entry 1, message 2: it does not name its writer.\n"
    )
    assert (some.returncode, some.stderr.strip()) == (0, "")
    assert none.returncode == 1
    assert none.stderr.strip() == (
        "Nothing was taken in: items left out: 1 (its messages are missing)."
    )
    assert empty.returncode == 0
    assert empty.stderr.strip() == "Nothing was taken in: the file holds no messages and no text."


def test_a_memory_that_was_superseded_by_mistake_is_said_to_be_true(
    homeward: Run, home: Path
) -> None:
    homeward("memories", "add", "My phone number is 555 1234.")
    homeward("memories", "add", "My phone number is 555 9876.")
    day = r"\d{4}-\d{2}-\d{2}"
    assert re.search(f"1234.*{day} to {day}", homeward("memories", "list").stdout)

    again = homeward("memories", "still-true", "1")

    assert not re.search(f"1234.*{day} to {day}", again.stdout)
    with opened(home) as profile:
        assert [one.superseded_by for one in profile.memories.all()] == [None, None]
