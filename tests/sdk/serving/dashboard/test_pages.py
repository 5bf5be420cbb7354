"""Every page with its data, nothing from elsewhere, and what a person does on them."""

from urllib.parse import urlsplit

import pytest
from tests.sdk.serving.dashboard.conftest import Box

from homeward import UseContext
from homeward_store import Category, MemoryId, Purpose

PAGES = {
    "/": ["Ada", "allergies", "health"],
    "/memories": ["Bergen", "rye", "from your writing"],
    "/map": ["from a note", "This map shows"],
    "/answers": ["Where does my sister live?", "Nora lives in Bergen.", "image: harbour.png"],
    "/taste": ["length", "shorter replies", "12 choices"],
    "/learned": ["in use", "score +0.210", "2026"],
    "/consents": ["Writings", "health stays private"],
    "/programs": ["editor", "recall", "its audience: work", "editor: recall, done"],
    "/ledger": ["editor may recall, why", "whole", "You agreed", "Reserved", "Erased: 1 memory"],
    "/federation": ["rounds", "0.1250", "ε 0.00 of 4.00", "not taking part"],
}


@pytest.mark.parametrize("path", PAGES)
def test_a_page_shows_what_is_known_and_asks_nobody_else(box: Box, path: str) -> None:
    box.visit(path)

    assert [words for words in PAGES[path] if words not in box.text()] == []
    assert {urlsplit(url).netloc for url in box.asked} == {urlsplit(box.served.url).netloc}
    assert box.complaints == []


@pytest.mark.parametrize("width", [1280, 400])
@pytest.mark.parametrize("path", PAGES)
def test_no_page_is_wider_than_the_screen(box: Box, path: str, width: int) -> None:
    box.tab.set_viewport_size({"width": width, "height": 800})
    box.visit(path)

    assert box.tab.evaluate("document.documentElement.scrollWidth") <= width


def test_a_memory_is_forgotten_with_a_receipt(box: Box) -> None:
    store = box.served.me.profile
    [bread] = store.memories.match("rye", limit=1)
    box.visit("/memories")

    box.tab.get_by_role("button", name="Forget: I bake bread").click()
    plan = box.tab.get_by_role("dialog", name="Forget this?")
    assert "1 note" in plan.inner_text()
    assert "1 memory" in plan.inner_text()
    plan.get_by_role("button", name="Erase for good").click()
    receipt = box.tab.get_by_role("dialog", name="Receipt 2")
    receipt.wait_for()

    assert "Complete" in receipt.inner_text()
    assert store.receipts()[-1].signature in receipt.inner_text()
    assert store.memories.get([bread.memory]) == []
    receipt.get_by_role("button", name="Done").click()
    assert "rye" not in box.text()


def test_keeping_it_erases_nothing(box: Box) -> None:
    box.visit("/memories")
    box.tab.get_by_role("button", name="Forget: I bake bread").click()

    box.tab.get_by_role("button", name="Keep it").click()

    assert len(box.served.me.profile.receipts()) == 1
    assert "rye" in box.text()


def test_words_are_found_and_all_that_holds_them_is_forgotten(box: Box) -> None:
    box.visit("/memories")
    box.tab.get_by_label("Find words").fill("rent")
    box.tab.get_by_role("button", name="Search", exact=True).click()
    box.tab.get_by_text("1 memory found").wait_for()
    assert "rye" not in box.text()

    box.tab.get_by_role("button", name="Forget everything with these words").click()
    box.tab.get_by_role("button", name="Erase for good").click()
    box.tab.get_by_role("dialog", name="Receipt 2").wait_for()

    assert box.served.me.profile.memories.match("rent", limit=5) == []


def test_a_memory_is_put_differently(box: Box) -> None:
    box.visit("/memories")
    box.tab.get_by_role("button", name="Edit: I bake bread").click()
    box.tab.get_by_label("New text").fill("I bake bread on Sundays, mostly wheat.")
    box.tab.get_by_role("button", name="Change").click()
    box.tab.get_by_text("The old text is forgotten").wait_for()

    store = box.served.me.profile.memories
    assert store.match("rye", limit=5) == []
    assert len(store.match("wheat", limit=5)) == 1


