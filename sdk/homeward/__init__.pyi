"""The public names of `homeward`, each with the module that it comes from."""

from homeward.assistant import (
    Assistant as Assistant,
)
from homeward.conversation.best_of_n import (
    BestOfN as BestOfN,
)
from homeward.conversation.conversation import (
    Conversation as Conversation,
)
from homeward.conversation.reply import (
    Reply as Reply,
)
from homeward.conversation.sources import (
    Sources as Sources,
)
from homeward.engine_settings import (
    EngineSettings as EngineSettings,
    KvType as KvType,
    RopeScaling as RopeScaling,
)
from homeward.errors import (
    ERRORS as ERRORS,
    BadCatalogue as BadCatalogue,
    Busy as Busy,
    Cancelled as Cancelled,
    CannotFit as CannotFit,
    CannotImport as CannotImport,
    CannotRead as CannotRead,
    CannotSee as CannotSee,
    CannotWrite as CannotWrite,
    ContextOverflow as ContextOverflow,
    DownloadFailed as DownloadFailed,
    EmptyQuestion as EmptyQuestion,
    HomewardError as HomewardError,
    ImageCorrupt as ImageCorrupt,
    ImageError as ImageError,
    ImageUnreadable as ImageUnreadable,
    ImportCorrupt as ImportCorrupt,
    InvalidArgument as InvalidArgument,
    LicenceNotAccepted as LicenceNotAccepted,
    ModelCorrupt as ModelCorrupt,
    ModelError as ModelError,
    ModelNotFound as ModelNotFound,
    NoSuchKey as NoSuchKey,
    NotLoopback as NotLoopback,
    PortTaken as PortTaken,
    StateMismatch as StateMismatch,
    TooFewChoices as TooFewChoices,
    TooLittleToLearn as TooLittleToLearn,
    UnknownFormat as UnknownFormat,
    UnknownImageFormat as UnknownImageFormat,
    UnreadableItems as UnreadableItems,
    UnsupportedModel as UnsupportedModel,
    WriterUnknown as WriterUnknown,
)
from homeward.importing import (
    LeftOut as LeftOut,
    Taken as Taken,
)
from homeward.memory.recall import (
    Match as Match,
    RecallProfile as RecallProfile,
)
from homeward.memory.unremembered import (
    Remembered as Remembered,
)
from homeward.model_traits import (
    ModelTraits as ModelTraits,
)
from homeward.opening import (
    Created as Created,
    create as create,
    open as open,  # noqa: A004  `homeward.open`
    people as people,
)
from homeward.personalization.bias_audit import (
    BiasAudit as BiasAudit,
)
from homeward.policy.gate import (
    Rule as Rule,
    UseContext as UseContext,
)
from homeward.sampling import Sampling as Sampling
from homeward.settings import (
    Settings as Settings,
)
from homeward.taste import (
    TasteTrial as TasteTrial,
)
from homeward_federated.errors import (
    BudgetExhausted as BudgetExhausted,
    FederatedError as FederatedError,
    LedgerDamaged as LedgerDamaged,
    Malformed as Malformed,
    NothingToShare as NothingToShare,
    NotJoined as NotJoined,
    OutOfOrder as OutOfOrder,
    PriorRefused as PriorRefused,
    ProtocolViolation as ProtocolViolation,
    RoundSpoiled as RoundSpoiled,
    ServerUnreachable as ServerUnreachable,
    TermsRefused as TermsRefused,
    TooFewSurvivors as TooFewSurvivors,
    WrongSigner as WrongSigner,
)
from homeward_store import (
    Attribute as Attribute,
    Choice as Choice,
    ChoiceSource as ChoiceSource,
    Erasure as Erasure,
    Keychain as Keychain,
    Memory as Memory,
    Note as Note,
    Origin as Origin,
    Passphrase as Passphrase,
    Receipt as Receipt,
    RecoveryCode as RecoveryCode,
    Selection as Selection,
    Turn as Turn,
    Writing as Writing,
    allow_debugger as allow_debugger,
)
from homeward_store.errors import (
    AnchorMissing as AnchorMissing,
    BlobCorrupt as BlobCorrupt,
    BudgetExceeded as BudgetExceeded,
    CommitsLost as CommitsLost,
    ConsentRequired as ConsentRequired,
    Damaged as Damaged,
    EncryptionMissing as EncryptionMissing,
    ForkedStore as ForkedStore,
    InvalidRecoveryCode as InvalidRecoveryCode,
    InvalidText as InvalidText,
    InvalidValue as InvalidValue,
    KeychainEntryMissing as KeychainEntryMissing,
    KeychainUnavailable as KeychainUnavailable,
    KeyslotsCorrupt as KeyslotsCorrupt,
    KeyslotsMissing as KeyslotsMissing,
    LastSlot as LastSlot,
    Locked as Locked,
    NotFound as NotFound,
    ProfileExists as ProfileExists,
    ProfileInUse as ProfileInUse,
    ProfileMissing as ProfileMissing,
    RollbackDetected as RollbackDetected,
    SealedFileCorrupt as SealedFileCorrupt,
    SlotMissing as SlotMissing,
    SourceForgotten as SourceForgotten,
    SpaceMismatch as SpaceMismatch,
    StoreBusy as StoreBusy,
    StoreClosed as StoreClosed,
    StoreCorrupt as StoreCorrupt,
    StoreEmpty as StoreEmpty,
    StoreError as StoreError,
    StoreFailed as StoreFailed,
    StoreFull as StoreFull,
    StoreHeaderCorrupt as StoreHeaderCorrupt,
    StoreMissing as StoreMissing,
    StoreOverlong as StoreOverlong,
    StorePlaintext as StorePlaintext,
    StoreTooNew as StoreTooNew,
    StoreTruncated as StoreTruncated,
    StoreUnwritable as StoreUnwritable,
    WrongSecret as WrongSecret,
    WrongType as WrongType,
)
