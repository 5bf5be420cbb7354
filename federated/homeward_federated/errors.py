"""
These errors can occur in a federated round; each says what the caller should do.

    FederatedError
    ├── NotJoined            do nothing: the person has not joined this task
    ├── NothingToShare       do nothing: the person has chosen too little for a vector of their own
    ├── BudgetExhausted      skip this round: the privacy budget does not cover it
    ├── TermsRefused         skip this round: it offers less than this device's policy demands
    ├── LedgerDamaged        stop federating: what was spent can no longer be known
    ├── TooFewSurvivors      drop the round: nothing was opened
    ├── RoundSpoiled         drop the sum; run again without the devices it names
    ├── PriorRefused         keep the prior you have
    ├── ServerUnreachable    try again later
    └── ProtocolViolation    drop the message; the round's state is as it was
        ├── Malformed            the bytes are not such a message
        ├── WrongSigner          not signed by the key it names, or that key is not enrolled
        └── OutOfOrder           the round is not at this stage, or the sender already answered
"""


class FederatedError(Exception):
    """A federated round cannot go on."""


class NotJoined(FederatedError):
    """The person has not joined this task, or has left it."""


class NothingToShare(FederatedError):
    """Taking part would cost privacy and add nothing: there are too few choices to learn from."""


class BudgetExhausted(FederatedError):
    """Taking part would spend more privacy than the person allowed."""


class TermsRefused(FederatedError):
    """The operator's terms are weaker than, or different from, what this device accepts."""


class LedgerDamaged(FederatedError):
    """The privacy ledger was cut, changed or rolled back, or the clock went backwards."""


class TooFewSurvivors(FederatedError):
    """Fewer devices stayed than the round's terms promise to each of them."""


class RoundSpoiled(FederatedError):
    """
    The sum could not be opened, or cannot be what honest devices would have sent.

    `culprits` holds the identity keys of devices whose own signed messages prove it; it is empty
    when a device cannot be told from its peers.
    """

    def __init__(self, message: str, *, culprits: frozenset[bytes] = frozenset()) -> None:
        super().__init__(message)
        self.culprits = culprits


class PriorRefused(FederatedError):
    """A published prior is not signed, not newer, or not a continuation of the one held."""


class ServerUnreachable(FederatedError):
    """The server could not be reached, or ended the connection."""


class ProtocolViolation(FederatedError):
    """A message arrived that the round's terms do not allow."""


class Malformed(ProtocolViolation):
    """The bytes do not decode to the message that they should be."""


class WrongSigner(ProtocolViolation):
    """A signature or certificate does not verify."""


class OutOfOrder(ProtocolViolation):
    """A message for another stage, another round, or a second answer to the same one."""
