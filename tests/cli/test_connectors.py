"""Which tools are understood, trying a key, and the consent that a person gives in a browser."""

from __future__ import annotations

import json
import re
import stat
from typing import TYPE_CHECKING, Any

import pytest
import responses
import structlog
from rich.console import Console
from typer.testing import CliRunner

import cli.asked
import cli.connectors
import run_sync
from connectors.accounting import TOOLS, Capability
from connectors.accounting.easybill import Easybill
from connectors.wire.oauth import OAuthClient, ask_consent
from tests.connectors.wire.hostile import HostileServer, http
from tests.connectors.wire.test_oauth import Browser, agree
from tests.office import TestOffice

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from typer.testing import Result

TOOL = 'kind = "easybill"\nname = "easy"\nkey = { env = "TEST_EASYBILL_KEY" }\n'
KEY = "s3cret-key-of-the-office"


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> TestOffice:
    monkeypatch.setenv("TEST_EASYBILL_KEY", KEY)
    (tmp_path / "office").mkdir()
    return TestOffice(folder=tmp_path / "office", database=f"sqlite:///{tmp_path / 'kontorist.db'}", tool=TOOL)


@pytest.fixture
def authority() -> Iterator[HostileServer]:
    tokens = {"access_token": "access-one", "refresh_token": "refresh-one", "expires_in": 3600}
    server = HostileServer([http(json.dumps(tokens).encode())])
    yield server
    server.close()


def ask(monkeypatch: pytest.MonkeyPatch, *words: str) -> Result:
    console = Console(width=220)
    for module in (cli.connectors, cli.asked):
        monkeypatch.setattr(module, "out", console)
    monkeypatch.setattr(cli.asked, "err", console)
    logging = structlog.get_config()
    try:
        return CliRunner().invoke(run_sync.app, list(words))
    finally:
        structlog.configure(**logging)


def answered(status: int, body: str) -> responses.RequestsMock:
    mock = responses.RequestsMock(assert_all_requests_are_fired=False)
    mock.add(responses.GET, re.compile("https://api.easybill.de/.*"), body=body, status=status)
    mock.add_passthru("http://127.0.0.1")
    return mock


def test_every_tool_and_what_it_can_do_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = ask(monkeypatch, "connectors").output
    assert all(kind in shown for kind in TOOLS)
    assert "books payments" in shown


def test_a_program_can_read_it_too(monkeypatch: pytest.MonkeyPatch) -> None:
    able = json.loads(ask(monkeypatch, "connectors", "--json").output)
    assert set(able) == set(TOOLS)
    assert {word for words in able.values() for word in words} <= set(Capability)


def test_a_key_is_tried(office: TestOffice, monkeypatch: pytest.MonkeyPatch) -> None:
    with answered(200, '{"total": 3, "items": []}'):
        tried = ask(monkeypatch, "connect", "easy", "--config", str(office.config()))
    assert (tried.exit_code, "muster: easybill answers" in tried.output) == (0, True), tried.output


def test_a_wrong_key_is_told_and_not_shown(office: TestOffice, monkeypatch: pytest.MonkeyPatch) -> None:
    with answered(401, json.dumps({"message": f"wrong key {KEY}"})):
        tried = ask(monkeypatch, "connect", "easy", "--config", str(office.config()))
    assert tried.exit_code != 0
    assert "renew it" in tried.output
    assert KEY not in tried.output


def test_a_name_nobody_knows_is_answered_with_those_that_are_known(
    office: TestOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried = ask(monkeypatch, "connect", "lexware", "--config", str(office.config()))
    assert tried.exit_code != 0
    assert "no accounting tool is called 'lexware'; there is easy" in tried.output


def test_a_consent_is_given_and_its_tokens_lie_sealed(
    office: TestOffice, authority: HostileServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    class WantsConsent(Easybill):
        @staticmethod
        def oauth_client(_settings: Any, _line: Any) -> OAuthClient:
            return OAuthClient(
                tool="easy",
                authorize_url=f"{authority.base}/authorize",
                token_url=f"{authority.base}/token",
                client_id="kontorist",
                client_secret=None,
                scope="all",
            )

    browser = Browser(agree)

    def with_browser(client: OAuthClient, show: Any, *, port: int) -> Any:
        def show_both(address: str) -> None:
            show(address)
            browser(address)

        return ask_consent(client, show_both, port=port, wait_seconds=5)

    monkeypatch.setattr(cli.connectors, "TOOLS", {"easybill": WantsConsent})
    monkeypatch.setattr(cli.connectors, "ask_consent", with_browser)
    with answered(200, '{"total": 0, "items": []}'):
        tried = ask(monkeypatch, "connect", "easy", "--config", str(office.config()))

    assert tried.exit_code == 0, tried.output
    assert "Open this address in a browser" in tried.output
    assert "access-one" not in tried.output
    key = office.folder / "kontorist.key"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert b"refresh-one" not in (tmp_path / "kontorist.db").read_bytes()
