"""Homeward: a local assistant that learns the person who uses it, and tells nobody."""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from homeward.assistant import Assistant
    from homeward.conversation.best_of_n import BestOfN
    from homeward.conversation.conversation import Conversation
    from homeward.conversation.reply import Reply
    from homeward.conversation.sources import Sources
    from homeward.errors import (
        Busy,
        Cancelled,
        CannotImport,
        CannotRead,
        CannotSee,
        ContextOverflow,
        DownloadFailed,
        EmptyQuestion,
        ImportCorrupt,
        ModelCorrupt,
        ModelError,
        ModelNotFound,
        StateMismatch,
        UnknownFormat,
        UnsupportedModel,
    )
    from homeward.importing import Taken
    from homeward.memory.recall import Match, RecallProfile
    from homeward.memory.unremembered import Remembered
    from homeward.opening import Created, create, open, people  # noqa: A004  # `homeward.open`
    from homeward.personalization.bias_audit import BiasAudit
    from homeward.policy.gate import Rule, UseContext
    from homeward.ports import Sampling
    from homeward.settings import Settings
    from homeward.taste import TasteTrial
    from homeward_store import (
        Attribute,
        Choice,
        ChoiceSource,
        Erasure,
        Keychain,
        Locked,
        Memory,
        Note,
        Origin,
        Passphrase,
        ProfileExists,
        ProfileInUse,
        ProfileMissing,
        Receipt,
        RecoveryCode,
        Selection,
        StoreError,
        Turn,
        Writing,
        WrongSecret,
        allow_debugger,
    )


__all__ = [
    "Assistant",
    "Attribute",
    "BestOfN",
    "BiasAudit",
    "Busy",
    "Cancelled",
    "CannotImport",
    "CannotRead",
    "CannotSee",
    "Choice",
    "ChoiceSource",
    "ContextOverflow",
    "Conversation",
    "Created",
    "DownloadFailed",
    "EmptyQuestion",
    "Erasure",
    "ImportCorrupt",
    "Keychain",
    "Locked",
    "Match",
    "Memory",
    "ModelCorrupt",
    "ModelError",
    "ModelNotFound",
    "Note",
    "Origin",
    "Passphrase",
    "ProfileExists",
    "ProfileInUse",
    "ProfileMissing",
    "RecallProfile",
    "Receipt",
    "RecoveryCode",
    "Remembered",
    "Reply",
    "Rule",
    "Sampling",
    "Selection",
    "Settings",
    "Sources",
    "StateMismatch",
    "StoreError",
    "Taken",
    "TasteTrial",
    "Turn",
    "UnknownFormat",
    "UnsupportedModel",
    "UseContext",
    "Writing",
    "WrongSecret",
    "allow_debugger",
    "create",
    "open",
    "people",
]

# Each name is fetched from its module when it is first used: an app that imports homeward at its
# top does not wait for arrays, ciphers and lexicons before its window is there. A test holds the
# table against the imports above, which are for type checkers.
_HOMES: dict[str, tuple[str, ...]] = {
    "homeward.assistant": ("Assistant",),
    "homeward.personalization.bias_audit": ("BiasAudit",),
    "homeward.conversation.conversation": ("Conversation",),
    "homeward.conversation.best_of_n": ("BestOfN",),
    "homeward.errors": (
        "Busy",
        "Cancelled",
        "CannotImport",
        "CannotRead",
        "CannotSee",
        "ContextOverflow",
        "DownloadFailed",
        "EmptyQuestion",
        "ImportCorrupt",
        "ModelCorrupt",
        "ModelError",
        "ModelNotFound",
        "StateMismatch",
        "UnknownFormat",
        "UnsupportedModel",
    ),
    "homeward.policy.gate": (
        "UseContext",
        "Rule",
    ),
    "homeward.importing": ("Taken",),
    "homeward.opening": (
        "Created",
        "create",
        "open",
        "people",
    ),
    "homeward.ports": ("Sampling",),
    "homeward.memory.recall": (
        "Match",
        "RecallProfile",
    ),
    "homeward.conversation.reply": ("Reply",),
    "homeward.settings": ("Settings",),
    "homeward.conversation.sources": ("Sources",),
    "homeward.taste": ("TasteTrial",),
    "homeward.memory.unremembered": ("Remembered",),
    "homeward_store": (
        "Attribute",
        "Choice",
        "ChoiceSource",
        "Erasure",
        "Keychain",
        "Locked",
        "Memory",
        "Note",
        "Origin",
        "Passphrase",
        "ProfileExists",
        "ProfileInUse",
        "ProfileMissing",
        "Receipt",
        "RecoveryCode",
        "Selection",
        "StoreError",
        "Turn",
        "Writing",
        "WrongSecret",
        "allow_debugger",
    ),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> object:
    """Fetch a public name from its module (PEP 562)."""
    if name not in _HOME_OF:
        raise AttributeError(f"module 'homeward' has no attribute {name!r}")
    value: object = getattr(import_module(_HOME_OF[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """List the public names, fetched or not."""
    return sorted({*globals(), *__all__})
