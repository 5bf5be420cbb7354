"""Published priors are signed, only move forward, and come from one request or from the disk."""

import os
import threading
import urllib.request
from collections.abc import Iterator
from dataclasses import replace
from http.client import HTTPMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path

import pytest

from homeward_federated import PriorRefused, ServerUnreachable
from homeward_federated.priors import download
from homeward_federated.priors.acceptance import accept, check_history
from homeward_federated.priors.download import _SameOrigin, fetch_prior
from homeward_federated.priors.published_prior import PublishedPrior
from homeward_federated.priors.publishing import publish, read_publication, roll_back
from homeward_federated.secure_aggregation.identity import SigningKey
from homeward_federated.wire.envelope import MAX_MESSAGE_BYTES


def successor(prior: PublishedPrior) -> PublishedPrior:
    return replace(
        prior, version=prior.version + 1, previous=prior.hash, everyone=prior.everyone + 1
    )


def test_what_the_operator_published_is_read(prior: PublishedPrior) -> None:
    operator = SigningKey.generate()
    assert read_publication(operator.public, publish(operator, prior)).hash == prior.hash


def test_another_operators_prior_is_refused_and_so_is_a_changed_one(prior: PublishedPrior) -> None:
    operator = SigningKey.generate()
    data = publish(SigningKey.generate(), prior)
    with pytest.raises(PriorRefused, match="the prior is not signed"):
        read_publication(operator.public, data)
    good = publish(operator, prior)
    for place in range(0, len(good), 11):
        with pytest.raises(PriorRefused):
            read_publication(
                operator.public, good[:place] + bytes([good[place] ^ 4]) + good[place + 1 :]
            )


def test_priors_only_move_forward(prior: PublishedPrior) -> None:
    second = successor(prior)
    third = successor(second)
    assert accept(prior, held=None) is prior
    assert accept(second, held=prior) is second
    assert accept(third, held=prior) is third  # a version that was missed
    assert accept(second, held=second) is second
    for new, held, says in (
        (prior, second, "older"),
        (replace(second, previous=bytes(32)), prior, "does not follow"),
        (replace(second, everyone=prior.everyone), second, "two different"),
        (replace(second, task="other"), prior, "another task"),
    ):
        with pytest.raises(PriorRefused, match=says):
            accept(new, held=held)


def test_a_bad_round_is_rolled_back_by_moving_forward(prior: PublishedPrior) -> None:
    bad = successor(prior)
    good = roll_back(bad, to=prior)
    check_history([prior, bad, good])
    assert accept(good, held=bad).everyone.tolist() == prior.everyone.tolist()
    with pytest.raises(PriorRefused, match="version 2 follows 0"):
        check_history([prior, good])


@pytest.fixture
def host(prior: PublishedPrior) -> Iterator[tuple[str, list[str]]]:
    """A static host on this machine, and the requests it saw."""
    seen: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            headers = sorted(k for k in self.headers if k not in {"Host", "Connection"})
            seen.append(f"{self.requestline} {headers} {self.headers['User-Agent']}")
            target = self.path if self.path == "/round" else self.path.partition("?to=")[2]
            self.send_response(302 if target else 404 if self.path == "/none" else 200)
            if target:
                self.send_header("Location", target)
            self.end_headers()
            size = MAX_MESSAGE_BYTES + 1 if self.path == "/huge" else 3
            self.wfile.write(b"x" * size)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", seen
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_download_is_one_request_that_says_nothing_else(host: tuple[str, list[str]]) -> None:
    url, seen = host
    assert fetch_prior(f"{url}/prior.hwf") == b"xxx"
    assert seen == ["GET /prior.hwf HTTP/1.1 ['Accept-Encoding', 'User-Agent'] homeward"]


def test_a_host_that_misbehaves_gives_no_prior(host: tuple[str, list[str]]) -> None:
    url, _ = host
    with pytest.raises(PriorRefused, match="no prior"):
        fetch_prior(f"{url}/huge")
    with pytest.raises(ServerUnreachable, match="404"):
        fetch_prior(f"{url}/none")
    with pytest.raises(ServerUnreachable, match="refused"):
        fetch_prior("http://127.0.0.1:9/prior")


