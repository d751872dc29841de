"""The consent of a person, and tokens that rotate: end to end against an authorisation server on this machine."""

from __future__ import annotations

import base64
import hashlib
import json
import socket
import threading
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, quote, urlsplit

import pytest
import requests

from connectors.wire import Secret
from connectors.wire.oauth import OAuth, OAuthClient, Tokens, ask_consent
from ledger.errors import Refused, Unavailable, Unreadable
from tests.connectors.wire.hostile import http

if TYPE_CHECKING:
    from collections.abc import Callable

    from connectors.wire import Wire
    from tests.connectors.wire.conftest import Serve
    from tests.connectors.wire.hostile import HostileServer

GRANTED = {"access_token": "access-one", "refresh_token": "refresh-one", "expires_in": 3600}


def client(server: HostileServer, secret: str | None = None, **more: Any) -> OAuthClient:
    """Give a client of the fake authorisation server."""
    return OAuthClient(
        tool="muster",
        authorize_url=more.get("authorize_url", f"{server.base}/authorize"),
        token_url=f"{server.base}/token",
        client_id="kontorist",
        client_secret=Secret(secret) if secret else None,
        scope="invoices offline_access",
    )


def granted(**more: Any) -> bytes:
    """Write an answer with tokens."""
    return http(json.dumps(GRANTED | more).encode())


class Browser:
    """A person who opens the address, agrees (or not), and is sent back."""

    def __init__(self, *answers: Callable[[dict[str, str]], str]) -> None:
        self.answers = answers
        self.asked: dict[str, str] = {}
        self.pages: list[int] = []

    def __call__(self, address: str) -> None:
        self.asked = {key: values[0] for key, values in parse_qs(urlsplit(address).query).items()}
        threading.Thread(target=self._answer, daemon=True).start()

    def _answer(self) -> None:
        for answer in self.answers:
            address = self.asked["redirect_uri"] + answer(self.asked)
            try:
                self.pages.append(requests.get(address, timeout=5).status_code)
            except requests.ConnectionError:
                self.pages.append(0)


def agree(asked: dict[str, str]) -> str:
    """Come back with a code."""
    return f"?code=the-code&state={asked['state']}"


def form_of(server: HostileServer) -> dict[str, str]:
    """Give the form of the last question."""
    body = server.asked[-1].partition(b"\r\n\r\n")[2].decode()
    return {key: values[0] for key, values in parse_qs(body).items()}


def test_a_consent_becomes_tokens_with_proof_that_it_was_ours(serve: Serve) -> None:
    server, browser = serve(granted()), Browser(agree)
    tokens = ask_consent(client(server), browser, wait_seconds=5)

    assert (tokens.access.reveal(), tokens.refresh.reveal(), tokens.seconds_left) == (
        "access-one",
        "refresh-one",
        3600,
    )
    form = form_of(server)
    digest = hashlib.sha256(form["code_verifier"].encode()).digest()
    assert base64.urlsafe_b64encode(digest).rstrip(b"=").decode() == browser.asked["code_challenge"]
    assert browser.asked["code_challenge_method"] == "S256"
    assert form["redirect_uri"] == browser.asked["redirect_uri"]
    assert form["redirect_uri"].startswith("http://127.0.0.1:")
    assert (form["grant_type"], form["code"], form["client_id"]) == ("authorization_code", "the-code", "kontorist")
    assert 43 <= len(form["code_verifier"]) <= 128


def test_a_client_with_a_secret_proves_itself_by_it(serve: Serve) -> None:
    server = serve(granted())
    ask_consent(client(server, "client-secret"), Browser(agree), wait_seconds=5)
    assert server.heads("Authorization") == ["Basic a29udG9yaXN0OmNsaWVudC1zZWNyZXQ="]
    assert b"client-secret" not in server.asked[0]


def test_an_address_that_has_a_question_already_keeps_it(serve: Serve) -> None:
    server, browser = serve(granted()), Browser(agree)
    ask_consent(client(server, authorize_url="https://t.example/a?audience=x"), browser, wait_seconds=5)
    assert browser.asked["audience"] == "x"
    assert browser.asked["client_id"] == "kontorist"


def test_whoever_knocks_with_another_state_is_turned_away(serve: Serve) -> None:
    server = serve(granted())
    browser = Browser(
        lambda _: "?code=forged&state=guessed",
        lambda _: "?code=forged",
        lambda _: f"?code=forged&state={quote('ümläut')}",
        lambda asked: f"x?code=forged&state={asked['state']}",
        agree,
    )
    ask_consent(client(server), browser, wait_seconds=5)
    time.sleep(0.05)
    assert browser.pages == [404, 404, 404, 404, 200]
    assert form_of(server)["code"] == "the-code"


