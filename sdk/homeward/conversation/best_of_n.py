"""
Best-of-n sampling generates several drafts of a reply and continues the chosen one.

Drafts are drawn one after the other over the same prompt in the KV cache: going back to it costs
one position, so n drafts need no room for n caches. Long replies are drafted in part, because the
person waits for all drafts before the first word is shown; of how much, docs/log.md measures.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from threading import Event

from homeward.errors import Cancelled, InvalidArgument
from homeward.ports import Segment, Session, Tokens
from homeward.sampling import Sampling

FREER = 0.8
"""The temperature of a second reply, at least: at a lower one it is the first one again."""

Choose = Callable[[Sequence[str]], int]


@dataclass(frozen=True, slots=True)
class BestOfN:
    """
    Best-of-n sampling: draft `count` replies of `ahead` tokens each, and continue one.

    Each draft makes the first word come `ahead` tokens later.
    """

    count: int = 3
    ahead: int = 64

    def __post_init__(self) -> None:
        if self.count < 2 or self.ahead < 1:
            raise InvalidArgument(
                f"count must be at least 2 and ahead at least 1 (got count={self.count}, "
                f"ahead={self.ahead})"
            )


DRAFTING = BestOfN()


@dataclass(frozen=True, slots=True)
class Draft:
    """The beginning of a reply, or, where it ended by itself, all of it."""

    tokens: Tokens = ()
    text: str = ""
    whole: bool = False


def worth_drafting(sampling: Sampling) -> bool:
    """
    Return whether a second draft can differ, and can be compared by its beginning.

    Greedy replies are always the same, and what a thought begins with tells nothing of a reply.
    """
    told = sampling.thinking or sampling.top_logprobs is not None  # of each token, as it is drawn
    return sampling.temperature > 0 and sampling.max_tokens > 0 and not told


def freer(sampling: Sampling) -> Sampling:
    """Return settings at which a second reply is likely to be another one."""
    return replace(sampling, temperature=max(sampling.temperature, FREER))


def best_draft(
    session: Session,
    segments: Sequence[Segment],
    sampling: Sampling,
    *,
    drafting: BestOfN,
    choose: Choose,
    cancel: Event | None = None,
) -> Draft:
    """
    Draft several beginnings, and leave the session at the end of the chosen one.

    The first draft is what the model would have said without this; the others are drawn freer.

    Raises:
        Cancelled: `cancel` was set.
    """
    drafts: list[Draft] = []
    for at in range(drafting.count):
        session.feed(segments, cancel=cancel)
        how = sampling if at == 0 else _another(freer(sampling), at)
        short = replace(how, max_tokens=min(drafting.ahead, sampling.max_tokens))
        text = "".join(session.generate(short, cancel=cancel))
        if cancel is not None and cancel.is_set():
            raise Cancelled(f"cancelled after {at} of {drafting.count} drafts")
        whole = session.stopped_by in {"end", "stop", "context"}
        drafts.append(Draft(session.generated, text, whole))
    best = drafts[choose([draft.text for draft in drafts])]
    session.feed([*segments, best.tokens], cancel=cancel)
    return best


def _another(sampling: Sampling, at: int) -> Sampling:
    """The same settings with another seed; a fresh one stays a fresh one."""
    return sampling if sampling.seed is None else replace(sampling, seed=sampling.seed ^ at)
