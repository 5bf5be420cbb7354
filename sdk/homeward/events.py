"""
Publishes events as values to an app's listeners.

Listeners are called at once, on the thread where it happened, so they have to be quick. One that
raises is left out: an app's window must not keep a memory from being written.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from threading import RLock

from homeward_store.typed import doors

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class MemoryWritten:
    """Memories were made of what the person gave or said."""

    memories: tuple[int, ...]
    source: str  # kind of what they were made of


@dataclass(frozen=True, slots=True)
class ModelLoaded:
    """The language model was loaded; `notices` are what is not as was asked for."""

    name: str
    notices: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Forgotten:
    """Something was erased."""

    receipt: int
    erased: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class LearningProgress:
    """Learning has taken a step."""

    done: float  # 0 to 1, of the epochs that there are at most
    held_loss: float
    seconds_left: float  # at most
    ended: str = ""  # why it goes no further, where it does not


@dataclass(frozen=True, slots=True)
class TrialDecided:
    """Something was learned, tried on held-back data, and switched on or left off."""

    on: bool
    gain: float
    items: int


@dataclass(frozen=True, slots=True)
class SwitchedOff:
    """A consent was withdrawn or a topic denied, and what was learned from it is used no more."""

    what: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ConsentAsked:
    """Something needs the person's yes: `who` asked (a client, or Homeward itself) for `what`."""

    who: str
    what: str


@dataclass(frozen=True, slots=True)
class Closed:
    """The assistant was closed; nothing comes after it."""


Event = (
    MemoryWritten
    | ModelLoaded
    | Forgotten
    | LearningProgress
    | TrialDecided
    | SwitchedOff
    | ConsentAsked
    | Closed
)
Listener = Callable[[Event], None]


@doors
class Events:
    """Passes the events of one assistant to its listeners. Any thread may subscribe and publish."""

    def __init__(self) -> None:
        self._listeners: list[tuple[Listener, tuple[type[Event], ...]]] = []
        self._lock = RLock()  # a signal may close while its thread is in here

    def subscribe(self, listener: Listener, *kinds: type[Event]) -> Callable[[], None]:
        """Call `listener` for events of these kinds, or of all; what is returned ends it."""
        entry = (listener, kinds)
        with self._lock:
            self._listeners.append(entry)

        def end() -> None:
            with self._lock:
                if entry in self._listeners:
                    self._listeners.remove(entry)

        return end

    def close(self) -> None:
        """Tell everybody that nothing comes any more. Closing twice is fine."""
        self.publish(Closed())
        with self._lock:
            self._listeners.clear()

    def publish(self, event: Event) -> None:
        """Tell those who listen to events of this kind."""
        with self._lock:
            listeners = list(self._listeners)
        for listener, kinds in listeners:
            if kinds and not isinstance(event, kinds):
                continue
            try:
                listener(event)
            except Exception as error:  # noqa: BLE001  the app's own
                # Its kind only: the message may hold what the event was about.
                _LOG.warning("a listener failed: %s", type(error).__name__)
