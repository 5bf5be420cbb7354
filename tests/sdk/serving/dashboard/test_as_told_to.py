"""The dashboard shows the memories that others would see, as the table of use contexts says."""

import pytest
from tests.sdk.serving.dashboard.conftest import Box
from tests.use_contexts import CASES, KINDS, remembered

SHOWN = [one for one in CASES if (one.asks, one.purpose, one.consent) == ("me", "chat", True)]


@pytest.mark.parametrize("audience", sorted({one.audience for one in SHOWN}))
def test_the_page_lists_what_an_audience_may_be_told(box: Box, audience: str) -> None:
    remembered(box.served.me)
    box.visit("/memories")
    box.tab.get_by_label("Audience").fill(audience)
    box.tab.get_by_role("button", name="Search").click()
    box.tab.get_by_text("memories found").wait_for()

    listed = box.tab.get_by_role("list", name="Memories").inner_text()
    for case in (one for one in SHOWN if one.audience == audience):
        word, _ = KINDS[case.kind]
        assert (f"the {word} lamp" in listed) == case.told, case
