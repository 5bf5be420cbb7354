"""What the site shows that is written elsewhere: the root's files, decisions, commands, routes."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

_ROOT = Path(__file__).parents[1]


def on_page_markdown(markdown: str, *, page: Any, **_: object) -> str:  # noqa: ANN401  MkDocs's own
    """Add to a page what it introduces; a page that stands for a file of the root becomes it."""
    write = _WRITTEN_ELSEWHERE.get(page.file.src_uri)
    return markdown if write is None else write(markdown)


def _of_the_root(name: str) -> Callable[[str], str]:
    def read(_: str) -> str:
        return (_ROOT / name).read_text(encoding="utf-8").replace("](docs/", "](../")

    return read


def _decisions(introduction: str) -> str:
    pages = sorted((_ROOT / "docs" / "adr").glob("0*.md"))
    titles = [page.read_text(encoding="utf-8").splitlines()[0].lstrip("# ") for page in pages]
    links = [f"- [{title}]({page.name})" for title, page in zip(titles, pages, strict=True)]
    return "\n".join([introduction, "", *links])


def _commands(introduction: str) -> str:
    import typer.main  # noqa: PLC0415  what the site needs, its other pages do not

    from homeward.cli.app import app  # noqa: PLC0415

    return "\n".join([introduction, "", *_command(typer.main.get_command(app), "homeward", 2)])


def _command(command: Any, name: str, depth: int) -> Iterator[str]:  # noqa: ANN401  click's
    said = (command.help or "").replace("\n\n", "\n").strip()
    yield from (f"{'#' * depth} {name}", "", said, "")
    for one in command.params:
        told = getattr(one, "help", None)
        if told:
            names = " ".join(f"`{option}`" for option in (*one.opts, *one.secondary_opts))
            yield f"- {names}: {told}"
    yield ""
    for inner in getattr(command, "commands", {}).values():
        yield from _command(inner, f"{name} {inner.name}", depth + 1)


def _routes(introduction: str) -> str:
    from homeward.serving.app import described  # noqa: PLC0415

    rows = [
        f"| `{method.upper()} {path}` | {operation['description'].splitlines()[0]} |"
        for path, methods in described()["paths"].items()
        for method, operation in methods.items()
    ]
    return "\n".join([introduction, "", "| route | |", "|---|---|", *rows])


_WRITTEN_ELSEWHERE: dict[str, Callable[[str], str]] = {
    "adr/README.md": _decisions,
    "concepts/architecture.md": _of_the_root("ARCHITECTURE.md"),
    "concepts/threat-model.md": _of_the_root("SECURITY.md"),
    "reference/commands.md": _commands,
    "reference/http.md": _routes,
}
