"""Whatever its OpenAPI document allows, and much that it does not: no request breaks the server."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tests.sdk.serving.conftest import TOKEN, Serve, Served

CHECKS = "not_a_server_error,status_code_conformance,response_schema_conformance"
ENDLESS = "/homeward/v1/events"  # a stream that waits for something to happen
EXAMPLES = 5  # an operation; longer runs of all phases are in docs/log.md


def test_the_document_describes_every_route(served: Served) -> None:
    document = served.client.get("/openapi.json").json()

    paths = document["paths"]
    assert {"/v1/chat/completions", "/v1/embeddings", "/v1/models"} <= set(paths)
    assert len([path for path in paths if path.startswith("/homeward/v1/")]) >= 25


def test_fuzzed_from_its_own_document_it_never_fails(serve: Serve, tmp_path: Path) -> None:
    """schemathesis: valid and invalid requests for every operation, one after the other."""
    command = shutil.which("st", path=Path(sys.executable).parent)
    if command is None:
        pytest.skip("schemathesis is not installed")
    served = serve()
    document = tmp_path / "openapi.json"
    document.write_text(served.client.get("/openapi.json", timeout=120).text)

    done = subprocess.run(
        [
            *(command, "run", str(document), "--url", served.url, "--checks", CHECKS),
            *("--header", f"Authorization: Bearer {TOKEN}", "--exclude-path", ENDLESS),
            *("--max-examples", str(EXAMPLES), "--phases", "fuzzing"),
            *("--generation-deterministic", "--continue-on-failure", "--warnings", "off"),
            *("--request-timeout", "60"),
        ],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=280,
    )

    assert done.returncode == 0, done.stdout[-6000:]
    assert served.client.get("/homeward/v1/profile").status_code == 200
