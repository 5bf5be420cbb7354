"""What the site shows that lies elsewhere: files of the repository's root, and the decisions."""

from pathlib import Path
from typing import Any

_ROOT = Path(__file__).parents[1]
_OF_THE_ROOT = {
    "concepts/threat-model.md": "SECURITY.md",
    "concepts/architecture.md": "ARCHITECTURE.md",
}


def on_page_markdown(markdown: str, *, page: Any, **_: object) -> str:  # noqa: ANN401  MkDocs's own
    """Put a file of the root in place of the page that stands for it, and list the decisions."""
    name = page.file.src_uri
    if name in _OF_THE_ROOT:
        return (_ROOT / _OF_THE_ROOT[name]).read_text(encoding="utf-8").replace("](docs/", "](../")
    if name == "adr/README.md":
        return f"{markdown}\n\n{_decisions()}"
    return markdown


def _decisions() -> str:
    pages = sorted((_ROOT / "docs" / "adr").glob("0*.md"))
    titles = [page.read_text(encoding="utf-8").splitlines()[0].lstrip("# ") for page in pages]
    return "\n".join(f"- [{title}]({page.name})" for title, page in zip(titles, pages, strict=True))
