"""
A thousand planted words through every kind of data and every door, then forgotten: what is left?

Each is one word that stands nowhere else. They are forgotten by id, by topic, by time, and at last
all of it; then they are sought in the decrypted pages of the database and of its log, in every file
of the folder, in what recall finds, and in the next prompt of every conversation that is open.
Models are the scripted ones: they answer with what they were asked, so replies hold the words, too.
"""

import argparse
import hashlib
import json
import random
import re
import tempfile
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from email.message import EmailMessage
from mailbox import mbox
from pathlib import Path

import numpy as np

from benchmarks.report import report
from homeward.assistant import Assistant
from homeward.conversation.conversation import Conversation
from homeward.learning.paired_trial import TrialRecord, TrialVerdict
from homeward.learning.soft_prompt_store import SavedSoftPrompt, SoftPromptStore
from homeward.mcp.access import ClientAccess
from homeward.ports import SoftPrompt
from homeward.settings import ModelLoaders
from homeward.testing import HashEmbedder, ScriptedModel
from homeward_store import (
    FASTEST,
    Ability,
    AttributeId,
    Category,
    ChoiceId,
    MemoryId,
    NoteId,
    Origin,
    Passphrase,
    Purpose,
    Selection,
    TurnId,
    WritingId,
    create_profile,
)
from homeward_store.database import pages
from homeward_store.keys import keyslots
from homeward_store.testing import StoppedClock

_MARK = "cnry"  # how every planted word begins; no other word does
_PLANTED = re.compile(rb"(?i)cnry[a-z]{10}")
_WAYS = ("id", "topic", "time", "everything")
_PASS = Passphrase("residue")


class Scene:
    """One open profile, its conversations, and the words that were planted in it."""

    def __init__(self, folder: Path, *, seed: int) -> None:
        self._rng, self.folder = random.Random(seed), folder
        self.clock = StoppedClock()
        made = create_profile(folder / "ada", unlock=[_PASS], cost=FASTEST, clock=self.clock)
        self.model = ScriptedModel(_echo, n_ctx=65_536)  # 120 attributes stand in each prompt
        self.me = Assistant(made.profile, ModelLoaders(lambda: self.model, HashEmbedder))
        made.profile.consent.grant(
            Purpose.LEARN, Category.WRITINGS, Category.CHOICES, shown="May it?"
        )
        made.profile.clients.grant("probe", *Ability, audience="private", shown="May it?")
        self.mcp = ClientAccess(self.me, "probe", now=lambda: datetime.now(UTC))
        self.open = [self.me.conversation(f"talk {number}") for number in range(8)]
        self.words: dict[str, str] = {}  # each planted word, and how it is to be forgotten

    def word(self, way: str) -> str:
        """Return a word that stands nowhere else."""
        word = _MARK + "".join(self._rng.choices("bdfghjklmpqrstvwxz", k=10))
        self.words[word] = way
        return word

    def talk(self) -> Conversation:
        """Return one of the open conversations."""
        return self._rng.choice(self.open)


def _echo(prompt: str) -> str:
    return "You said: " + " ".join(prompt.split()[-12:])


def _attribute(scene: Scene, word: str) -> None:
    scene.me.attributes[f"friend {len(scene.words)}"] = f'"{word}"\nor so'


def _key(scene: Scene, word: str) -> None:
    scene.me.attributes[word] = ("one", "two")


def _note(scene: Scene, word: str) -> None:
    scene.me.remember(f"My code word is {word}.")


def _unspaced(scene: Scene, word: str) -> None:
    scene.me.remember(f"我的船叫{word},在上海。")


def _stemmed(scene: Scene, word: str) -> None:
    scene.me.remember(f"Mein Boot heißt {word} und liegt in Köln.")


def _three_times(scene: Scene, word: str) -> None:
    said = f"The name of the boat is {word}."
    scene.me.write(f"Dear Ole. {said} Yours")
    _ = scene.talk().ask(said).text
    scene.me.remember(said)


def _statement(scene: Scene, word: str) -> None:
    _ = scene.talk().ask(f"I live near {word}.").text


def _question(scene: Scene, word: str) -> None:
    _ = scene.talk().ask(f"What would {word} say?").text


