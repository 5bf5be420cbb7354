"""Presents the person's attributes as a mapping."""

import warnings
from collections.abc import Callable, Iterator, MutableMapping

from homeward.errors import NoSuchKey
from homeward.policy.sensitivity import Sensitivity
from homeward.prompting.prompt import shown
from homeward.prompting.style_settings import meant
from homeward_store import Attribute, AttributeId, AttributeValue, Origin
from homeward_store.repositories.attributes import Attributes
from homeward_store.typed import doors


@doors
class PersonAttributes(MutableMapping[str, AttributeValue]):
    """
    What is true of the person now, by key: `me.attributes["name"] = "Ada"`.

    Setting a key again keeps the older value as history; deleting one forgets the key, its history
    and all that was derived from it.
    """

    def __init__(
        self,
        stored: Attributes,
        sensitivity: Sensitivity,
        forget: Callable[[list[AttributeId]], object],
    ) -> None:
        self._stored = stored
        self._sensitivity = sensitivity
        self._forget = forget

    def __getitem__(self, key: str) -> AttributeValue:
        attribute = self._stored.get(key)
        if attribute is None:
            raise NoSuchKey(f"there is no attribute {key!r}")
        return attribute.value

    def __setitem__(self, key: str, value: AttributeValue) -> None:
        self.set(key, value)

    def __delitem__(self, key: str) -> None:
        history = self._stored.history(key)
        if not history:
            raise NoSuchKey(f"there is no attribute {key!r}")
        self._forget([attribute.id for attribute in history])

    def __iter__(self) -> Iterator[str]:
        return (attribute.key for attribute in self._stored.all())

    def __len__(self) -> int:
        return len(self._stored.all())

    def tag(self, key: str, *tags: str) -> None:
        """
        Replace the tags that the gate reads on a key.

        Raises:
            NotFound: there is no such key.
        """
        self._stored.retag(key, tags)

    def tag_by_words(self, key: str) -> None:
        """
        Give a key the tags that it and its value carry, beside those that it has.

        Raises:
            NoSuchKey: there is no such key.
        """
        stored = self._stored.get(key)
        if stored is None:
            raise NoSuchKey(f"there is no attribute {key!r}")
        self._stored.retag(key, (*stored.tags, *self._tags(key, stored.value)))

    def set(
        self,
        key: str,
        value: AttributeValue,
        *,
        tags: tuple[str, ...] | None = None,
        source: Origin = Origin.PERSON,
    ) -> Attribute:
        """
        Set a value with the tags that the gate reads; None: those that key and value carry.

        With None, what the person tagged the key with beyond its words stays on the new value.

        Warns:
            UserWarning: the key nearly names a setting of style, and names none.
        """
        if near := meant(key):
            warnings.warn(f"there is no setting {key!r}; {near} is one", stacklevel=3)
        if tags is None:
            tags = self._tags(key, value)
        return self._stored.set(key, value, tags=tags, source=source)

    def _tags(self, key: str, value: AttributeValue) -> tuple[str, ...]:
        older = self._stored.get(key)
        values = [value] if older is None else [value, older.value]
        carried, *before = self._sensitivity.tags([f"{key}: {shown(one)}" for one in values])
        given = () if older is None else set(older.tags).difference(*before)
        return (*carried, *given)
