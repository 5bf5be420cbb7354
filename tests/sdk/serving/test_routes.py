"""`/homeward/v1/…`: what is known can be seen, changed and forgotten, on the real store."""

import json

import pytest
from tests.learned_style import plant
from tests.sdk.serving.conftest import Serve, Served

from homeward.events import ModelLoaded
from homeward_store import (
    Ability,
    Category,
    LearnedKind,
    LearnedUse,
    MemoryId,
    Purpose,
    RequestOutcome,
    SourceKind,
    Used,
)

V1 = "/homeward/v1"


def test_the_profile_is_counted(served: Served) -> None:
    served.me.remember("I live in Bristol.")

    counted = served.client.get(f"{V1}/profile").json()

    assert (counted["person"], counted["memories"], counted["turns"]) == ("ada", 1, 0)


def test_the_language_model_is_described_once_a_question_has_loaded_it(served: Served) -> None:
    assert served.client.get(f"{V1}/model").json() is None

    told = list[object]()
    served.me.events.subscribe(told.append, ModelLoaded)
    assert served.me.ask("Hello?").text
    found = served.client.get(f"{V1}/model").json()

    assert (found["name"], found["n_ctx"], found["kv_type"]) == ("scripted", 4096, "f16")
    assert (found["gpu_layers"], found["notices"]) == (0, [])
    assert told == [ModelLoaded("scripted", ())]


def test_an_attribute_is_set_changed_and_forgotten_with_its_history(served: Served) -> None:
    client = served.client
    client.put(f"{V1}/attributes/home town", json={"value": "Bath"})
    client.put(f"{V1}/attributes/home town", json={"value": "Bristol", "tags": ["location"]})

    [now] = client.get(f"{V1}/attributes").json()
    history = client.get(f"{V1}/attributes/home town/history").json()
    receipt = client.delete(f"{V1}/attributes/home town").json()

    assert (now["value"], now["tags"]) == ("Bristol", ["location"])
    assert [one["value"] for one in history] == ["Bath", "Bristol"]
    assert dict(receipt["erased"])["attribute"] == 2
    assert client.get(f"{V1}/attributes").json() == []


@pytest.mark.parametrize("value", ["text", 3, 2.5, True, ["tea", "figs"]])
def test_a_value_comes_back_as_it_was_given(served: Served, value: object) -> None:
    served.client.put(f"{V1}/attributes/key", json={"value": value})

    [attribute] = served.client.get(f"{V1}/attributes").json()

    assert attribute["value"] == value
    assert type(attribute["value"]) is type(value)


def test_memories_are_listed_newest_first_in_pages_and_searched(served: Served) -> None:
    client = served.client
    for text in ("I like tea.", "I play the oboe.", "My cat is grey."):
        assert client.post(f"{V1}/memories", json={"text": text}).status_code == 201

    newest = client.get(f"{V1}/memories", params={"limit": 2}).json()
    older = client.get(f"{V1}/memories", params={"before": newest[-1]["id"]}).json()
    found = client.get(f"{V1}/memories", params={"words": "oboe"}).json()

    assert [one["text"] for one in newest] == ["My cat is grey.", "I play the oboe."]
    assert [one["text"] for one in older] == ["I like tea."]
    assert [one["text"] for one in found] == ["I play the oboe."]


def test_an_edited_memory_has_its_new_words_and_a_receipt_for_the_old(served: Served) -> None:
    [old] = served.me.remember("I play the oboe.")

    edited = served.client.put(f"{V1}/memories/{old.id}", json={"text": "I play the bassoon."})

    assert [one["text"] for one in edited.json()["memories"]] == ["I play the bassoon."]
    assert dict(edited.json()["receipt"]["erased"]) == {"memory": 1, "note": 1}
    assert [one.text for one in served.me.profile.memories.all()] == ["I play the bassoon."]


def test_an_edit_that_would_not_be_kept_changes_nothing(served: Served) -> None:
    [old] = served.me.remember("I play the oboe.")

    refused = served.client.put(
        f"{V1}/memories/{old.id}", json={"text": "My card is 4111 1111 1111 1111."}
    )

    assert refused.status_code == 422
    assert [one.text for one in served.me.profile.memories.all()] == ["I play the oboe."]
    assert [one.text for one in served.me.profile.notes.all()] == ["I play the oboe."]


