"""Who is let in: nobody without the token, no other host's name, no other site's page."""

import http.client

import httpx
import pytest
from tests.sdk.serving.conftest import TOKEN, Served

from homeward.errors import NotLoopback, PortTaken
from homeward.serving.address import listening
from homeward.serving.limits import MOST_BODY_BYTES

GUARDED = ["/v1/models", "/homeward/v1/profile", "/openapi.json", "/v1/nothing"]


def get(served: Served, path: str, **headers: str) -> httpx.Response:
    """Ask without what the client of the fixture sends by itself."""
    return httpx.get(served.url + path, headers=headers, trust_env=False)


def code(answer: httpx.Response) -> str:
    return str(answer.json()["error"]["code"])


@pytest.mark.parametrize("path", GUARDED)
@pytest.mark.parametrize("given", ["", "Bearer", "Bearer wrong", f"Basic {TOKEN}", TOKEN])
def test_a_wrong_token_is_refused(served: Served, path: str, given: str) -> None:
    answer = get(served, path, Authorization=given)

    assert (answer.status_code, code(answer)) == (401, "wrong_token")
    assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_the_right_token_is_let_in(served: Served) -> None:
    assert get(served, "/v1/models", Authorization=f"bearer {TOKEN}").status_code == 200


@pytest.mark.parametrize("host", ["evil.example", "evil.example:{port}", "127.0.0.1", "", "[::1"])
def test_a_name_that_was_re_pointed_to_the_loopback_is_refused(served: Served, host: str) -> None:
    """DNS rebinding: the browser believes to speak to evil.example, and says so."""
    host = host.format(port=served.port)
    answer = get(served, "/v1/models", Authorization=f"Bearer {TOKEN}", Host=host)

    assert (answer.status_code, code(answer)) == (403, "wrong_host")


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost", "LOCALHOST", "[::1]"])
def test_the_loopbacks_own_names_are_let_in(served: Served, name: str) -> None:
    host = f"{name}:{served.port}"

    answer = get(served, "/v1/models", Authorization=f"Bearer {TOKEN}", Host=host)

    assert answer.status_code == 200


@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.example",
        "null",
        "http://localhost:3000",
        "https://127.0.0.1:{port}",
        "file://",
    ],
)
def test_a_page_of_another_origin_is_refused_though_it_has_the_token(
    served: Served, origin: str
) -> None:
    origin = origin.format(port=served.port)
    answer = get(served, "/v1/models", Authorization=f"Bearer {TOKEN}", Origin=origin)

    assert (answer.status_code, code(answer)) == (403, "cross_origin")
    assert not [name for name in answer.headers if name.startswith("access-control")]


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_a_form_of_another_site_is_refused(served: Served, site: str) -> None:
    headers = {"Authorization": f"Bearer {TOKEN}", "Sec-Fetch-Site": site}
    answer = httpx.get(f"{served.url}/v1/models", headers=headers, trust_env=False)

    assert (answer.status_code, code(answer)) == (403, "cross_origin")


def test_a_preflight_of_another_origin_is_refused(served: Served) -> None:
    answer = httpx.options(
        f"{served.url}/v1/chat/completions",
        headers={"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"},
        trust_env=False,
    )

    assert answer.status_code == 403
    assert "access-control-allow-origin" not in answer.headers


def test_the_servers_own_page_is_let_in(served: Served) -> None:
    answer = get(
        served,
        "/v1/models",
        Authorization=f"Bearer {TOKEN}",
        Origin=f"http://127.0.0.1:{served.port}",
    )

    assert answer.status_code == 200


def test_two_tokens_or_two_hosts_are_none(served: Served) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=10)
    connection.putrequest("GET", "/v1/models")
    connection.putheader("Authorization", "Bearer wrong")
    connection.putheader("Authorization", f"Bearer {TOKEN}")
    connection.endheaders()

    assert connection.getresponse().status == 401
    connection.close()


def test_a_body_that_is_too_large_is_refused_however_it_comes(served: Served) -> None:
    text = b'{"text": "' + b"a" * MOST_BODY_BYTES + b'"}'

    declared = served.client.post("/homeward/v1/memories", content=text)
    streamed = served.client.post(
        "/homeward/v1/memories",
        content=(text[at : at + 65536] for at in range(0, len(text), 65536)),
        headers={"Content-Type": "application/json"},
    )

    assert [declared.status_code, streamed.status_code] == [413, 413]


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.0.1", "example.com", ""])
def test_only_the_loopback_is_listened_on(host: str) -> None:
    with pytest.raises(NotLoopback), listening(host, 0):
        pass


def test_a_port_that_is_taken_is_named() -> None:
    with listening("127.0.0.1", 0) as bound:
        port = bound.getsockname()[1]
        with pytest.raises(PortTaken, match=str(port)), listening("127.0.0.1", port):
            pass
