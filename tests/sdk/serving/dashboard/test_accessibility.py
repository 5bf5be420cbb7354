"""
The pages by axe-core, in light and dark, wide and narrow: no serious finding.

axe is a tool of development and is not part of the repository:
`npm install --prefix .venv --no-package-lock axe-core` puts it where this looks.
"""

from pathlib import Path

import pytest
from tests.sdk.serving.dashboard.conftest import Box
from tests.sdk.serving.dashboard.test_pages import PAGES

AXE = Path(__file__).parents[4] / ".venv" / "node_modules" / "axe-core" / "axe.min.js"
FINDINGS = (
    "axe.run().then(run => run.violations.map(one => [one.impact, one.id, one.nodes.length]))"
)

pytestmark = pytest.mark.skipif(not AXE.exists(), reason="axe-core is not installed")


def _findings(box: Box) -> list[list[object]]:
    """Return what axe finds once no part fades in any more, since half faded text is pale."""
    box.tab.evaluate("Promise.all(document.getAnimations().map(one => one.finished))")
    box.tab.evaluate(AXE.read_text(encoding="utf-8"))
    found: list[list[object]] = box.tab.evaluate(FINDINGS)
    return found


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 400])
def test_axe_finds_nothing_on_any_page(box: Box, scheme: str, width: int) -> None:
    browser = box.tab.context.browser
    size = {"width": width, "height": 900}
    context = browser.new_context(viewport=size, color_scheme=scheme, bypass_csp=True)
    box.tab = context.new_page()
    found = []
    for path in PAGES:
        box.visit(path)
        found += [(path, *one) for one in _findings(box)]
    context.close()

    assert found == []


def test_axe_finds_nothing_in_the_dialogs(box: Box) -> None:
    context = box.tab.context.browser.new_context(bypass_csp=True)
    box.tab = context.new_page()
    box.visit("/memories")
    box.tab.get_by_role("button", name="Forget: I bake bread").click()
    for name in ("Forget this?", "Receipt 2"):
        box.tab.get_by_role("dialog", name=name).wait_for()
        assert _findings(box) == []
        if name == "Forget this?":
            box.tab.get_by_role("button", name="Erase for good").click()
    context.close()
