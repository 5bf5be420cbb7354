"""
Stores the web origins whose pages the person lets ask the assistant, in their profile.

Each has a token of its own, of which only a hash is kept, and the audience that its pages are: what
they may be told, the gate decides by that. None is allowed until the person allows it.
"""

import hashlib
import hmac
import re
import secrets
from dataclasses import asdict, dataclass
from datetime import UTC, datetime

from homeward.errors import InvalidArgument, NoSuchKey
from homeward_store.repositories.settings import SettingsRepository
from homeward_store.typed import doors

_KEY = "allowed origins"
_BYTES = 32
# Over plain HTTP only from this machine: what is not encrypted on its way could be anybody's page.
_ORIGIN = re.compile(
    r"https://[a-z0-9.-]+(:\d{1,5})?"
    r"|http://(localhost|127\.0\.0\.1|\[::1\])(:\d{1,5})?"
    r"|(chrome|moz|safari-web)-extension://[a-z0-9-]+",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class AllowedOrigin:
    """An origin that may ask, and as whom; `token_sha256` is of its token."""

    origin: str
    audience: str
    at: str  # when it was allowed, ISO 8601, UTC
    token_sha256: str

    def has(self, token: bytes) -> bool:
        """Return whether `token` is the one that it was given. Takes the same time for any."""
        return hmac.compare_digest(hashlib.sha256(token).hexdigest(), self.token_sha256)


@doors
class AllowedOrigins:
    """The origins that the person allowed."""

    def __init__(self, settings: SettingsRepository) -> None:
        self._settings = settings

    def all(self) -> tuple[AllowedOrigin, ...]:
        """Return every origin, by name."""
        return tuple(AllowedOrigin(**one) for one in self._settings.get(_KEY) or ())

    def allow(self, origin: str, *, audience: str = "tool") -> str:
        """
        Allow `origin`, exactly, and return its token; it cannot be read again, only replaced.

        Raises:
            InvalidArgument: it is no origin that can be allowed, or the audience is empty.
        """
        origin = origin.rstrip("/").lower()
        if not _ORIGIN.fullmatch(origin):
            raise InvalidArgument(
                "an origin is https://HOST or http://localhost, with :PORT where it has one, or a"
                " browser extension's; no path, and nothing that stands for several"
            )
        if not audience.strip() or len(audience) > 200:
            raise InvalidArgument("an audience has 1 to 200 characters")
        token = secrets.token_urlsafe(_BYTES)
        digest = hashlib.sha256(token.encode()).hexdigest()
        made = AllowedOrigin(origin, audience, datetime.now(UTC).isoformat(), digest)
        others = [one for one in self.all() if one.origin != origin]
        self._keep([*others, made])
        return token

    def withdraw(self, origin: str) -> None:
        """
        Allow `origin` no longer; its token is worth nothing from now on.

        Raises:
            NoSuchKey: it was not allowed.
        """
        origin = origin.rstrip("/").lower()
        left = [one for one in self.all() if one.origin != origin]
        if len(left) == len(self.all()):
            raise NoSuchKey(f"{origin} is not allowed; nothing was changed")
        self._keep(left)

    def _keep(self, origins: list[AllowedOrigin]) -> None:
        by_name = sorted(origins, key=lambda one: one.origin)
        self._settings.put(_KEY, [asdict(one) for one in by_name])
