"""
A membership holds one device's keys, policy and budget for one joined task.

There is no membership before the person agreed, and none after they left: consent makes and ends
them. Knows values only.
"""

from dataclasses import dataclass, field

from homeward_federated.priors.round_policy import Policy
from homeward_federated.privacy.budget import Allowance
from homeward_federated.secure_aggregation.identity import SigningKey


@dataclass(frozen=True, slots=True, eq=False)
class Membership:
    """What a device needs to take part in a task's rounds."""

    identity: SigningKey = field(repr=False)
    certificate: bytes
    authority: bytes  # public key that admits identities; not the operator's
    operator: bytes  # public key that signs terms and priors
    policy: Policy
    allowance: Allowance
