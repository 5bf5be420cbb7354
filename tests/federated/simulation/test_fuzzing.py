"""No mutated message crashes a receiver, changes it, or passes for an honest one."""

import pytest

from homeward_federated.simulation.fuzzing import Target, file_targets, fuzz, mutations, targets

NOW = 1_800_000_000
TARGETS = targets(now=NOW)
# What nobody signed for may change within what the protocol allows: a parcel that does not open
# counts as a share that never came, signatures beyond the quorum are not looked at.
UNSIGNED = {
    "question to Committed",
    "question to Dealt",
    "question to Sent",
    "question to Agreed",
    "question to Advertised",
}


def test_every_message_of_a_round_is_fuzzed() -> None:
    assert [target.name for target in TARGETS] == [
        f"{kind} to {state}"
        for device, server in (
            ("Invited", "Inviting"),
            ("Committed", "Revealing"),
            ("Advertised", "Sharing"),
            ("Dealt", "Masking"),
            ("Sent", "Agreeing"),
            ("Agreed", "Opening"),
        )
        for kind, state in (("question", device), ("answer", server))
    ]


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)
def test_mutated_messages_are_refused_and_change_nothing(target: Target) -> None:
    tally = fuzz(target, count=1000, seed=1)
    assert tally.refused + tally.allowed == tally.tried == 1000
    if target.name not in UNSIGNED:
        # Only a mutation that restores the original may pass.
        assert tally.allowed == sum(
            d == target.good for d in mutations(target.good, count=1000, seed=1)
        )


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)
def test_the_good_message_is_accepted_and_its_receiver_restored(target: Target) -> None:
    before = target.snapshot()
    target.receive(target.good)
    assert target.snapshot() != before
    target.restore()
    target.receive(target.good)
    target.restore()


@pytest.mark.parametrize("target", file_targets(), ids=lambda target: target.name)
def test_mutated_files_are_refused_or_read(target: Target) -> None:
    tally = fuzz(target, count=3000, seed=1)
    assert tally.refused > 1500
    if target.name == "file, publication":  # all of it is signed
        equal = sum(data == target.good for data in mutations(target.good, count=3000, seed=1))
        assert tally.allowed == equal
    target.receive(target.good)


def test_a_receiver_that_changes_on_a_refusal_is_found_out() -> None:
    changed: list[bytes] = []
    good = TARGETS[0]

    def careless(data: bytes) -> None:
        changed.append(data)
        good.receive(data)

    bad = Target("careless", good.good, careless, lambda: len(changed), good.restore)
    with pytest.raises(AssertionError, match="careless"):
        fuzz(bad, count=50, seed=1)