def test_a_host_may_redirect_to_a_path_of_its_own(host: tuple[str, list[str]]) -> None:
    url, seen = host
    assert fetch_prior(f"{url}/latest?to=/v3.hwf") == b"xxx"
    assert fetch_prior(f"{url}/latest?to={url}/v4.hwf") == b"xxx"
    assert len(seen) == 4


@pytest.mark.parametrize(
    "elsewhere",
    [
        "http://127.0.0.2:{port}/admin?do=it",  # another host of this machine's own
        "http://localhost:{port}/x",  # the same one by another name: what it resolves to may change
        "http://127.0.0.1:{other}/x",  # another program's port
        "http://[::1]:{port}/x",
        "//127.0.0.2:{port}/x",
        "http://ada:secret@127.0.0.1:{port}/x",
        "https://127.0.0.1:{port}/x",
        "http://127.0.0.1:99999999/x",
        "ftp://127.0.0.1:{port}/x",
    ],
)
def test_a_host_may_not_send_the_device_anywhere_else(
    host: tuple[str, list[str]], elsewhere: str
) -> None:
    url, seen = host
    port = int(url.rpartition(":")[2])
    target = elsewhere.format(port=port, other=port + 1)
    with pytest.raises((PriorRefused, ServerUnreachable)) as refused:
        fetch_prior(f"{url}/latest?to={target}")
    assert len(seen) == 1
    assert refused.type is PriorRefused or target.startswith("ftp")


@pytest.mark.parametrize(
    "elsewhere",
    [
        "http://priors.example/latest.hwf",
        "https://other.example/latest.hwf",
        "https://priors.example:8443/latest.hwf",
        "https://ada@priors.example/latest.hwf",
        "https://priors.example.other.example/latest.hwf",
    ],
)
def test_a_redirect_off_https_or_to_another_host_is_refused_before_it_is_followed(
    elsewhere: str,
) -> None:
    asked = urllib.request.Request("https://priors.example/latest.hwf")
    with pytest.raises(PriorRefused):
        _SameOrigin().redirect_request(asked, BytesIO(), 302, "", HTTPMessage(), elsewhere)


def test_a_redirect_in_circles_ends(host: tuple[str, list[str]]) -> None:
    url, seen = host
    with pytest.raises(ServerUnreachable, match="infinite loop"):
        fetch_prior(f"{url}/round")
    with pytest.raises(ServerUnreachable):
        fetch_prior(f"{url}/a?to=file:///etc/hostname")
    assert len(seen) < 20


def test_a_host_that_gives_a_byte_now_and_then_is_given_up(
    host: tuple[str, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    url, _ = host
    monkeypatch.setattr(download, "_PATIENCE", -1)
    with pytest.raises(ServerUnreachable, match="did not arrive"):
        fetch_prior(f"{url}/prior.hwf")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_what_never_ends_is_no_prior(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for endless in (tmp_path / "pipe", Path("/dev/zero")):
        with pytest.raises(PriorRefused, match="no regular file"):
            fetch_prior(str(endless))
    (tmp_path / "large").write_bytes(bytes(MAX_MESSAGE_BYTES + 1))
    with pytest.raises(PriorRefused, match="more than"):
        fetch_prior((tmp_path / "large").as_uri())


@pytest.mark.parametrize(
    "source", ["https://ada:secret@priors.example/x", "file://share.example/x", "https://h:x/p"]
)
def test_a_url_that_says_more_than_where_is_refused(source: str) -> None:
    with pytest.raises(PriorRefused) as refused:
        fetch_prior(source)
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize("source", ["http://example.org/prior", "ftp://127.0.0.1/prior"])
def test_a_prior_is_not_fetched_in_the_open(source: str) -> None:
    with pytest.raises(PriorRefused, match="over https"):
        fetch_prior(source)


def test_a_prior_on_the_disk_needs_no_request(tmp_path: Path) -> None:
    path = tmp_path / "prior.hwf"
    path.write_bytes(b"abc")
    assert fetch_prior(str(path)) == fetch_prior(path.as_uri()) == b"abc"
    with pytest.raises(ServerUnreachable, match=r"none\.hwf"):
        fetch_prior(str(tmp_path / "none.hwf"))
