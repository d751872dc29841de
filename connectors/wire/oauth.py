"""OAuth 2 (RFC 6749, RFC 7636, RFC 8252): tokens that rotate, renewed by one process while the others wait."""

from __future__ import annotations

import base64
import hashlib
import secrets
import time
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING, Any, Final, Protocol
from urllib.parse import parse_qs, urlencode, urlsplit

from requests.auth import AuthBase

from connectors.wire.client import Bounds, Wire
from connectors.wire.limiter import LocalLimiter, Rate
from connectors.wire.secret import Basic, Secret
from ledger.errors import Refused, Unavailable, Uncertain, Unreadable

if TYPE_CHECKING:
    from collections.abc import Callable

    from requests import PreparedRequest

_MARGIN_SECONDS: Final = 60.0  # a token that ends so soon is renewed first
_UNTOLD_SECONDS: Final = 300.0  # a token whose end is not told is used for so long
_LONGEST_WORDS: Final = 200
_SILENT_SECONDS: Final = 2.0  # browsers open connections ahead, and say nothing on them
_SECRET_PARTS: Final = ("refresh_token", "code", "code_verifier")
# While a token is renewed others wait for it, so that is neither repeated nor waited for long.
_BOUNDS: Final = Bounds(
    connect_seconds=5.0, silence_seconds=12.0, answer_seconds=15.0, attempts=1, answer_bytes=65_536
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tokens:
    """What lets us in for a while, and what renews it."""

    access: Secret
    refresh: Secret
    seconds_left: float


class TokenStore(Protocol):
    """Where the tokens of one source are kept, encrypted."""

    def load(self) -> Tokens | None:
        """Give the tokens as they are now; None before the first ``connect``."""

    def replace(self, renew: Callable[[Tokens | None], Tokens]) -> Tokens:
        """Replace the tokens while nobody else can: ``renew`` gets those that are there now, and gives new ones."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OAuthClient:
    """How a tool knows this program, and where it hands out tokens."""

    tool: str
    authorize_url: str
    token_url: str
    client_id: str
    client_secret: Secret | None  # None for public clients, which prove themselves by PKCE alone
    scope: str
    allow_http: bool = False
    loopback: str = "127.0.0.1"  # some tools send the browser back to "localhost" alone

    def exchange(self, code: str, verifier: str, redirect: str) -> Tokens:
        """Turn the code of a consent into the first tokens (RFC 6749, 4.1.3)."""
        return self._tokens(
            {"grant_type": "authorization_code", "code": code, "code_verifier": verifier, "redirect_uri": redirect}
        )

    def renewed(self, tokens: Tokens) -> Tokens:
        """Renew tokens (RFC 6749, 6); where the tool gives no new refresh token, the old one stays good."""
        return self._tokens({"grant_type": "refresh_token", "refresh_token": tokens.refresh.reveal()}, tokens.refresh)

    def _tokens(self, question: dict[str, str], refresh: Secret | None = None) -> Tokens:
        parts = urlsplit(self.token_url)
        secret = self.client_secret or Secret("")
        wire = Wire(
            tool=self.tool,
            base=f"{parts.scheme}://{parts.netloc}",
            auth=Basic(self.client_id, secret) if self.client_secret else _Nobody(),
            credential=secret.fingerprint(),
            rate=Rate(requests=10, seconds=1),
            limiter=LocalLimiter(),
            secrets=(secret, *(Secret(question[name]) for name in _SECRET_PARTS if name in question)),
            bounds=_BOUNDS,
            allow_http=self.allow_http,
        )
        form = question if self.client_secret else {**question, "client_id": self.client_id}
        try:
            said = wire.write("POST", parts.path, data=form).record()
        except Refused as error:
            raise Refused(f"{error}\n    Give the consent again: run_sync.py connect {self.tool}") from None
        except Uncertain as error:  # the old ones may still be good: most tools give a lost answer a second chance
            raise Unavailable(str(error)) from None
        except Unreadable:  # what came may hold tokens, so that it is not shown
            raise Unreadable(f"{self.tool}: {parts.netloc}{parts.path} gave something else than tokens") from None
        return self._read(said, refresh)

    def _read(self, said: dict[str, Any], refresh: Secret | None) -> Tokens:
        access, renewed = said.get("access_token"), said.get("refresh_token")
        kept = Secret(renewed) if isinstance(renewed, str) and renewed else refresh
        if not isinstance(access, str) or not access or kept is None:
            raise Refused(
                f"{self.tool}: the answer holds no tokens\n"
                "    The consent may lack the right to stay signed in (offline_access): look at the scopes."
            )
        return Tokens(access=Secret(access), refresh=kept, seconds_left=_life(said.get("expires_in")))


def _life(told: Any) -> float:
    """Give for how many seconds a token is good (RFC 6749, 5.1); some tools write the number as a text."""
    text = str(told)[:9]
    return float(text) if text.isascii() and text.isdigit() and int(text) else _UNTOLD_SECONDS


@dataclass(frozen=True)
class OAuth(AuthBase):
    """Signs each request with a token that is still good for a while."""

    client: OAuthClient
    store: TokenStore

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        """Put the token into a request, renewing it first where it is about to end."""
        tokens = self.store.load()
        if tokens is None or tokens.seconds_left < _MARGIN_SECONDS:
            tokens = self.store.replace(self._renewed)
        request.headers["Authorization"] = f"Bearer {tokens.access.reveal()}"
        return request

    def _renewed(self, tokens: Tokens | None) -> Tokens:
        if tokens is None:
            raise Refused(
                f"{self.client.tool}: nobody has given the consent yet\n"
                f"    Run: run_sync.py connect {self.client.tool}"
            )
        if tokens.seconds_left >= _MARGIN_SECONDS:  # another process was quicker
            return tokens
        return self.client.renewed(tokens)


class _Nobody(AuthBase):
    """Signs nothing: a public client names itself in the question."""

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        return request


def ask_consent(
    client: OAuthClient, show: Callable[[str], None], *, port: int = 0, wait_seconds: float = 300.0
) -> Tokens:
    """Let a person give the consent in a browser of this machine, and give the first tokens.

    ``show`` is told the address to open. The tool sends the browser back to this machine's own loopback address
    (RFC 8252, 7.3); PKCE (RFC 7636) makes a stolen code worthless, and ``state`` a forged answer.
    """
    verifier, state = secrets.token_urlsafe(64), secrets.token_urlsafe(24)
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    with _door(client.tool, port, state) as door:
        redirect = f"http://{client.loopback}:{door.server_port}/callback"
        question = {
            "response_type": "code",
            "client_id": client.client_id,
            "redirect_uri": redirect,
            "scope": client.scope,
            "state": state,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        show(f"{client.authorize_url}{'&' if '?' in client.authorize_url else '?'}{urlencode(question)}")
        said = _landed(door, wait_seconds)
    if not said.get("code"):
        why = said.get("error_description") or said.get("error") or "no code came back"
        raise Refused(f"{client.tool}: the consent was not given: {' '.join(why.split())[:_LONGEST_WORDS]}")
    return client.exchange(said["code"], verifier, redirect)


class _Door(HTTPServer):
    """The door of this machine to which the browser comes back: it opens for one ``state`` alone."""

    def __init__(self, port: int, state: str) -> None:
        super().__init__(("127.0.0.1", port), _Landing)
        self.timeout = 1.0
        self.state = state
        self.said: dict[str, str] | None = None

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: whoever broke off was not the browser we wait for."""


def _door(tool: str, port: int, state: str) -> _Door:
    try:
        return _Door(port, state)
    except OSError as error:
        raise Refused(
            f"{tool}: port {port} of this machine cannot be used: {error.strerror}; choose another"
        ) from None


def _landed(door: _Door, wait_seconds: float) -> dict[str, str]:
    """Wait for the browser to come back with the right ``state``; whatever else knocks is turned away."""
    end = time.monotonic() + wait_seconds
    while time.monotonic() < end:
        door.handle_request()
        if door.said is not None:
            return door.said
    raise Unavailable(f"nobody gave the consent within {wait_seconds:.0f} seconds; run the command again")


class _Landing(BaseHTTPRequestHandler):
    """The page the browser lands on after the consent."""

    server: _Door
    timeout = _SILENT_SECONDS

    def do_GET(self) -> None:
        """Take the answer out of the address, and tell the person that the window may be closed."""
        parts = urlsplit(self.path)
        said = {key: values[0] for key, values in parse_qs(parts.query).items()}
        if parts.path != "/callback" or not self._expected(said.get("state", "")):
            self.send_error(404)
            return
        self.server.said = said
        self.send_response(200)
        self.send_header("Content-Type", "text/plain; charset=utf-8")
        self.end_headers()
        self.wfile.write(b"Kontorist hat die Antwort erhalten. Dieses Fenster kann geschlossen werden.\n")

    def _expected(self, state: str) -> bool:
        return secrets.compare_digest(state.encode("utf-8", "replace"), self.server.state.encode())

    def log_message(self, *_: Any) -> None:
        """Log nothing: the address holds the code."""