def test_a_plan_shows_what_forgetting_then_takes(served: Served) -> None:
    [memory] = served.me.remember("I play the oboe.")

    plan = served.client.post(f"{V1}/plan", json={"topic": "oboe"}).json()
    kept = served.me.profile.memories.get([MemoryId(memory.id)])
    receipt = served.client.post(f"{V1}/forget", json={"topic": "oboe"}).json()

    assert plan["memories"] == [memory.id]
    assert kept
    assert receipt["state"] == "complete"
    assert served.client.get(f"{V1}/receipts").json() == [receipt]
    assert served.client.get(f"{V1}/memories/{memory.id}").status_code == 404


def test_what_is_forgotten_leaves_the_running_conversation(serve: Serve) -> None:
    served = serve()
    body = {"messages": [{"role": "user", "content": "I play the oboe."}]}
    served.client.post("/v1/chat/completions", json=body)

    served.client.post(f"{V1}/forget", json={"topic": "oboe"})

    assert served.client.get(f"{V1}/answers").json() == []
    assert served.client.get(f"{V1}/conversations").json() == []


def test_what_is_not_remembered_is_said_and_listed(served: Served) -> None:
    secret = "My wifi password is correct-horse-9."

    made = served.client.post(f"{V1}/memories", json={"text": secret}).json()
    written = served.client.post(f"{V1}/writings", json={"text": f"I cycle.\n\n{secret}"}).json()

    assert made["memories"] == []
    assert [one["reason"] for one in made["unremembered"]] == ["secret"]
    assert [one["text"] for one in written["memories"]] == ["I cycle."]
    newest, note = served.client.get(f"{V1}/unremembered").json()
    assert (newest["source"], note["source"]) == (written["source"], made["source"])
    assert note["text"] == secret


def test_an_answer_shows_what_it_used(served: Served) -> None:
    served.me.attributes["name"] = "Ada"
    served.me.remember("I am allergic to peanuts.")
    body = {"messages": [{"role": "user", "content": "What am I allergic to?"}]}
    turn = served.client.post("/v1/chat/completions", json=body).json()["homeward"]["turn"]

    answer = served.client.get(f"{V1}/answers/{turn}").json()

    assert answer["turn"]["replied"] == "Hello, Ada."
    assert [one["key"] for one in answer["attributes"]] == ["name"]
    assert [one["text"] for one in answer["memories"]] == ["I am allergic to peanuts."]
    assert answer["withheld"] == []
    assert served.client.get(f"{V1}/answers").json() == [answer]


def test_an_answer_shows_what_was_learned_and_what_came_through_earlier_ones(
    served: Served,
) -> None:
    [memory] = served.me.remember("I am allergic to peanuts.")
    turns = served.me.profile.turns
    choice = served.me.profile.choices.add("Hi?", "Hello.", "Go away.")
    first, second = (turns.begin("c", f"{n}?", model="m") for n in range(2))
    turns.finish(first.id, "No.", complete=True, used=[Used(SourceKind.MEMORY, memory.id)])
    used = [Used(SourceKind.TURN, first.id), Used(SourceKind.CHOICE, choice.id)]
    style = LearnedUse(LearnedKind.STYLE, "a" * 64, ((SourceKind.WRITING, 3),), "books, version 3")
    turns.finish(second.id, "Still no.", complete=True, used=used, learned={style: []})

    answer = served.client.get(f"{V1}/answers/{second.id}").json()

    assert [one["asked"] for one in answer["turns"]] == ["0?"]
    assert [one["chosen"] for one in answer["examples"]] == ["Hello."]
    assert [one["text"] for one in answer["through"]["memories"]] == ["I am allergic to peanuts."]
    [learned] = answer["learned"]
    assert learned["says"].startswith("learned style, of 3 writings")
    assert (learned["counts"], learned["erased"]) == ({"writing": 3}, False)


def test_an_answer_shows_what_was_withheld(served: Served) -> None:
    [memory] = served.me.remember("I am allergic to peanuts.")
    question = {"role": "user", "content": "What am I allergic to?"}
    body = {"messages": [question], "homeward": {"audience": "work"}}
    turn = served.client.post("/v1/chat/completions", json=body).json()["homeward"]["turn"]

    answer = served.client.get(f"{V1}/answers/{turn}").json()

    assert answer["withheld"] == [
        {"kind": "memory", "id": memory.id, "rule": "health stays private"}
    ]


def test_recall_shows_what_would_be_quoted(served: Served) -> None:
    served.me.remember("I am allergic to peanuts.")

    [found] = served.client.post(f"{V1}/recall", json={"question": "allergic to what?"}).json()

    assert found["memory"]["text"] == "I am allergic to peanuts."


