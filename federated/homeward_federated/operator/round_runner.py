"""
Runs an operator's rounds: makes the terms, runs the round and publishes its result.

Knows the order; the folder keeps what comes of it, `flower` carries the messages.
"""

import os
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from homeward_federated.errors import FederatedError
from homeward_federated.operator.folder import OperatorHome, OperatorSettings
from homeward_federated.operator.stage_conductor import Conductor
from homeward_federated.priors import canary
from homeward_federated.priors.published_prior import PublishedPrior
from homeward_federated.priors.server_update import Noise, Pace, advance, seed_groups, tend
from homeward_federated.privacy.accounting import epsilon, rho
from homeward_federated.rounds.server import Opened, ServerRound
from homeward_federated.transport.transport import Carrier
from homeward_federated.wire.messages import ROUND_ID_BYTES, Terms


def next_terms(settings: OperatorSettings, prior: PublishedPrior, *, now: int) -> Terms:
    """Return the terms of a round that begins now: exactly what the policy demands."""
    policy = settings.policy
    return Terms(
        round_id=os.urandom(ROUND_ID_BYTES),
        task=policy.task,
        code=policy.code,
        prior_hash=prior.hash,
        dims=policy.dims,
        groups=policy.groups,
        scale=policy.scale,
        clip=policy.clip,
        noise_multiplier=policy.min_noise_multiplier,
        min_cohort=policy.min_cohort,
        max_cohort=settings.max_cohort,
        min_survivors=policy.min_survivors,
        max_colluders=policy.max_colluders,
        opens_at=now - 60,  # clocks differ
        closes_at=now - 60 + policy.longest_seconds,
    )


def run_rounds(home: OperatorHome, carrier: Carrier, *, count: int) -> None:
    """Run `count` rounds one after the other; a round that fails is recorded, not repeated."""
    for _ in range(count):
        run_one(home, carrier)


def run_one(home: OperatorHome, carrier: Carrier) -> Opened | None:
    """Run one round, do what it leads to, and record it."""
    settings, now = home.settings(), int(time.time())
    prior = _asked(home, settings)
    terms = next_terms(settings, prior, now=now)
    server = ServerRound(
        terms, operator=home.operator, authority=home.authority, prior=prior.encode()
    )
    conductor = Conductor(carrier, patience=settings.patience)
    entry: dict[str, Any] = {"at": now, "round_id": terms.round_id.hex(), "version": prior.version}
    opened, problem = None, ""
    try:
        opened = conductor.run(server)
    except FederatedError as error:
        problem = f"{type(error).__name__}: {error}"
    entry |= {"problem": problem, "stages": [asdict(stage) for stage in conductor.stages]}
    if opened is not None:
        entry |= _summary(opened)
        if settings.canary_of:
            entry |= _judge(OperatorHome(Path(settings.canary_of)), prior, opened)
        else:
            entry |= _learn(home, prior, opened)
    home.record(entry)
    return opened


def _asked(home: OperatorHome, settings: OperatorSettings) -> PublishedPrior:
    if not settings.canary_of:
        return home.latest()
    about = OperatorHome(Path(settings.canary_of)).latest()
    return canary.question(settings.policy.task, about=about)


def _summary(opened: Opened) -> dict[str, Any]:
    return {
        "survivors": opened.survivors,
        "noise": Noise.of(opened.terms, survivors=opened.survivors).slot,
        "epsilon": epsilon(rho(opened.terms.noise_multiplier), delta=1e-6),
        "quanta": [int(value) for value in opened.quanta],
    }


def _judge(judged: OperatorHome, asked: PublishedPrior, opened: Opened) -> dict[str, Any]:
    """Roll the judged version back if canaries say so, and return what the record says."""
    noise = Noise.of(opened.terms, survivors=opened.survivors)
    verdict = canary.judge(
        float(opened.sums.everyone[0]), survivors=opened.survivors, deviation=noise.slot
    )
    newest = judged.latest()
    # What was published meanwhile has not been judged.
    if not verdict.keep and newest.version == asked.version:
        judged.publish(canary.settle(verdict, old=judged.published(asked.version - 1), new=newest))
    return {"gain": verdict.gain, "gain_error": verdict.error, "gain_kept": verdict.keep}


def _learn(home: OperatorHome, prior: PublishedPrior, opened: Opened) -> dict[str, Any]:
    """Publish the next prior and return what the record says about the sum."""
    terms, sums = opened.terms, opened.sums
    noise, pace = Noise.of(terms, survivors=opened.survivors), Pace()
    after = advance(prior, sums, survivors=opened.survivors, noise=noise, pace=pace)
    rng = np.random.default_rng()  # breaks symmetry between groups, protects nothing
    if prior.version == 0 and terms.groups:
        after = seed_groups(after, pace=pace, rng=rng)
    else:
        after = tend(after, sums.counts, noise=noise, pace=pace, rng=rng)
    home.publish(after)
    return {
        "moved": float(np.linalg.norm(after.everyone - prior.everyone)),
        "counts": [round(float(count), 1) for count in sums.counts],
        "live": [bool(live) for live in after.live],
    }