def test_moving_a_slider_overrules_what_was_learned(box: Box) -> None:
    box.visit("/taste")
    slider = box.tab.get_by_label("Set length")
    slider.focus()
    slider.press("Home")
    box.tab.get_by_text("You set length to \N{MINUS SIGN}3.0.").wait_for()

    assert box.served.me.taste.overruled() == {"length": -3.0}
    box.tab.get_by_role("button", name="Let choices decide about length").click()
    box.tab.get_by_text("Your choices decide about length again.").wait_for()
    assert box.served.me.taste.overruled() == {}


def test_why_names_the_choices(box: Box) -> None:
    box.visit("/taste")

    box.tab.get_by_role("button", name="Why length").click()

    assert "How do I sleep better" in box.tab.get_by_role("dialog").inner_text()


def test_what_was_learned_is_switched_off(box: Box) -> None:
    box.visit("/learned")

    box.tab.get_by_role("button", name="Switch off").click()
    box.tab.get_by_text("It is kept, but not used.").wait_for()

    learned = box.served.me.learned
    assert learned is not None
    assert not learned.on


def test_a_consent_is_given_and_taken_back(box: Box) -> None:
    consent = box.served.me.profile.consent
    box.visit("/consents")
    switch = box.tab.get_by_role("switch", name="Homeward may learn from notes")

    switch.check()
    box.tab.get_by_text("You agreed: Homeward may learn from notes").wait_for()
    assert consent.allows(Purpose.LEARN, Category.NOTES)

    switch.uncheck()
    box.tab.get_by_text("Consent withdrawn: Homeward may learn from notes").wait_for()
    assert not consent.allows(Purpose.LEARN, Category.NOTES)


def test_without_consent_taste_is_not_read_but_asked_for(box: Box) -> None:
    consent = box.served.me.profile.consent
    consent.withdraw(Purpose.LEARN, Category.CHOICES)
    box.visit("/taste")
    assert "you have not agreed to it" in box.text()

    box.tab.get_by_role("button", name="I agree").click()
    box.tab.get_by_label("Set length").wait_for()

    assert consent.allows(Purpose.LEARN, Category.CHOICES)


def test_a_question_shows_what_it_used_and_what_was_withheld(box: Box) -> None:
    box.visit("/answers")
    before = box.served.me.profile.turns.count()
    box.tab.get_by_label("Question").fill("What about allergies?")
    box.tab.get_by_label("Who reads the reply").select_option("work")
    box.tab.get_by_role("button", name="Ask").click()
    box.tab.get_by_text("withheld: allergies (health stays private)").wait_for()

    assert "name: Ada" in box.text()
    assert box.served.me.profile.turns.count() == before  # it was not to be kept


def test_what_was_said_cannot_become_markup(box: Box) -> None:
    box.served.me.remember("<img src=x onerror=\"document.title='broken'\"> <b>bold</b>")

    for path in ("/memories", "/map"):
        box.visit(path)

    assert box.tab.locator("main img, main b:has-text('bold')").count() == 0
    assert box.tab.title() == "Map · Homeward"


def test_the_map_is_walked_with_arrow_keys(box: Box) -> None:
    box.visit("/map")
    named = "document.activeElement.getAttribute('aria-label')"
    box.tab.locator(".spot[tabindex='0']").focus()
    seen = {box.tab.evaluate(named)}

    for key in ("ArrowRight", "ArrowDown", "ArrowLeft", "ArrowUp") * 2:
        box.tab.keyboard.press(key)
        seen.add(box.tab.evaluate(named))

    assert len(seen) >= 3
    assert box.tab.evaluate(named)[:20] in box.tab.inner_text("aside")
    assert box.tab.locator(".spot[tabindex='0']").count() == 1


def test_a_memory_is_forgotten_by_keyboard_alone(box: Box) -> None:
    box.visit("/")
    press = box.tab.keyboard.press
    focused = "document.activeElement.textContent"
    while box.tab.evaluate(focused) != "Memories":
        press("Tab")
    press("Enter")
    box.tab.wait_for_selector("main[data-page='/memories']")

    for _ in range(40):
        press("Tab")
        if box.tab.evaluate(focused) == "Forget":
            break
    number = int(box.tab.evaluate("document.activeElement.closest('li').dataset.id"))
    press("Enter")
    box.tab.get_by_role("dialog").wait_for()
    while box.tab.evaluate(focused) != "Erase for good":
        press("Tab")
    press("Enter")
    box.tab.get_by_role("dialog", name="Receipt 2").wait_for()
    press("Escape")

    assert box.served.me.profile.memories.get([MemoryId(number)]) == []
    assert box.tab.get_by_role("dialog").count() == 0


