"""Ada's dashboard in a real Chromium, over a real server with a scripted model behind it."""

import shutil
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import pytest
from tests.conftest import OpenAssistant
from tests.sdk.serving.conftest import Serve, Served

from homeward import Assistant, Selection
from homeward.learning.paired_trial import TrialRecord, TrialVerdict
from homeward.learning.soft_prompt_store import SavedSoftPrompt, SoftPromptStore
from homeward.ports import SoftPrompt
from homeward.testing import ScriptedModel
from homeward_store import Ability, Category, Purpose, RequestOutcome, WritingId

Browser: TypeAlias = Any  # Playwright's own; it may be absent
Page: TypeAlias = Any

LONGER = "Here is a long and careful reply, with every step that one could think of. " * 4


@dataclass
class Box:
    """One tab of the browser, let in, and what it asked for and complained about."""

    tab: Page
    served: Served
    asked: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def visit(self, path: str) -> None:
        """Show a page and wait until its data is there; a tab that is new is let in first."""
        if not self.tab.url.startswith(self.served.url):
            self.tab.goto(f"{self.served.url}/#once={self.served.admissions.invite()}")
            self.tab.wait_for_selector("main[data-page='/']")
        self.tab.goto(f"{self.served.url}/#{path}")
        self.tab.wait_for_selector(f"main[data-page='{path}']")

    def text(self) -> str:
        """What the page says."""
        return str(self.tab.inner_text("main"))


# Playwright keeps an event loop running in this thread until it ends: not beyond a module, or
# whatever is asynchronous in others could not run.
@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Start the system's Chromium; nothing is downloaded."""
    playwright = pytest.importorskip("playwright.sync_api")
    found = shutil.which("chromium") or shutil.which("google-chrome")
    if found is None:
        pytest.skip("there is no Chromium on this system")
    with playwright.sync_playwright() as driver:
        options = ["--no-sandbox", "--disable-background-networking"]
        with closing(driver.chromium.launch(executable_path=found, args=options)) as browser:
            yield browser


@pytest.fixture
def ada(open_assistant: OpenAssistant, tmp_path: Path) -> Assistant:
    """Open a profile that has something of everything."""
    me = open_assistant(ScriptedModel(["Nora lives in Bergen."]), projector=tmp_path)
    me.attributes["name"] = "Ada"
    me.attributes.set("allergies", "peanuts", tags=("health",))
    me.remember("My sister Nora lives in Bergen, by the harbour.")
    me.remember("The rent is due on the fifth of each month.")
    me.remember("I bake bread on Saturdays, mostly rye.")
    me.remember("My knee hurts on long descents.")
    me.write("Up at six. Fog on the lake, and the ferry before I saw it.", title="Monday")
    for number in range(12):
        me.prefer(f"How do I sleep better, part {number}?", chosen="Go early.", rejected=LONGER)
    (tmp_path / "harbour.png").write_bytes(b"boats")
    assert me.ask("Where does my sister live?", images=[tmp_path / "harbour.png"]).text
    consent = me.profile.consent
    consent.grant(Purpose.LEARN, Category.WRITINGS, Category.CHOICES, shown="Learn from me.")
    me.profile.spending.set_budget("rounds", 0.5)
    me.profile.spending.reserve("rounds", 0.125, run="round 1")
    clients = me.profile.clients
    clients.grant("editor", Ability.RECALL, Ability.WHY, audience="work", shown="Let it ask.")
    clients.record("editor", Ability.RECALL, RequestOutcome.DONE, memories=[1])
    keep_learned(me)
    me.forget(Selection(topic="knee"))
    return me


def keep_learned(me: Assistant) -> None:
    """Put a soft prompt of two vectors into the profile, with a record as learning writes it."""
    record = TrialRecord(
        model_sha256=me.model.sha256,
        soft_sha256="5" * 64,
        start_sha256="6" * 64,
        learned_from=("writing:1#0",),
        held_back=("choice:1",),
        curve=(3.005, 2.87, 2.79, 2.8),
        verdict=TrialVerdict(0.21, 0.12, 0.31, 12, wins=True),
        cpu_seconds=140.0,
        learned_at=datetime(2026, 5, 17, tzinfo=UTC).isoformat(),
    )
    assert me.profile.writings.get(WritingId(1))
    soft = SoftPrompt(np.zeros((2, 8), np.float32), record.soft_sha256)
    SoftPromptStore(me.profile.blobs).keep(SavedSoftPrompt(soft, record, on=True))


@pytest.fixture
def box(chromium: Browser, serve: Serve, ada: Assistant) -> Iterator[Box]:
    """Open Ada's dashboard, already let in."""
    served = serve(ada)
    context = chromium.new_context(viewport={"width": 1280, "height": 900}, locale="en-GB")
    opened = Box(context.new_page(), served)
    opened.tab.set_default_timeout(15_000)
    opened.tab.on("request", lambda request: opened.asked.append(request.url))
    opened.tab.on("console", lambda said: opened.complaints.append(said.text))
    opened.tab.on("pageerror", lambda error: opened.complaints.append(str(error)))
    yield opened
    context.close()
