"""Before joining nothing exists; a task is joined, admitted and left; the ledger knows of each."""

import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from tests.sdk.federation.town import POLICY, Town

from homeward.assistant import Assistant
from homeward.federation import CODE, NAMES
from homeward_federated import NotJoined, TermsRefused, WrongSigner
from homeward_federated.simulation.cohorts import LocalFederation
from homeward_store import Category, Purpose


def join(me: Assistant, town: Town) -> None:
    offer = town.offer()
    request = me.federation.join(offer, agreed_to=offer.hash)
    me.federation.admit(town.admits(request))


def test_before_joining_there_is_nothing(me: Assistant) -> None:
    assert me.federation.joined() == []
    assert me.federation.spent().rounds == 0
    assert me.federation.prior is None
    with pytest.raises(NotJoined):
        me.federation.contribute("replies")


def test_the_preview_shows_the_persons_own_numbers_and_changes_nothing(
    me: Assistant, town: Town
) -> None:
    shown = me.federation.preview(town.offer())
    mine = dict(zip(NAMES, shown.difference, strict=True))
    assert mine["length"] < -0.05 < 0.05 < abs(mine["sentences"])
    assert not np.any([value for name, value in mine.items() if name.startswith("soft prompt")])
    assert shown.noise == 4.0
    assert me.federation.joined() == []
    assert me.profile.consent.decisions() == []


def test_joining_records_the_words_and_makes_keys_that_survive_closing(
    me: Assistant, town: Town, open_assistant: Callable[[], Assistant]
) -> None:
    join(me, town)
    [decision] = me.profile.consent.decisions()
    assert (decision.purpose, decision.category) == (Purpose.CONTRIBUTE, Category.CHOICES)
    assert (decision.task, decision.granted) == ("replies", True)
    [before] = me.federation.joined()
    me.close()
    [after] = open_assistant().federation.joined()
    assert after.membership.identity.public == before.membership.identity.public
    assert after.node.public == before.node.public
    assert after.offer == before.offer


def test_no_key_of_a_joined_task_lies_in_the_clear(me: Assistant, town: Town) -> None:
    join(me, town)
    [joined] = me.federation.joined()
    me.close()
    for path in me.profile.path.rglob("*"):
        if path.is_file():
            data = path.read_bytes()
            assert joined.identity.expose() not in data
            assert joined.identity.expose().hex().encode() not in data
            assert joined.node.secret[40:80] not in data


def test_agreeing_to_another_text_or_to_other_numbers_joins_nothing(
    me: Assistant, town: Town
) -> None:
    offer = town.offer()
    with pytest.raises(TermsRefused, match="another text"):
        me.federation.join(offer, agreed_to=replace(offer, operator="Somebody").hash)
    other = replace(offer, policy=replace(POLICY, code="pixels-64"))
    for attempt in (me.federation.preview, me.federation.fetch_prior):
        with pytest.raises(TermsRefused, match=CODE):
            attempt(other)
    with pytest.raises(TermsRefused, match=CODE):
        me.federation.join(other, agreed_to=other.hash)
    assert me.federation.joined() == []
    assert me.profile.consent.decisions() == []


def test_another_authoritys_answer_does_not_admit(me: Assistant, town: Town) -> None:
    offer = town.offer()
    request = me.federation.join(offer, agreed_to=offer.hash)
    elsewhere = Town(town.now, LocalFederation(POLICY))
    with pytest.raises(WrongSigner):
        me.federation.admit(elsewhere.admits(request))
    with pytest.raises(NotJoined, match="not admitted"):
        me.federation.contribute("replies", link=town)


def test_leaving_shreds_the_keys_and_withdraws_the_consent(me: Assistant, town: Town) -> None:
    join(me, town)
    me.federation.leave("replies")
    me.federation.leave("replies")
    assert me.federation.joined() == []
    assert not me.profile.consent.allows(Purpose.CONTRIBUTE, Category.CHOICES, task="replies")
    town.invite()
    with pytest.raises(NotJoined):
        me.federation.contribute("replies", link=town)
    assert town.sent == 0


NEVER_JOINED = """
import sys
events = []
sys.addaudithook(lambda event, _: events.append(event) if event.startswith("socket.") else None)
from homeward.assistant import Assistant
from homeward.settings import ModelLoaders
from homeward.testing import HashEmbedder, ScriptedModel
from homeward_federated.enrolment.node_key import NodeKey
from homeward_federated.secure_aggregation.identity import SigningKey
from homeward_store import Category, Passphrase, Purpose, create_profile
from homeward_store.keys.key_derivation import FASTEST
made = []
for kind in (SigningKey, NodeKey):
    original = kind.__init__
    kind.__init__ = lambda self, *a, original=original: made.append(1) or original(self, *a)
profile = create_profile(sys.argv[1], unlock=[Passphrase("horse battery")], cost=FASTEST).profile
loaders = ModelLoaders(lambda: ScriptedModel(["Hello."]), HashEmbedder)
with Assistant(profile, loaders) as me:
    me.profile.consent.grant(Purpose.LEARN, Category.CHOICES, shown="May it?")
    me.remember("My boat is called Wanda.")
    me.prefer("How?", chosen="At once.", rejected="By and by.")
    str(me.ask("What is my boat called?"))
    me.taste.learn()
    me.federation.joined(), me.federation.spent(), me.federation.prior
    kinds = me.profile._database.run("SELECT DISTINCT kind FROM ledger")
    kept = me.profile._database.run("SELECT kind FROM blob WHERE kind LIKE 'federation%'")
loaded = sorted({name.split(".")[0] for name in sys.modules} & {"flwr", "grpc", "httpx", "ssl"})
print(events, made, loaded, kinds, kept)
"""


def test_an_assistant_that_never_joined_opens_no_socket_makes_no_key_and_loads_no_flower(
    tmp_path: object,
) -> None:
    done = subprocess.run(
        [sys.executable, "-c", NEVER_JOINED, f"{tmp_path}/p"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "[] [] [] [('consent',)] []\n"
