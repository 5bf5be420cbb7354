"""
The device's side of a round takes the server's message and returns the answer, without I/O.

    Invited ─Invitation→ Committed ─Commitments→ Advertised ─Roster→
    Dealt ─Inbox→ Sent ─Survivors→ Agreed ─Agreements→ Over

The first three states are in entering, the others in contributing. Each is a value that holds only
what the later ones need: keys are dropped with the state that used them last. An answer that
raises leaves the state, and the ledger, as they were; an answer that is given moves on, so no
question is ever answered twice. Source: Bonawitz et al. 2017 (the variant against an active
server).
"""

from homeward_federated.enrolment.membership import Membership
from homeward_federated.privacy import budget as ledgers
from homeward_federated.privacy.budget import BudgetLedger
from homeward_federated.rounds.entering import UNSENT, Invited
from homeward_federated.rounds.round_state import Contribution, Over, State
from homeward_federated.rounds.stage_names import DeviceStage


class DeviceRound:
    """
    One round on one device.

    Guarantees:
        Before the last answer, nothing that depends on the person's vector leaves unmasked.
        The last answer is given only when at least `min_survivors` enrolled devices have signed
        the same set of survivors; each honest one of them added its share of the noise.
    """

    def __init__(
        self, membership: Membership, *, ledger: BudgetLedger, contribution: Contribution
    ) -> None:
        self._state: State = Invited(membership, ledger, contribution)

    @property
    def stage(self) -> DeviceStage:
        """What the device has done last."""
        return self._state.STAGE

    def receive(self, data: bytes, *, now: int) -> bytes:
        """
        Return the answer to the server's message.

        Raises:
            FederatedError: the message is refused; the state is as it was.
        """
        self._state, answer = self._state.answer(data, now=now)
        return answer

    def leave(self, *, now: int) -> None:
        """Drop the round and its keys; give back the reservation if nothing was sent."""
        state, self._state = self._state, Over()
        if isinstance(state, UNSENT):
            ledgers.abandon(state.round.ledger, state.round.entry, now=now)
