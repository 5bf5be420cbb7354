"""
The numbers that one person would contribute to a round, computed from what they let be used.

Reads the profile; sends nothing.
"""

from collections.abc import Callable

import numpy as np

from homeward.federation import exchanged_numbers
from homeward.federation.storage import KeptPrior
from homeward.learning.soft_prompt_prior import shipped_prior
from homeward.learning.soft_prompt_store import SoftPromptStore, categories_of
from homeward.taste import Comparisons, PersonalTaste, blend, fit
from homeward.taste.weight_prior import Floats
from homeward_federated.enrolment.offer import Offer
from homeward_federated.errors import LedgerDamaged, NothingToShare, NotJoined
from homeward_federated.priors import canary
from homeward_federated.priors.published_prior import PublishedPrior
from homeward_store import ConsentRequired, Profile, Purpose, RollbackDetected

FEWEST_CHOICES = 8  # fewer say next to nothing, and a round costs a ninth of the year's privacy
_HELD_BACK = 3  # of a canary's choices, the newest third tell which prior predicts them


class Contribution:
    """
    Computes the numbers that one person contributes to a round.

    `shares_style` tells whether a task's rounds may take the learned style, too; asked each time.
    """

    def __init__(
        self,
        profile: Profile,
        taste: Callable[[], PersonalTaste],
        shares_style: Callable[[str], bool],
    ) -> None:
        self._profile, self._taste, self._shares_style = profile, taste, shares_style
        self._prior = KeptPrior(profile)

    def start(self, offer: Offer) -> PublishedPrior:
        """Return the prior that a round of a task starts from."""
        policy, held = offer.policy, self._prior.load()
        if held is not None and policy.code == exchanged_numbers.CANARY:
            return canary.question(policy.task, about=held)
        if held is not None and held.groups.shape == (policy.groups, policy.dims):
            return held
        return PublishedPrior.blank(policy.task, dims=policy.dims, groups=policy.groups)

    def of_round(self, task: str, start: PublishedPrior) -> Floats:
        """
        Return the person's numbers, given the round's prior. Asks for consent anew.

        Shapes:
            Returns (dims,) float64, as many as the prior has.

        Guarantees:
            Nothing that was forgotten while they were computed is in them.

        Raises:
            NotJoined: the person does not consent (any more).
            NothingToShare: fewer than eight choices, or the priors to compare are not both here.
            LedgerDamaged: the profile was put back to an older state.
        """
        erasures = self._profile.erasures
        while True:
            since, style = erasures.count, self._shares_style(task)
            data = self.comparisons(task)
            numbers = self.numbers(data, start, style=style)
            with self._profile.transaction():  # so that nothing is forgotten in between
                if erasures.count == since and style == self._shares_style(task):
                    return numbers

    def numbers(self, data: Comparisons, start: PublishedPrior, *, style: bool) -> Floats:
        """
        Return the person's numbers by these comparisons, from a prior.

        Shapes:
            Returns (dims,) float64, as many as the prior has.

        Raises:
            NothingToShare: the priors to compare are not both here.
        """
        if len(start.everyone) == 1:
            return self._gain(data, start)
        return exchanged_numbers.vector(
            self._weights(data, start), self._style() if style else None, start=start
        )

    def _weights(self, data: Comparisons, start: PublishedPrior) -> dict[str, float]:
        stranger = self._taste().stranger
        learned = fit(data, blend(exchanged_numbers.groups(start, stranger), data))
        return dict(zip(stranger.names, learned.mean.tolist(), strict=True))

    def _style(self) -> Floats | None:
        """
        The soft prompt in use, (SOFT,); none where it was not learned in the shipped basis.

        Nor where a kind that it was learned from may not be learned from any more.
        """
        basis = shipped_prior()
        state = SoftPromptStore(self._profile.blobs).in_basis(basis.sha256)
        if state is None or not all(
            self._profile.consent.allows(Purpose.LEARN, category)
            for category in categories_of(state.record)
        ):
            return None
        return exchanged_numbers.soft_numbers(basis.coordinates(state.soft.vectors))

    def _gain(self, data: Comparisons, asked: PublishedPrior) -> Floats:
        """How many more of the newest choices the prior that is asked about predicts: (1,)."""
        new, old = self._prior.load(), self._prior.before()
        if new is None or old is None or new.hash != asked.previous:
            raise NothingToShare("this device lacks one of the two prior versions to compare")
        held = data.ids[len(data) - len(data) // _HELD_BACK :]
        tests = data.differences[[one in set(held) for one in data.ids]]
        weights = self._weights(data.without(held), old)
        names = self._taste().stranger.names
        return canary.gain(
            np.array([weights[name] for name in exchanged_numbers.TASTE]),
            exchanged_numbers.pairs(names, tests),
            old=exchanged_numbers.taste_of(old),
            new=exchanged_numbers.taste_of(new),
        )

    def comparisons(self, task: str) -> Comparisons:
        """
        Return the choices that a task may take.

        Raises:
            NotJoined: the person does not consent. NothingToShare: there are fewer than eight.
            LedgerDamaged: the profile was put back to an older state.
        """
        try:
            choices = self._profile.reading_for(Purpose.CONTRIBUTE, task=task).choices.all()
        except ConsentRequired:
            raise NotJoined(f"there is no consent to contribute to {task}") from None
        except RollbackDetected as error:
            raise LedgerDamaged(str(error)) from None
        if len(choices) < FEWEST_CHOICES:
            raise NothingToShare(f"{len(choices)} choices, {FEWEST_CHOICES} needed")
        return self._taste().comparisons(choices)
