"""
A note-taking app that writes on in your own style, trained on this device from what you wrote.

    python examples/notes.py ada add diary/*.txt      # give it what you wrote: 24 texts or more
    python examples/notes.py ada learn --seconds 600  # a soft prompt; a larger number goes on later
    python examples/notes.py ada draft "Sunday walk"  # a first draft, as you would write it
    python examples/notes.py ada find "the lake"      # your own words about something

What was learned is used only if it won its trial on your newest texts; `draft` says which it was.
The first command makes the profile. The passphrase is asked for, or read from the file that
HOMEWARD_PASSPHRASE_FILE names.
"""

import argparse
import getpass
import os
from pathlib import Path

import homeward
from homeward import Assistant, Passphrase, Sampling
from homeward.errors import TooLittleToLearn
from homeward.learning.controls import Controls, TrainingProgress
from homeward_store import Category, Purpose

CONSENT = "May this app learn your style, on this device only, from what you wrote and chose?"


def add(me: Assistant, options: argparse.Namespace) -> None:
    """Keep texts that the person wrote, one writing for each file."""
    known = {writing.title for writing in me.profile.writings.all()}
    new = [file for file in options.files if file.name not in known]
    for file in new:
        me.write(file.read_text(encoding="utf-8"), title=file.name)
    print(f"{len(new)} texts added, {len(options.files) - len(new)} were here already.")


def learn(me: Assistant, options: argparse.Namespace) -> None:
    """Learn the style for as long as was said, and say what came of it."""
    wanted = (Category.WRITINGS, Category.CHOICES)
    consent = me.profile.consent
    if not all(consent.allows(Purpose.LEARN, one) for one in wanted):
        if not options.yes and input(f"{CONSENT} [y/N] ").casefold() != "y":
            return
        consent.grant(Purpose.LEARN, *wanted, shown=CONSENT)
    try:
        trained = me.learn(Controls(budget=options.seconds, report=progress))
    except TooLittleToLearn as error:
        print(f"Not yet: {error}.")
        return
    if not trained.finished:
        print("\nNot finished; `learn` with more seconds goes on from here.")
        return
    verdict = trained.state.record.verdict
    used = "It is used from now on." if verdict.wins else "It did not win, so it stays off."
    print(f"\nOn your {verdict.items} newest pieces: {verdict.gain:+.3f} nats a token. {used}")


def progress(step: TrainingProgress) -> None:
    """Show one line that renews itself."""
    done = (step.epoch + step.step / step.steps) / step.epochs
    print(f"\rlearning: {done:4.0%}, held-back loss {step.held_loss:.3f}", end="", flush=True)


def draft(me: Assistant, options: argparse.Namespace) -> None:
    """Write a first draft; what the person wrote about it before is recalled by itself."""
    learned = me.learned
    style = "with your learned style" if learned and learned.on else "without a learned style"
    print(f"[{style}]")
    with me.conversation(incognito=True) as conversation:  # a draft is not something they said
        sampling = Sampling(temperature=0.6, max_tokens=options.words * 2)
        asked = f"Write a short note in my words about: {options.subject}"
        reply = conversation.ask(asked, sampling=sampling)
        for piece in reply:
            print(piece, end="", flush=True)
    print()
    for memory in reply.sources.memories:
        print(f"  [from your own: {memory.text}]")


def find(me: Assistant, options: argparse.Namespace) -> None:
    """Show the passages that fit best."""
    for found in me.recall(options.subject)[: options.most]:
        print(f"{found.memory.said_at:%d %b %Y}  {found.memory.text}")


def opened(person: str) -> Assistant:
    """Open the profile, or make it."""
    file = os.environ.get("HOMEWARD_PASSPHRASE_FILE")
    typed = Path(file).read_text().strip() if file else getpass.getpass("Passphrase: ")
    if person in homeward.people():
        return homeward.open(person, unlock=Passphrase(typed))
    created = homeward.create(person, unlock=Passphrase(typed))
    print("A new profile. Write down its recovery code:", created.recovery_code.reveal())
    return created.assistant


def parsed() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("person")
    commands = parser.add_subparsers(required=True)
    adding = commands.add_parser("add")
    adding.add_argument("files", nargs="+", type=Path)
    adding.set_defaults(run=add)
    learning = commands.add_parser("learn")
    learning.add_argument(
        "--seconds", type=float, help="of one processor, in all; default: no limit"
    )
    learning.add_argument("--yes", action="store_true", help="agree to learning beforehand")
    learning.set_defaults(run=learn)
    drafting = commands.add_parser("draft")
    drafting.add_argument("subject")
    drafting.add_argument("--words", type=int, default=80)
    drafting.set_defaults(run=draft)
    finding = commands.add_parser("find")
    finding.add_argument("subject")
    finding.add_argument("--most", type=int, default=5)
    finding.set_defaults(run=find)
    return parser.parse_args()


def main() -> None:
    """Run the command."""
    options = parsed()
    with opened(options.person) as me:
        options.run(me, options)


if __name__ == "__main__":
    main()