def test_a_rule_is_added_removed_and_the_first_ones_restored(box: Box) -> None:
    rules = box.served.me.rules
    box.visit("/consents")

    box.tab.get_by_role("button", name="Remove: money stays private").click()
    box.tab.get_by_text("Removed: money stays private.").wait_for()
    assert "money" not in {one.tag for one in rules.all()}

    box.tab.get_by_label("Tag", exact=True).fill("music")
    box.tab.get_by_label("Only for these audiences").fill("private, choir")
    box.tab.get_by_role("button", name="Add").click()
    box.tab.get_by_text("The rule applies").wait_for()
    assert rules.all()[-1].audiences == frozenset({"private", "choir"})

    box.tab.get_by_role("button", name="Restore the default rules").click()
    box.tab.get_by_text("The default rules apply again.").wait_for()
    assert not rules.edited


def test_what_is_said_waits_for_the_person_if_they_wish_it(box: Box) -> None:
    me = box.served.me
    box.visit("/consents")
    box.tab.get_by_label("Never remember").fill("chess, politics")
    box.tab.get_by_label("Review first").check()
    box.tab.get_by_role("button", name="Save").click()
    box.tab.get_by_text("This applies from the next message on.").wait_for()
    assert me.wishes.denied_topics() == ("chess", "politics")

    for said in ("My brother Ole moved to Tromsø last week.", "I lost a game of chess."):
        assert me.ask(said).text
    box.visit("/memories")
    box.tab.get_by_role("button", name="Remember: My brother Ole").click()
    box.tab.get_by_role("heading", name="Waiting for you").wait_for(state="hidden")

    assert me.review.waiting() == []
    assert len(me.profile.memories.match("Ole", limit=5)) == 1
    assert me.profile.memories.match("chess", limit=5) == []


def test_answers_say_what_a_rule_withheld(box: Box) -> None:
    with box.served.me.conversation(use_context=UseContext(audience="work")) as talk:
        assert talk.ask("What should the canteen know?").text

    box.visit("/answers")

    assert "withheld: allergies (health stays private)" in box.text()


def test_a_program_is_let_do_nothing_any_more(box: Box) -> None:
    box.visit("/programs")

    box.tab.get_by_role("button", name="Withdraw from editor").click()
    box.tab.get_by_text("editor has no permissions any more.").wait_for()

    [editor] = box.served.me.profile.clients.all()
    assert editor.may == frozenset()


def test_one_click_takes_a_tag_off_and_one_puts_it_on(box: Box) -> None:
    me = box.served.me
    [bread] = me.profile.memories.get([me.profile.memories.match("rye", limit=1)[0].memory])
    box.visit("/memories")

    box.tab.get_by_role("combobox", name="Tag: I bake bread").select_option("money")
    box.tab.get_by_text("Tagged money.").wait_for()
    assert me.profile.memories.get([bread.id])[0].tags == ("money",)
    box.tab.get_by_role("button", name="Remove the tag money: I bake bread").click()
    box.tab.get_by_text("No longer tagged money.").wait_for()
    assert me.profile.memories.get([bread.id])[0].tags == ()

    box.visit("/")
    box.tab.get_by_role("button", name="Remove the tag health: allergies").click()
    box.tab.get_by_text("No longer tagged health.").wait_for()
    assert {one.tags for one in me.profile.attributes.all()} == {()}


def test_what_is_told_in_the_dashboard_carries_the_tags_of_its_words(box: Box) -> None:
    box.visit("/")
    box.tab.get_by_label("Attribute, such as home town").fill("illness")
    box.tab.get_by_label("Value").fill("diabetes")
    box.tab.get_by_role("button", name="Add", exact=True).click()
    box.tab.get_by_text("diabetes").wait_for()

    told = box.served.me.profile.attributes.get("illness")
    assert told is not None
    assert "health" in told.tags
