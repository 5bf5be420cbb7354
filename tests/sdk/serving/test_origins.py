"""A web page of an origin that the person allowed: `/v1` alone, its own token, its one audience."""

from collections.abc import Iterator

import httpx
import pytest
from tests.sdk.serving.conftest import TOKEN, Served

ORIGIN = "https://notes.example"
ASKED = {"messages": [{"role": "user", "content": "What am I allergic to?"}]}


@pytest.fixture
def page(served: Served) -> Iterator[httpx.Client]:
    """Allow an origin, and ask as a browser asks for its page."""
    made = served.client.post("/homeward/v1/origins", json={"origin": ORIGIN, "audience": "work"})
    headers = {
        "Authorization": f"Bearer {made.json()['token']}",
        "Origin": ORIGIN,
        "Sec-Fetch-Site": "cross-site",
    }
    with httpx.Client(base_url=served.url, headers=headers, trust_env=False, timeout=60) as client:
        yield client


def test_a_page_that_was_allowed_asks_and_may_read_the_answer(page: httpx.Client) -> None:
    answer = page.post("/v1/chat/completions", json=ASKED)

    assert answer.json()["choices"][0]["message"]["content"] == "Hello, Ada."
    assert answer.headers["access-control-allow-origin"] == ORIGIN
    assert "origin" in answer.headers["vary"]


def test_its_preflight_is_answered_without_a_token(served: Served, page: httpx.Client) -> None:
    headers = {"Origin": ORIGIN, "Access-Control-Request-Method": "POST"}
    asked = httpx.options(f"{served.url}/v1/models", headers=headers, trust_env=False, timeout=60)
    elsewhere = httpx.options(
        f"{served.url}/v1/models",
        headers=headers | {"Origin": f"{ORIGIN}.evil"},
        trust_env=False,
        timeout=60,
    )

    assert asked.status_code == 204
    assert "authorization" in asked.headers["access-control-allow-headers"]
    assert elsewhere.status_code == 403
    assert "access-control-allow-origin" not in elsewhere.headers


def test_it_is_told_what_its_audience_may_be_told_and_can_be_no_other(
    served: Served, page: httpx.Client
) -> None:
    [memory] = served.me.remember("I am allergic to peanuts.")
    seen = {"kind": "memory", "id": memory.id}

    mine = served.client.post("/v1/chat/completions", json=ASKED).json()
    its = page.post("/v1/chat/completions", json=ASKED).json()
    other = page.post("/v1/chat/completions", json=ASKED | {"homeward": {"audience": "private"}})
    purpose = page.post("/v1/chat/completions", json=ASKED | {"homeward": {"purpose": "mail"}})
    message = page.post("/v1/messages", json=ASKED | {"max_tokens": 9}).json()

    assert seen in mine["homeward"]["used"]
    assert seen not in its["homeward"]["used"]
    assert its["homeward"]["withheld"][0]["rule"] == "health stays private"
    assert seen not in message["homeward"]["used"]
    assert (other.status_code, other.json()["error"]["code"]) == (403, "other_audience")
    assert (purpose.status_code, purpose.json()["error"]["code"]) == (403, "other_purpose")


def test_a_response_of_the_persons_own_is_not_continued_by_a_page(
    served: Served, page: httpx.Client
) -> None:
    mine = served.client.post("/v1/responses", json={"input": "Hello?"}).json()["id"]

    answer = page.post("/v1/responses", json={"input": "And?", "previous_response_id": mine})

    assert answer.status_code == 404


@pytest.mark.parametrize("path", ["/homeward/v1/profile", "/homeward/v1/origins", "/openapi.json"])
def test_it_reaches_nothing_but_the_interfaces_of_programs(page: httpx.Client, path: str) -> None:
    answer = page.get(path)

    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "cross_origin")
    assert "access-control-allow-origin" not in answer.headers


def test_its_token_works_from_nowhere_else_and_no_other_token_from_it(
    served: Served, page: httpx.Client
) -> None:
    token = page.headers["Authorization"]

    def get(**headers: str) -> int:
        return httpx.get(
            f"{served.url}/v1/models", headers=headers, trust_env=False, timeout=60
        ).status_code

    assert get(Authorization=token) == 401
    assert get(Authorization=token, Origin="https://evil.example") == 403
    assert get(Authorization=f"Bearer {TOKEN}", Origin=ORIGIN) == 401
    assert get(Authorization=token, Origin=ORIGIN.upper()) == 403
    assert get(Authorization=token, Origin=ORIGIN, Host="evil.example") == 403
    assert get(Authorization=token, Origin=ORIGIN) == 200


def test_what_is_withdrawn_is_refused_at_once(served: Served, page: httpx.Client) -> None:
    [shown] = served.client.get("/homeward/v1/origins").json()
    assert (shown["origin"], shown["audience"]) == (ORIGIN, "work")

    left = served.client.post("/homeward/v1/origins/withdraw", json={"origin": ORIGIN})

    assert left.json() == []
    assert page.get("/v1/models").status_code == 403
    again = served.client.post("/homeward/v1/origins/withdraw", json={"origin": ORIGIN})
    assert again.status_code == 404


@pytest.mark.parametrize(
    "origin",
    ["*", "null", "https://*.example", "http://notes.example", "https://a.example/path", "file://"],
)
def test_only_one_exact_origin_can_be_allowed(served: Served, origin: str) -> None:
    answer = served.client.post("/homeward/v1/origins", json={"origin": origin})

    assert answer.status_code == 422
    assert served.client.get("/homeward/v1/origins").json() == []


def test_of_a_token_only_a_hash_is_kept(served: Served, page: httpx.Client) -> None:
    token = page.headers["Authorization"].removeprefix("Bearer ")

    assert token not in repr(served.me.origins.all())
    assert token not in served.client.get("/homeward/v1/origins").text
