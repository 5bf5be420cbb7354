"""A hub on this machine: an HTTPS server that misbehaves as told; and entries for its files."""

import hashlib
import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from homeward import paths

CONTENT = hashlib.shake_256(b"weights").digest(3_500_000)  # more than three chunks


@dataclass
class Hub:
    """What the server does next; each request takes one behaviour, the last one stays."""

    url: str = ""
    content: bytes = CONTENT
    behaviours: list[str] = field(default_factory=lambda: ["ranges"])
    asked: list[str | None] = field(default_factory=list)  # the Range header of each request
    paths: list[str] = field(default_factory=list)
    answers: dict[str, str] = field(default_factory=dict)  # of its interface, by path and query

    def next(self) -> str:
        return self.behaviours.pop(0) if len(self.behaviours) > 1 else self.behaviours[0]


class _Handler(BaseHTTPRequestHandler):
    hub: Hub

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass

    def do_GET(self) -> None:
        self.hub.paths.append(self.path)
        if self.path.startswith("/api/"):
            self._answer(self.hub.answers.get(self.path))
            return
        wanted = self.headers.get("Range")
        self.hub.asked.append(wanted)
        behaviour, body = self.hub.next(), self.hub.content
        if behaviour.isdigit():
            self.send_response(int(behaviour))
        elif behaviour.startswith("redirect "):
            self.send_response(302)
            self.send_header("Location", behaviour.removeprefix("redirect "))
        else:
            start = int(wanted.removeprefix("bytes=").rstrip("-")) if wanted else 0
            self._send(behaviour, body, start)
            return
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _answer(self, text: str | None) -> None:
        body = (text or "").encode()
        self.send_response(404 if text is None else 200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _send(self, behaviour: str, body: bytes, start: int) -> None:
        if start and behaviour != "no ranges":
            self.send_response(206)
            self.send_header("Content-Range", f"bytes {start}-{len(body) - 1}/{len(body)}")
            body = body[start:]
        else:
            self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[: 1 << 20] if behaviour == "cut" else body)


def _certificate(folder: Path) -> tuple[Path, Path]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "hub")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    (folder / "key.pem").write_bytes(
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    (folder / "cert.pem").write_bytes(certificate.public_bytes(pem))
    return folder / "cert.pem", folder / "key.pem"


@pytest.fixture
def hub(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    certificate, key = _certificate(tmp_path_factory.mktemp("tls"))
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))  # trusted as a real hub's would be
    monkeypatch.setenv("no_proxy", "*")
    hub = Hub()
    handler = type("Handler", (_Handler,), {"hub": hub})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    hub.url = f"https://127.0.0.1:{server.server_port}/repo/"
    yield hub
    server.shutdown()
    thread.join()
    server.server_close()


Enter = Callable[..., None]


@pytest.fixture
def enter(tmp_path: Path) -> Enter:
    """Return a function that writes an entry `tiny` into the person's own models.toml."""

    def function(source: str, *, content: bytes = CONTENT, extra: str = "") -> None:
        digest = hashlib.sha256(content).hexdigest()
        paths.own_entries(tmp_path).write_text(
            f'[tiny]\nkind = "language"\nlicence = "none"\ncontext = 64\n{source}\n{extra}\n'
            f'[[tiny.files]]\nmember = "folder/tiny.gguf"\nbytes = {len(content)}\n'
            f'sha256 = "{digest}"\n',
            encoding="utf-8",
        )

    return function


@pytest.fixture
def local(tmp_path: Path, enter: Enter) -> Path:
    """Enter `tiny` with its file in a folder of this machine; the path of the file."""
    file = tmp_path / "source" / "folder" / "tiny.gguf"
    file.parent.mkdir(parents=True)
    file.write_bytes(CONTENT)
    enter(f"folder = '{file.parent.parent}'")
    return file
