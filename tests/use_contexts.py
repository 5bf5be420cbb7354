"""
One table of use contexts: what is wanted, who would read it, what for, and whether it is told.

Every surface reads it, and has to decide as it says. A memory is of one kind; a question asks about
the person, about how things were, or about somebody else.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from homeward.assistant import Assistant
from homeward.policy.gate import UNREVIEWED, Rule, UseContext
from homeward_store import Category, MemoryId, Purpose

RULES = (
    Rule("only work reads it", "working", audiences=frozenset({"work"})),
    Rule("only for planning", "planning", purposes=frozenset({"planning"})),
)

# Kind: the word that its memory and its questions share, and its tags.
KINDS: dict[str, tuple[str, tuple[str, ...]]] = {
    "plain": ("zebra", ()),
    "hobby": ("violin", ("hobby",)),
    "health": ("tulip", ("health",)),
    "money": ("copper", ("money",)),
    "identity": ("walnut", ("identity",)),
    "both": ("saffron", ("health", "identity")),
    "working": ("granite", ("working",)),
    "planning": ("lantern", ("planning",)),
    "taste": ("marble", ("taste",)),
    "waiting": ("pepper", (UNREVIEWED,)),
    "waiting-health": ("cactus", (UNREVIEWED, "health")),
    "old": ("velvet", ()),
    "old-health": ("ginger", ("health",)),
}
QUESTIONS = {
    "me": "Where do I keep the {word} lamp with the {word} shade?",
    "past": "Where did I keep the {word} lamp with the {word} shade before?",
    "other": "Who keeps the {word} lamp with the {word} shade, the man or the woman?",
}

TABLE = """
    kind            asks   audience  purpose   consent  told
    plain           me     private   chat      yes      yes
    plain           me     private   tool      yes      yes
    plain           me     work      tool      yes      yes
    plain           other  work      tool      yes      yes
    plain           past   public    tool      yes      yes
    plain           me     work      chat      yes      yes
    plain           me     private   tool      no       no
    plain           me     work      chat      no       no
    hobby           me     work      tool      yes      yes
    hobby           me     public    chat      yes      yes
    hobby           other  work      planning  yes      yes
    health          me     private   tool      yes      yes
    health          me     private   chat      yes      yes
    health          other  private   tool      yes      yes
    health          me     work      tool      yes      no
    health          me     work      chat      yes      no
    health          past   family    tool      yes      no
    health          other  public    planning  yes      no
    health          me     private   chat      no       no
    money           me     private   tool      yes      yes
    money           me     family    tool      yes      no
    money           me     family    planning  yes      no
    identity        me     private   tool      yes      yes
    identity        me     private   chat      yes      yes
    identity        other  private   tool      yes      no
    identity        other  private   chat      yes      no
    identity        me     work      tool      yes      no
    identity        past   private   tool      yes      yes
    both            me     private   tool      yes      yes
    both            other  private   tool      yes      no
    both            me     work      chat      yes      no
    working         me     work      tool      yes      yes
    working         me     work      chat      yes      yes
    working         me     private   tool      yes      no
    working         me     private   chat      yes      no
    working         me     public    tool      yes      no
    planning        me     private   planning  yes      yes
    planning        me     work      planning  yes      yes
    planning        me     private   tool      yes      no
    planning        me     private   chat      yes      no
    taste           me     private   tool      yes      no
    taste           me     private   chat      yes      no
    taste           past   work      tool      yes      no
    waiting         me     private   tool      yes      no
    waiting         me     private   chat      yes      no
    waiting         past   private   tool      yes      no
    waiting         me     work      tool      yes      no
    waiting-health  me     private   tool      yes      no
    waiting-health  me     work      chat      yes      no
    old             me     private   tool      yes      no
    old             me     private   chat      yes      no
    old             past   private   tool      yes      yes
    old             past   private   chat      yes      yes
    old             past   work      tool      yes      yes
    old             other  work      tool      yes      no
    old             past   private   tool      no       no
    old-health      past   private   tool      yes      yes
    old-health      past   work      tool      yes      no
    old-health      me     private   chat      yes      no
"""


@dataclass(frozen=True)
class Case:
    """One row."""

    kind: str
    asks: str
    audience: str
    purpose: str
    consent: bool
    told: bool

    @property
    def question(self) -> str:
        return QUESTIONS[self.asks].format(word=KINDS[self.kind][0])

    @property
    def use_context(self) -> UseContext:
        return UseContext(self.audience, self.purpose)


def _rows() -> Iterator[Case]:
    for line in TABLE.strip().splitlines()[1:]:
        kind, asks, audience, purpose, consent, told = line.split()
        yield Case(kind, asks, audience, purpose, consent == "yes", told == "yes")


CASES = tuple(_rows())


def remembered(me: Assistant) -> dict[str, MemoryId]:
    """Let `me` know one memory of each kind, with two rules of the person's own."""
    for rule in RULES:
        me.rules.set(rule)
    found = dict[str, MemoryId]()
    for kind, (word, tags) in KINDS.items():
        text = f"I keep the {word} lamp with the {word} shade in the hall."
        [memory] = me.remember(text)
        me.profile.memories.retag(memory.id, tags)
        found[kind] = memory.id
    for kind in ("old", "old-health"):
        me.profile.memories.supersede(found[kind], by=found["taste"])  # which is told to nobody
    return found


@contextmanager
def consented(me: Assistant, case: Case) -> Iterator[None]:
    """Let memories be used to answer, or not, while a case is tried."""
    consent = me.profile.consent
    if case.consent:
        yield
        return
    consent.withdraw(Purpose.ANSWER, Category.MEMORIES)
    try:
        yield
    finally:
        consent.grant(Purpose.ANSWER, Category.MEMORIES, shown="May it?")
