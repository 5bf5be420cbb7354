"""
An offer states what is summed, with whom, at what privacy cost, and whose keys to trust.

A file that an operator gives out, or that an app brings along; whoever shows it shows `text`.
Knows its form, docs/formats/federation-offer-v2.md, and no storage.
"""

import hashlib
import json
import unicodedata
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, ClassVar

from homeward_federated.errors import Malformed
from homeward_federated.priors.round_policy import Policy
from homeward_federated.privacy.accounting import epsilon, largest_rho, rho
from homeward_federated.privacy.budget import Allowance
from homeward_federated.wire.fields import AsciiLine, AsciiLines, Field, Octets, Place
from homeward_federated.wire.messages import KEY_BYTES

_FORMAT, _VERSION = "homeward-federation-offer", 2
MAX_OFFER_BYTES = 1 << 16
# What decides; below it the noise that the offer promises protects few: docs/federation/trust.md.
_SMALL_COHORT = 200


@dataclass(frozen=True, slots=True)
class Offer:
    """
    What a person is asked to join, in numbers, and where it takes place.

    Raises:
        Malformed: a text could be taken for more than one, or a number is out of its bounds.
    """

    SHAPES: ClassVar[Mapping[str, Field]] = {
        "summary": AsciiLine(240),
        "operator": AsciiLine(80),
        "authority": AsciiLine(80),
        "operator_key": Octets(KEY_BYTES),
        "authority_key": Octets(KEY_BYTES),
        "address": Place(255),
        "ca": AsciiLines(1 << 15),
        "priors": Place(1024),
    }
    summary: str  # one sentence: what the numbers mean
    operator: str  # who runs the server
    authority: str  # who admits devices
    policy: Policy
    allowance: Allowance  # the person's own: an operator cannot set it
    operator_key: bytes  # signs terms and priors
    authority_key: bytes  # signs certificates
    address: str  # host:port of the SuperLink
    ca: str  # PEM: who vouches for the SuperLink's certificate
    priors: str = ""  # URL or path of the newest published prior

    def __post_init__(self) -> None:
        for name, shape in self.SHAPES.items():
            shape.check(getattr(self, name), name=name)
        self.policy.check()

    def encode(self) -> bytes:
        """Return the file."""
        body = asdict(self)
        del body["allowance"]
        for name in ("operator_key", "authority_key"):
            body[name] = body[name].hex()
        head = {"format": _FORMAT, "version": _VERSION}
        return json.dumps(head | body, indent=2, sort_keys=True).encode() + b"\n"

    @classmethod
    def decode(cls, data: bytes, *, allowance: Allowance | None = None) -> "Offer":
        """
        Return the offer in a file.

        Raises:
            Malformed: it is none, or has fields that this version does not know.
        """
        if len(data) > MAX_OFFER_BYTES:
            raise Malformed(f"an offer of {len(data)} bytes")
        try:
            body = json.loads(data)
            head = (body.pop("format"), body.pop("version"))
            body["policy"] = Policy(**_typed(Policy, body["policy"]))
            for name in ("operator_key", "authority_key"):
                body[name] = bytes.fromhex(body[name])
            typed = _typed(cls, body)
            made = cls(**typed, allowance=allowance or Allowance())
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise Malformed(f"the file does not hold an offer ({type(error).__name__})") from None
        if head != (_FORMAT, _VERSION):
            raise Malformed("the file is not an offer, or of another version")
        return made

    @property
    def rounds_per_year(self) -> int:
        """How many rounds fit into the yearly epsilon."""
        allowed = largest_rho(self.allowance.epsilon_per_year, delta=self.allowance.delta)
        return int(allowed / rho(self.policy.min_noise_multiplier))

    @property
    def text(self) -> str:
        """What the person reads before agreeing."""
        policy, allowance = self.policy, self.allowance
        once = epsilon(rho(policy.min_noise_multiplier), delta=allowance.delta)
        numbers = "one number" if policy.dims == 1 else f"{policy.dims} numbers"
        what = (
            f"What leaves: {numbers}, added to those of other devices, at least "
            f"{policy.min_survivors} together, and to noise, before anyone can read a sum."
        )
        cost = (
            f"What the server could learn about you: at most epsilon {once:.2f} a round and "
            f"{allowance.epsilon_per_year:.2f} a year ({self.rounds_per_year} rounds), at delta "
            f"{allowance.delta:g}; never more than {allowance.epsilon_lifetime:.2f} in all. This "
            f"holds while at most {policy.max_colluders:.0%} of a round's devices work together "
            "with it."
        )
        lines = [
            f"Task: {policy.task}. In the operator's words: “{self.summary}”",
            what,
            f"Who runs the server: “{self.operator}”, key {self.operator_key.hex()[:16]}.",
            f"Where: “{self.address}”.",
            f"Who admits devices: “{self.authority}”, key {self.authority_key.hex()[:16]}.",
            cost,
            "The server sees that you take part, and when.",
            *self._warnings(),
            "You can leave at any time; what was summed before cannot be taken back.",
        ]
        return "\n".join(lines)

    def _warnings(self) -> list[str]:
        warnings = []
        if _alike(self.operator, self.authority) or self.operator_key == self.authority_key:
            warnings.append(
                "The same party runs the server and admits devices: it could surround you with "
                "devices of its own. Join only if you trust it not to."
            )
        if self.policy.min_cohort < _SMALL_COHORT:
            warnings.append(
                f"A cohort of {self.policy.min_cohort} is for rehearsals: few devices carry the "
                "noise, and each that colludes with the server takes its part away."
            )
        return warnings

    @property
    def hash(self) -> bytes:
        """What a consent is bound to: other words, keys or places need another consent."""
        return hashlib.sha256(self.text.encode() + b"\0" + self.encode()).digest()


def _alike(name: str, other: str) -> bool:
    return unicodedata.normalize("NFKC", name).casefold() == (
        unicodedata.normalize("NFKC", other).casefold()
    )


def _typed(kind: type, body: Any) -> dict[str, Any]:  # noqa: ANN401  # JSON of unknown shape
    """Return `body` if its values have the types that `kind` declares; integers pass as floats."""
    expected = {one.name: one.type for one in fields(kind)}
    for name, value in body.items():
        wanted = expected[name]
        if wanted is float and type(value) is int:
            body[name] = float(value)
        elif type(value) is not wanted:
            raise TypeError(name)
    return dict(body)
