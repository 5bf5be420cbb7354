"""Trains the person's soft prompt, and switches it on and off; each change reaches open chats."""

from collections.abc import Callable

from homeward.conversation.components import ConversationComponents
from homeward.events import Events, TrialDecided
from homeward.learning.controls import Controls
from homeward.learning.soft_prompt_store import (
    SavedSoftPrompt,
    SoftPromptStore,
    TrainingResult,
    categories_of,
)
from homeward.personalization.training_events import publishing_progress
from homeward_store import Profile, Purpose


class LearnedStyle:
    """The soft prompts of one person, one for each language model that they trained."""

    def __init__(
        self,
        profile: Profile,
        events: Events,
        *,
        train: Callable[[ConversationComponents, Controls], TrainingResult],
        components: Callable[[], ConversationComponents],
        changed: Callable[[], None],
    ) -> None:
        self._profile = profile
        self._events = events
        self._train = train
        self._components = components  # asked late: it loads the language model
        self._changed = changed

    def train(self, controls: Controls) -> TrainingResult:
        """Train, decide by the trial, and publish both."""
        components = self._components()
        with publishing_progress(controls, self._events) as published:
            result = self._train(components, published)
        self._changed()
        if result.finished:
            verdict = result.state.record.verdict
            self._events.publish(TrialDecided(result.state.on, verdict.gain, verdict.items))
        return result

    @property
    def current(self) -> SavedSoftPrompt | None:
        """The one of the language model in use, whether on or off."""
        return self._store.find(self._components().model.info.sha256)

    def all(self) -> list[SavedSoftPrompt]:
        """Return those of all language models."""
        return self._store.all()

    def switch(self, *, on: bool) -> SavedSoftPrompt | None:
        """
        Switch the current one on or off; None: there is none.

        Raises:
            ConsentRequired: `on`, and there is no consent to learn from what it was trained on.
        """
        with self._profile.transaction():  # so that nothing of it is forgotten in between
            state = self.current
            if state is None:
                return None
            for category in categories_of(state.record):
                if on:
                    self._profile.consent.require(Purpose.LEARN, category)
            state = self._store.switch(state, on=on)
        self._changed()
        return state

    @property
    def _store(self) -> SoftPromptStore:
        return SoftPromptStore(self._profile.blobs)