def test_taste_waits_for_consent_and_then_learns_from_choices(served: Served) -> None:
    client = served.client
    refused = client.get(f"{V1}/taste")
    agreed = {
        "purpose": "learn", "categories": ["choices"], "granted": True, "shown": "Learn from it?"
    }  # fmt: skip
    client.put(f"{V1}/consents", json=agreed)
    choice = {"prompt": "Hi", "chosen": "Hello.", "rejected": "Hello! How are you? " * 20}
    client.post(f"{V1}/choices", json=choice)

    taste = client.get(f"{V1}/taste").json()
    name = taste["weights"][0]["name"]
    pinned = client.put(f"{V1}/taste/{name}", json={"weight": 2}).json()
    undone = client.delete(f"{V1}/taste/{name}").json()

    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "consent_required")
    assert taste["choices"] == 1
    assert [(one["name"], one["weight"]) for one in pinned["weights"] if one["pinned"]] == [
        (name, 2)
    ]
    assert not any(one["pinned"] for one in undone["weights"])
    assert client.delete(f"{V1}/taste/{name}").status_code == 404


def test_denying_a_topic_says_that_what_was_learned_of_it_is_off(served: Served) -> None:
    served.me.write("Fog on the lake, and golfing before I saw it.")
    plant(served.me.profile, "4" * 64)
    told = [
        served.client.put(f"{V1}/wishes", json={"review": False, "denied_topics": topics}).json()
        for topics in (["chess"], ["chess", "golf"])
    ]
    assert [one["switched_off"] for one in told] == [[], ["learned style"]]
    assert told[-1]["denied_topics"] == ["chess", "golf"]
    note = {"text": "Don't save this: my sister is ill."}
    kept = served.client.post(f"{V1}/memories", json=note).json()
    assert kept["memories"] == []
    assert [one["reason"] for one in kept["unremembered"]] == ["asked not to keep"]


def test_consent_is_granted_to_words_that_were_shown_and_withdrawn_without(served: Served) -> None:
    decided = {"purpose": "learn", "categories": ["writings"], "granted": True}
    without_words = served.client.put(f"{V1}/consents", json=decided)
    granted = served.client.put(f"{V1}/consents", json=decided | {"shown": "May it?"}).json()
    withdrawn = served.client.put(f"{V1}/consents", json=decided | {"granted": False}).json()

    def learns(consents: list[dict[str, object]]) -> list[object]:
        return [one["category"] for one in consents if one["purpose"] == "learn" and one["granted"]]

    assert without_words.status_code == 422
    assert learns(granted["consents"]) == ["writings"]
    assert learns(withdrawn["consents"]) == []
    assert withdrawn["switched_off"] == []


def test_spending_shows_runs_limits_and_what_is_spent(served: Served) -> None:
    spending = served.me.profile.spending
    spending.set_budget("year", 0.5)
    spending.settle(spending.reserve("year", 0.125, run="r1"), 0.0625)

    shown = served.client.get(f"{V1}/spending").json()

    assert shown["limits"] == {"year": 0.5}
    assert shown["spent"] == {"year": 0.0625}
    assert [(one["run"], one["rho"]) for one in shown["reservations"]] == [("r1", 0.125)]


def test_rules_are_shown_set_removed_and_restored(served: Served) -> None:
    client = served.client
    rule = {"tag": "music", "audiences": ["band"]}

    ours = client.put(f"{V1}/rules/music for the band", json=rule).json()
    removed = client.delete(f"{V1}/rules/music for the band").json()
    twice = client.delete(f"{V1}/rules/music for the band")
    restored = client.delete(f"{V1}/rules").json()

    assert ours["edited"]
    assert ours["rules"][-1]["audiences"] == ["band"]
    assert "music" not in [one["tag"] for one in removed["rules"]]
    assert twice.status_code == 404
    assert restored == client.get(f"{V1}/rules").json()
    assert not restored["edited"]


def test_a_memorys_tags_are_the_persons_to_set(served: Served) -> None:
    [memory] = served.me.remember("I play the oboe.")

    tagged = served.client.put(f"{V1}/memories/{memory.id}/tags", json={"tags": ["music"]})

    assert tagged.json()["tags"] == ["music"]
    assert served.client.put(f"{V1}/memories/99/tags", json={"tags": []}).status_code == 404


