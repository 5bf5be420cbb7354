"""Homeward: a local assistant that learns the person who uses it, and tells nobody."""

from homeward.assistant import Assistant, Created, Settings
from homeward.auditing import BiasAudit
from homeward.conversation import Conversation
from homeward.drafting import Drafting
from homeward.errors import (
    Cancelled,
    ContextOverflow,
    DownloadFailed,
    EmptyQuestion,
    ModelCorrupt,
    ModelError,
    ModelNotFound,
    StateMismatch,
    UnsupportedModel,
)
from homeward.gate import Moment, Rule
from homeward.opening import create, open, people  # noqa: A004  # `homeward.open`
from homeward.ports import Sampling
from homeward.recall import Recalled, RecallProfile
from homeward.reply import Reply, Sources
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
)

__all__ = [
    "Assistant",
    "Attribute",
    "BiasAudit",
    "Cancelled",
    "Choice",
    "ChoiceSource",
    "ContextOverflow",
    "Conversation",
    "Created",
    "DownloadFailed",
    "Drafting",
    "EmptyQuestion",
    "Erasure",
    "Keychain",
    "Locked",
    "Memory",
    "ModelCorrupt",
    "ModelError",
    "ModelNotFound",
    "Moment",
    "Note",
    "Origin",
    "Passphrase",
    "ProfileExists",
    "ProfileInUse",
    "ProfileMissing",
    "RecallProfile",
    "Recalled",
    "Receipt",
    "RecoveryCode",
    "Reply",
    "Rule",
    "Sampling",
    "Selection",
    "Settings",
    "Sources",
    "StateMismatch",
    "StoreError",
    "TasteTrial",
    "Turn",
    "UnsupportedModel",
    "Writing",
    "WrongSecret",
    "create",
    "open",
    "people",
]
