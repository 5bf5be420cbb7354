"""Allowing a web origin at the terminal, and taking that back."""

from pathlib import Path

from tests.sdk.cli.conftest import SECRET, Run

from homeward.policy.allowed_origins import AllowedOrigins
from homeward_store import Passphrase, open_profile


def test_an_origin_is_allowed_by_its_token_and_withdrawn(homeward: Run, home: Path) -> None:
    allowed = homeward("clients", "allow-origin", "https://notes.example/", "--yes")
    with open_profile(home / "profiles" / "me", unlock=Passphrase(SECRET)) as profile:
        [origin] = AllowedOrigins(profile.settings).all()
    withdrawn = homeward("clients", "withdraw-origin", "https://notes.example")
    again = homeward("clients", "withdraw-origin", "https://notes.example")
    refused = homeward("clients", "allow-origin", "*", "--yes")

    assert origin.origin == "https://notes.example"
    assert origin.has(allowed.stdout.strip().encode())
    assert withdrawn.returncode == 0
    assert again.returncode != 0
    assert "nothing was changed" in again.stderr
    assert "an origin is https://HOST" in " ".join(refused.stderr.split())