def test_a_program_is_let_ask_and_what_it_did_is_shown(served: Served) -> None:
    client = served.client
    granted = client.put(f"{V1}/clients/editor", json={"may": ["recall"], "shown": "May it?"})
    served.me.profile.clients.record("editor", Ability.RECALL, RequestOutcome.DONE, memories=[3])
    withdrawn = client.delete(f"{V1}/clients/editor").json()

    assert granted.json()["may"] == ["recall"]
    assert withdrawn["may"] == []
    assert client.get(f"{V1}/clients").json() == [withdrawn]
    assert client.get(f"{V1}/accesses").json()[0]["memories"] == [3]


def test_events_come_as_they_happen(served: Served) -> None:
    with served.client.stream("GET", f"{V1}/events") as stream:
        lines = stream.iter_lines()
        assert next(lines).startswith(":")
        served.client.post(f"{V1}/memories", json={"text": "I play the oboe."})
        served.client.post(f"{V1}/forget", json={"topic": "oboe"})
        events = [json.loads(one[6:]) for one in (next(lines) for _ in range(4)) if "data" in one]

    assert [one["kind"] for one in events] == ["MemoryWritten", "Forgotten"]
    assert events[0]["about"]["source"] == "note"


def test_learning_without_consent_is_refused_and_without_weights_says_so(served: Served) -> None:
    refused = served.client.post(f"{V1}/learning", json={})
    consent = served.me.profile.consent
    consent.grant(Purpose.LEARN, Category.WRITINGS, Category.CHOICES, shown="May it?")

    started = served.client.post(f"{V1}/learning", json={})
    served.service.training.close()
    after = served.client.get(f"{V1}/learning").json()

    assert refused.status_code == 403
    assert started.status_code == 202
    assert after["state"] == "failed"
    assert "UnsupportedModel" in after["failed"]
    assert served.client.get(f"{V1}/learned").json() is None
    assert served.client.put(f"{V1}/learned", json={"on": True}).status_code == 404


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "memories/0", None),
        ("GET", "memories/99999999999999999999", None),
        ("GET", "memories?limit=501", None),
        ("POST", "memories", {"text": ""}),
        ("POST", "memories", {"text": "a\0b"}),
        ("POST", "memories", {"text": "\ud800"}),
        ("POST", "forget", {"since": "2026-01-01T00:00:00"}),
        ("POST", "choices", {"prompt": "", "chosen": "a", "rejected": "a"}),
        ("PUT", "attributes/k", {"value": None}),
        ("PUT", "attributes/k", {"value": "v", "tags": [""]}),
        ("PUT", "taste/none", {"weight": 1}),
        ("PUT", "taste/length", {"weight": 4}),
    ],
)
def test_what_makes_no_sense_is_refused_with_its_reason(
    served: Served, method: str, path: str, body: object
) -> None:
    content = None if body is None else json.dumps(body)
    headers = {"Content-Type": "application/json"}
    answer = served.client.request(method, f"{V1}/{path}", content=content, headers=headers)

    assert answer.status_code == 422
    assert answer.json()["error"]["message"]
    assert served.me.profile.memories.count() == 0


@pytest.mark.parametrize("path", ["memories/7", "answers/7", "conversations/x", "nothing"])
def test_what_is_not_there_is_not_found(served: Served, path: str) -> None:
    answer = served.client.get(f"{V1}/{path}")

    assert answer.status_code == 404
    assert answer.json()["error"]["message"]


def test_an_attribute_carries_the_tags_of_its_words_and_the_person_changes_them_in_one_call(
    served: Served,
) -> None:
    path = f"{V1}/attributes/illness"
    for value in ("diabetes since May", "fine again"):
        served.client.put(path, json={"value": value})
    assert "health" in served.me.profile.attributes.history("illness")[0].tags
    tagged = served.client.put(f"{path}/tags", json={"tags": ["health", "mine"]})
    assert tagged.json()["tags"] == ["health", "mine"]
    assert served.client.put(path, json={"value": "gone"}).json()["tags"][-1] == "mine"
    assert served.client.put(f"{V1}/attributes/none/tags", json={"tags": []}).status_code == 404


def test_a_memory_that_waits_goes_on_waiting_however_it_is_tagged(served: Served) -> None:
    served.me.wishes.set_review(on=True)
    assert served.me.ask("I sell blue bicycles in Ghent.").text
    [waiting] = served.me.review.waiting()

    tagged = served.client.put(f"{V1}/memories/{waiting.id}/tags", json={"tags": ["music"]})

    assert tagged.json()["tags"] == ["music", "unreviewed"]
    assert [one.id for one in served.me.review.waiting()] == [waiting.id]
