"""Nights that fetch their statements themselves: read the same night, and nobody is dunned where that fails."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import paramiko
import pytest
from typer.testing import CliRunner

from night.doctor import examine
from run_sync import app
from tests.connectors.bank.wire.sftp_server import Served, serve
from tests.office import Payment, TestOffice

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from night.workplace import Workplace


@pytest.fixture(name="server")
def _server(tmp_path: Path) -> Iterator[Served]:
    (tmp_path / "server").mkdir()
    with serve(tmp_path / "server", [paramiko.ECDSAKey.generate()]) as served:
        yield served


@pytest.fixture(name="office")
def _office(tmp_path: Path, server: Served, monkeypatch: pytest.MonkeyPatch) -> TestOffice:
    monkeypatch.setenv("BANK_PASSWORD", "geheim")
    office = TestOffice(tmp_path / "office", "sqlite:///kontorist.db")
    office.settings = (
        '[[company.fetch]]\nkind = "sftp"\nname = "bank"\ninbox = "inbox"\nhost = "127.0.0.1"\nuser = "muster"\n'
        f'port = {server.port}\nhost_keys = ["{server.fingerprints[0]}"]\npassword = {{ env = "BANK_PASSWORD" }}\n'
        "settle_seconds = 0.0\n"
    )
    office.item("RE-1001")
    office.debtor()
    return office


def uploaded(office: TestOffice, server: Served, day: str, *payments: Payment) -> None:
    """Let the bank lay a statement onto its server."""
    path = office.statement(day, *payments)
    path.rename(server.root / path.name)


def test_a_statement_on_the_server_is_matched_the_same_night_and_never_read_twice(
    office: TestOffice, server: Served
) -> None:
    uploaded(office, server, "2026-05-04", Payment(amount="119.00", payer="Huber GmbH", text="RE-1001"))
    first = office.night("2026-05-05")
    assert first["failures"] == []
    assert [path.name for path in office.inbox.rglob("*.xml")] == ["2026-05-04_1.xml"]
    assert office.open_items("2026-05-05") == {}
    server.reads = 0
    office.night("2026-05-06")
    assert server.reads == 0
    assert office.verified() == []


def test_a_server_that_is_not_the_one_it_should_be_is_a_line_and_nobody_is_dunned(
    office: TestOffice, server: Served
) -> None:
    uploaded(office, server, "2026-06-30", Payment(amount="119.00", payer="Huber GmbH", text="RE-1001"))
    office.settings = office.settings.replace(server.fingerprints[0], f"SHA256:{'A' * 43}")
    report = office.night("2026-07-01")
    (failure,) = report["failures"]
    assert failure.startswith("bank: 127.0.0.1 is not the server it should be")
    assert office.open_items() == {"RE-1001": 11900}
    assert office.sent_files() == []


def test_a_rehearsal_fetches_nothing(office: TestOffice, server: Served) -> None:
    uploaded(office, server, "2026-05-04")
    office.rehearse("2026-05-05")
    assert (server.lists, [*office.inbox.iterdir()]) == (0, [])


def test_the_doctor_and_connect_say_whether_the_server_lets_us_in(office: TestOffice, server: Served) -> None:
    uploaded(office, server, "2026-05-04")
    office.write_lists()

    def diagnoses(work: Workplace) -> dict[str, Any]:
        return {one.what: (one.well, one.says) for one in examine(work)}

    says = "127.0.0.1 lets us in; 1 files in . are looked for"
    assert office.at_work(diagnoses, "2026-05-05")["fetch bank"] == (True, says)
    told = CliRunner().invoke(app, ["connect", "bank", "--config", str(office.config())])
    assert says in " ".join(told.output.split())


def test_what_is_fetched_must_be_read_by_somebody(office: TestOffice) -> None:
    office.settings = office.settings.replace('inbox = "inbox"', 'inbox = "elsewhere"')
    with pytest.raises(Exception, match="no bank account has the inbox elsewhere"):
        office.night("2026-05-05")