def _retried(scene: Scene, word: str) -> None:
    reply = scene.talk().ask(f"Who is {word}?")
    _ = reply.text
    scene.me.feedback.edit(reply, f"A friend: {word}.")


def _conversation(scene: Scene, word: str) -> None:
    _ = scene.me.conversation(word).ask("Is this a good name?").text


def _attached(scene: Scene, word: str) -> None:
    turns = scene.me.profile.turns
    turn = turns.begin("pictures", "Look at this.", model="m", attached=[f"{word}.png"])
    turns.finish(turn.id, "Nice.", complete=True)


def _writing(scene: Scene, word: str) -> None:
    scene.me.write(f"A letter. It is about {word} and more. So it ends.")


def _title(scene: Scene, word: str) -> None:
    scene.me.write("A text without a word.", title=word)


def _choice(scene: Scene, word: str) -> None:
    parts = ["How?", "Like this.", "Like that."]
    parts[len(scene.words) % 3] += f" {word}"
    scene.me.prefer(parts[0], chosen=parts[1], rejected=parts[2])


def _tool(scene: Scene, word: str) -> None:
    scene.me.write(f"The meter of {word} shows 7.", title="meter", origin=Origin.TOOL)


def _by_mcp(scene: Scene, word: str) -> None:
    scene.mcp.remember(f"A program saw {word} there.")


def _text(scene: Scene, word: str) -> None:
    _import(scene, f"{len(scene.words)}.txt", f"Minutes. {word} was there, and so on.".encode())


def _markdown(scene: Scene, word: str) -> None:
    _import(scene, f"{len(scene.words)}.md", f"# About {word}\n\nIt is said.\n".encode())


def _chatgpt(scene: Scene, word: str) -> None:
    said = [("user", f"I met {word} today."), ("assistant", f"How was {word}?")]
    root: dict[str, object] = {"id": "root", "message": None, "parent": None}
    mapping = {"root": root}
    parent = "root"
    for number, (role, text) in enumerate(said):
        content = {"content_type": "text", "parts": [text]}
        message = {
            "id": str(number),
            "author": {"role": role},
            "content": content,
            "create_time": 1.7e9 + number,
        }
        mapping[str(number)] = {"id": str(number), "message": message, "parent": parent}
        parent = str(number)
    chat = {"id": word[::-1], "title": "chat", "mapping": mapping, "current_node": parent}
    _import(scene, f"chat-{len(scene.words)}.json", json.dumps([chat]).encode())


def _mail(scene: Scene, word: str) -> None:
    path = scene.folder / "in.mbox"
    path.unlink(missing_ok=True)
    letter = EmailMessage()
    letter["From"], letter["Subject"] = "ole@example.org", f"About {word}"
    letter.set_content(f"Hello, {word} is well.")
    box = mbox(path)
    box.add(letter)
    box.close()
    scene.me.imports.file(path)
    path.unlink()


def _import(scene: Scene, name: str, data: bytes) -> None:
    path = scene.folder / name
    path.write_bytes(data)
    scene.me.imports.file(path)
    path.unlink()  # what the person gave lies elsewhere: it is theirs to delete


KINDS: tuple[Callable[[Scene, str], None], ...] = (
    *(_attribute, _key, _note, _unspaced, _stemmed, _three_times, _statement, _question),
    *(_retried, _conversation),
    *(_attached, _writing, _title, _choice, _tool, _by_mcp, _text, _markdown, _chatgpt, _mail),
)


