"""`homeward profile …` creates profiles and edits attributes."""

import warnings
from typing import Annotated

import typer

import homeward
from homeward.cli.commands.why import shown
from homeward.cli.listing import AsJson, Row, Shown, listed
from homeward.cli.options import AddTags, Options, RemoveTags, Tags, options, retagged
from homeward.cli.render import plain, show_once, stderr, stdout
from homeward.cli.text_input import Value, given
from homeward.cli.unlock import created, opened
from homeward.errors import InvalidArgument

app = typer.Typer(
    help="Create and secure profiles, and edit your attributes.", no_args_is_help=True
)

Key = Annotated[str, typer.Argument(help="The attribute's name, such as: home town")]
Person = Annotated[str | None, typer.Argument(help="The profile's name.")]


@app.command()
def create(context: typer.Context, person: Person = None) -> None:
    """Make an encrypted profile, and show its recovery code once."""
    chosen = options(context).of_new(person)
    made = created(chosen)
    with made.assistant:
        show_once(made.recovery_code, chosen.person)


@app.command("list")
def list_(context: typer.Context, *, as_json: AsJson = False) -> None:
    """Name the profiles on this machine."""
    people = homeward.people(options(context).home)
    if as_json:
        listed([{"person": person} for person in people], as_json=True)
        return
    for person in people:
        stdout().print(plain(person))
    if not people:
        stderr().print("There is no profile yet. Run `homeward profile create NAME`.")


@app.command()
def show(context: typer.Context, person: Person = None, *, as_json: AsJson = False) -> None:
    """Show what is known: attributes, and how much of the rest."""
    chosen: Options = options(context).of(person)
    with opened(chosen) as assistant:
        profile = assistant.profile
        rows: list[Row] = [
            {
                "key": one.key,
                "value": Shown(one.value, shown(one.value)),
                "tags": one.tags,
                "since": one.learned_at,
            }
            for one in profile.attributes.all()
        ]
        counts = {
            "memories": profile.memories.count(),
            "turns": profile.turns.count(),
            "notes": len(profile.notes.all()),
            "writings": len(profile.writings.all()),
            "choices": len(profile.choices.all()),
        }
    listed(rows, as_json=as_json, nothing="No attributes.")
    if not as_json:
        stdout().print(", ".join(f"{count} {kind}" for kind, count in counts.items()))


@app.command("set")
def set_(
    context: typer.Context,
    key: Annotated[str, typer.Argument(help="The attribute's name, such as: home town")],
    value: Value = None,
    *,
    tag: Annotated[
        list[str] | None,
        typer.Option(
            help="A sensitivity tag, such as health (repeatable); by default found from the words."
        ),
    ] = None,
) -> None:
    """Set an attribute; an older value becomes history."""
    told = given(value)
    with opened(options(context)) as assistant, warnings.catch_warnings(record=True) as slips:
        warnings.simplefilter("always")
        assistant.attributes.set(key, told, tags=None if tag is None else tuple(tag))
    for slip in slips:
        stderr().print(plain(f"It was set, but {slip.message}."))


@app.command()
def tag(
    context: typer.Context,
    key: Key,
    tags: Tags = None,
    *,
    add: AddTags = None,
    remove: RemoveTags = None,
) -> None:
    """Replace or change the tags of an attribute, which `homeward rules` go by."""
    with opened(options(context)) as assistant:
        found = assistant.profile.attributes.get(key)
        there = () if found is None else found.tags
        assistant.attributes.tag(key, *retagged(there, tags, add, remove))


@app.command()
def unset(context: typer.Context, key: Key) -> None:
    """Forget an attribute, its history and all that was derived from it."""
    with opened(options(context)) as assistant:
        if key not in assistant.attributes:
            raise InvalidArgument("there is no such attribute; `homeward profile show` lists all")
        del assistant.attributes[key]