def test_a_browser_that_opens_connections_ahead_does_not_block_the_door(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("connectors.wire.oauth._Landing.timeout", 0.1)
    server, browser = serve(granted()), Browser(agree)
    ahead: list[socket.socket] = []

    def show(address: str) -> None:
        redirect = urlsplit(parse_qs(urlsplit(address).query)["redirect_uri"][0])
        ahead.append(socket.create_connection((str(redirect.hostname), int(redirect.port or 0))))
        browser(address)

    assert ask_consent(client(server), show, wait_seconds=5).access.reveal() == "access-one"
    for one in ahead:
        one.close()


def test_a_person_who_says_no_is_heard(serve: Serve) -> None:
    server = serve(granted())
    no = Browser(lambda asked: f"?error=access_denied&error_description=Nicht%0Aerlaubt&state={asked['state']}")
    with pytest.raises(Refused, match="the consent was not given: Nicht erlaubt"):
        ask_consent(client(server), no, wait_seconds=5)
    assert server.asked == []


def test_nobody_answers_in_time(serve: Serve) -> None:
    with pytest.raises(Unavailable, match="nobody gave the consent"):
        ask_consent(client(serve(granted())), lambda _: None, wait_seconds=0.1)


def test_a_port_in_use_is_told(serve: Serve) -> None:
    server = serve(granted())
    with pytest.raises(Refused, match="cannot be used"):
        ask_consent(client(server), lambda _: None, port=server.port, wait_seconds=0.1)


@pytest.mark.parametrize(
    ("answer", "becomes"),
    [
        (http(b'{"error": "invalid_grant", "error_description": "refresh-old is used"}', status="400 Bad"), Refused),
        (http(b'{"error": "invalid_client"}', status="401 No"), Refused),
        (http(b'{"token_type": "bearer"}'), Refused),
        (http(b'{"access_token": ""}'), Refused),
        (http(b'{"access_token": 5}'), Refused),
        (http(b"access_token=gives-us-away&x=1"), Unreadable),
        (http(b'["gives-us-away"]'), Unreadable),
        (http(b"<html>gives-us-away</html>"), Unreadable),
        (http(b"", status="503 Oh"), Unavailable),
        (http(b"", status="429 Slow"), Unavailable),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{", Unavailable),
    ],
)
def test_tokens_that_are_not_renewed(serve: Serve, answer: bytes, becomes: type[Exception]) -> None:
    def script(connection: socket.socket) -> None:
        connection.sendall(answer)

    server = serve(script)
    with pytest.raises(becomes) as told:
        client(server).renewed(Tokens(access=Secret("access-old"), refresh=Secret("refresh-old"), seconds_left=0))
    assert "refresh-old" not in str(told.value)
    assert "gives-us-away" not in str(told.value)
    assert len(server.asked) == 1, "a refresh token is used once"
    if becomes is Refused and b"error" in answer:
        assert "run_sync.py connect muster" in str(told.value)


@pytest.mark.parametrize(
    ("told", "seconds"),
    [
        (1800, 1800),
        ("1800", 1800),
        (0, 300),
        (None, 300),
        ("soon", 300),
        (-5, 300),
        (True, 300),
        (10**40, 100_000_000),
    ],
)
def test_how_long_a_token_is_good(serve: Serve, told: Any, seconds: float) -> None:
    server = serve(granted(expires_in=told))
    tokens = client(server).renewed(Tokens(access=Secret("a"), refresh=Secret("refresh-old"), seconds_left=0))
    assert tokens.seconds_left == seconds


def test_a_refresh_token_that_stays_stays(serve: Serve) -> None:
    server = serve(granted(refresh_token=None))
    tokens = client(server).renewed(Tokens(access=Secret("a"), refresh=Secret("refresh-old"), seconds_left=0))
    assert tokens.refresh.reveal() == "refresh-old"


class Store:
    """Keeps tokens in the memory."""

    def __init__(self, tokens: Tokens | None) -> None:
        self.tokens = tokens

    def load(self) -> Tokens | None:
        return self.tokens

    def replace(self, renew: Callable[[Tokens | None], Tokens]) -> Tokens:
        self.tokens = renew(self.tokens)
        return self.tokens


def tokens_for(seconds: float) -> Tokens:
    """Give tokens that are good for so long."""
    return Tokens(access=Secret("access-old"), refresh=Secret("refresh-old"), seconds_left=seconds)


@pytest.mark.parametrize(
    ("left", "used", "renewals"), [(3_600, "access-old", 0), (30, "access-one", 1), (-9, "access-one", 1)]
)
def test_a_token_about_to_end_is_renewed_before_it_is_used(
    serve: Serve, wired: Callable[..., Wire], left: float, used: str, renewals: int
) -> None:
    authority, tool = serve(granted()), serve(http(b"{}"))
    auth = OAuth(client(authority), Store(tokens_for(left)))
    wired(tool.base, auth=auth).read("x")
    wired(tool.base, auth=auth).read("x")
    assert tool.heads("Authorization") == [f"Bearer {used}"] * 2
    assert len(authority.asked) == renewals


def test_a_write_whose_token_could_not_be_renewed_was_never_told(serve: Serve, wired: Callable[..., Wire]) -> None:
    authority, tool = serve(http(b"", status="503 Oh")), serve(http(b"{}"))
    with pytest.raises(Unavailable) as told:
        wired(tool.base, auth=OAuth(client(authority), Store(tokens_for(0)))).write("POST", "x", json={})
    assert type(told.value) is Unavailable
    assert tool.asked == []


def test_without_any_consent_the_command_is_named(serve: Serve, wired: Callable[..., Wire]) -> None:
    with pytest.raises(Refused, match="connect muster"):
        wired(serve(http(b"{}")).base, auth=OAuth(client(serve(granted())), Store(None))).read("x")


def test_nothing_that_holds_tokens_shows_them() -> None:
    assert "access-old" not in repr(tokens_for(1))
    assert "refresh-old" not in repr(tokens_for(1))