def plant(scene: Scene, count: int) -> None:
    """Plant words of every kind; those to be forgotten by time come last, a day later."""
    for way in ("id", "topic", "everything", "time"):
        scene.clock.move(days=1)
        for number in range(count // len(_WAYS)):
            KINDS[number % len(KINDS)](scene, scene.word(way))
    _learn(scene)
    scene.me.taste.learn()
    scene.me.wishes.deny(scene.word("everything"))


def _learn(scene: Scene) -> None:
    """Keep a learned style of all writings, as if a trial was won."""
    vectors = np.ones((16, scene.model.info.n_embd), np.float32)
    digest = hashlib.sha256(vectors.astype("<f4").tobytes()).hexdigest()
    sources = tuple(f"writing:{one.id}#0" for one in scene.me.profile.writings.all())
    verdict = TrialVerdict(0.5, 0.4, 0.6, 8, wins=True)
    record = TrialRecord(
        scene.model.info.sha256, digest, digest, sources, (), (1.0,), verdict, 1.0, ""
    )
    SoftPromptStore(scene.me.profile.blobs).keep(
        SavedSoftPrompt(SoftPrompt(vectors, digest), record, on=True)
    )


def forget(scene: Scene) -> Iterator[set[str]]:
    """Forget one way after the other; yield the words that must be gone after each."""
    gone = set[str]()
    for way in _WAYS:
        words = [word for word, its in scene.words.items() if its == way]
        for selection in _selections(scene, way, words):
            scene.me.forget(selection)
        gone.update(words)
        yield gone


def _selections(scene: Scene, way: str, words: Iterable[str]) -> Iterator[Selection]:
    match way:
        case "id":
            yield from (_by_id(scene, word) for word in words)
        case "topic":
            yield from (Selection(topic=word) for word in words)
        case "time":
            # Documents have the times of their files: by id where the clock did not say.
            yield Selection(since=scene.clock())
            yield from (_by_id(scene, word) for word in words)
        case _:
            yield Selection(everything=True)


def _by_id(scene: Scene, word: str) -> Selection:
    """Name a memory of the word, from which the rest must be found, or else what holds it."""
    profile = scene.me.profile
    found = profile.plan(Selection(topic=word))
    attributes = tuple(map(AttributeId, found.attributes))
    turns = tuple(map(TurnId, found.turns))
    if found.memories and scene.words[word] == "id":
        # A writing is only blacked out, but for its title: that is named with it.
        return Selection(
            memories=tuple(map(MemoryId, found.memories)),
            turns=() if len(found.memories) == 1 else turns,
            writings=tuple(one.id for one in profile.writings.all() if word in (one.title or "")),
            attributes=attributes,
        )
    return Selection(
        attributes=attributes,
        turns=turns,
        writings=tuple(map(WritingId, found.writings)),
        choices=tuple(map(ChoiceId, found.choices)),
        notes=tuple(map(NoteId, found.notes)),
    )


def left(scene: Scene, gone: set[str]) -> set[str]:
    """Return those of `gone` that can still be found anywhere."""
    found = {one.decode().lower() for text in _texts(scene) for one in _PLANTED.findall(text)}
    return found & gone


def _texts(scene: Scene) -> Iterator[bytes]:
    me, path = scene.me, scene.folder / "ada"
    # The questions ask for nothing that was planted, so what stands in a prompt was brought along.
    for talk in scene.open:
        _ = talk.ask("And what else was there?").text
        yield scene.model.prompts[-1].encode()
    for question in ("my code word", "the name of the boat", "where do I live", "who was there"):
        yield " ".join(one.memory.text for one in me.recall(question)).encode()
    slots = keyslots.read(path / "keyslots.json")
    master, _ = keyslots.open_slot(slots, _PASS)
    key = keyslots.unwrap_database_key(slots, master)
    store = next(path.glob("store-*.db"))
    yield from pages.of_database(store, key)
    yield from pages.of_log(store.with_name(store.name + "-wal"), key)
    yield from (file.read_bytes() for file in scene.folder.rglob("*") if file.is_file())


def measure(count: int, *, seed: int, planted: bool) -> dict[str, int]:
    """Return how many words were planted, and how many were left where they should not be."""
    with tempfile.TemporaryDirectory(prefix="homeward-residue-") as folder:
        scene = Scene(Path(folder), seed=seed)
        with scene.me:
            plant(scene, count)
            before = len(left(scene, set(scene.words)))
            remaining = set[str]()
            for gone in forget(scene):
                if planted:
                    scene.me.profile.notes.add(f"left over: {min(gone)}")
                remaining |= left(scene, gone)
            return {"canaries": len(scene.words), "found_before": before, "left": len(remaining)}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--canaries", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--plant", action="store_true", help="leave one behind: it must be found")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    figures = measure(given.canaries, seed=given.seed, planted=given.plant)
    report(figures, as_json=given.json)


if __name__ == "__main__":
    main()
