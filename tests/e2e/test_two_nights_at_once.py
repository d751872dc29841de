"""Two nights at once: one company has one night at a time, and companies do not wait for each other."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from night.verify import verify
from storage.database import reading
from tests.office import PAYERS, ROOT, Payment, TestOffice

if TYPE_CHECKING:
    from pathlib import Path

    from tests.e2e.demo_office import NightProcess

pytestmark = pytest.mark.slow  # real processes side by side

TONIGHT = "2026-07-01"


def _start(config: Path, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "run_sync.py", "night", "--config", str(config), "--as-of", TONIGHT, *arguments],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_a_second_night_of_one_company_says_so_and_changes_nothing(
    tmp_path: Path, database_url: str, night_process: NightProcess
) -> None:
    office = TestOffice(tmp_path / "office", database_url)
    office.debtor()
    office.item("RE-2026-00001", due="2026-06-01")
    office.statement("2026-06-30", Payment(amount="50.00", payer="Huber GmbH", iban=PAYERS[0], text="Anzahlung"))
    office.night("2026-06-30")
    office.statement("2026-07-01")
    config = office.config()

    # The accounting tool takes its time: the first night waits at a list that nobody has written yet.
    items = office.folder / "open_items.csv"
    written = items.read_bytes()
    items.unlink()
    os.mkfifo(items)
    first = _start(config)
    tool = _reader_has_come(items)
    before = _everything(office)

    second = night_process.run(office.folder, "night", "--as-of", TONIGHT)
    assert second.exit_code == 3
    assert "company muster: another night is running" in second.output
    assert _everything(office) == before

    with os.fdopen(tool, "wb") as file:
        file.write(written)
    output, errors = first.communicate(timeout=30)
    assert first.returncode == 1, output + errors
    assert [n["state"] for n in office.notices() if n["run_date"] == TONIGHT] == ["held"]
    assert office.verified() == []


def _reader_has_come(pipe: Path) -> int:
    """Open a named pipe for writing as soon as somebody reads it."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            descriptor = os.open(pipe, os.O_WRONLY | os.O_NONBLOCK)
        except OSError:
            time.sleep(0.02)
            continue
        os.set_blocking(descriptor, True)
        return descriptor
    raise AssertionError("the first night never asked for the open items")


def _everything(office: TestOffice) -> tuple[object, ...]:
    waiting = sorted(path.name for path in office.inbox.rglob("*"))
    return office.matches(), office.notices(), office.open_items(), office.sent_files(), waiting, _nights(office)


def _nights(office: TestOffice) -> object:
    engine = office.engine()
    with reading(engine) as connection:
        counted = verify(connection, "muster")
    engine.dispose()
    return counted


def test_the_nights_of_two_companies_run_side_by_side(tmp_path: Path, database_url: str) -> None:
    config = tmp_path / "kontorist.toml"
    text = f'database = "{database_url}"\n'
    for name, account in (("huber", "DE02120300000000202051"), ("kaya", "DE02100500000054540402")):
        folder = tmp_path / name
        office = TestOffice(folder, database_url)
        office.debtor()
        for number in range(20):
            office.item(f"RE-2026-{number:05d}", due="2026-06-01")
        office.write_lists()
        office.statement("2026-06-30", Payment(amount="119.00", payer="Huber GmbH", text="RE-2026-00001"))
        for path in office.inbox.glob("*.xml"):
            path.write_text(path.read_text(encoding="utf-8").replace("DE02120300000000202051", account))
        text += (
            f'[[company]]\nid = "{name}"\nname = "{name.title()} GmbH"\nstate = "BY"\n'
            f'[[company.source]]\nkind = "file"\n'
            f'open_items = "{name}/open_items.csv"\ndebtors = "{name}/debtors.csv"\n'
            f'[[company.bank]]\niban = "{account}"\ninbox = "{name}/inbox"\n'
        )
    config.write_text(text, encoding="utf-8")

    nights = [_start(config, "--company", name) for name in ("huber", "kaya")]
    ended = [night.communicate(timeout=60) for night in nights]
    assert [night.returncode for night in nights] == [1, 1], ended

    engine = TestOffice(tmp_path, database_url).engine()
    with reading(engine) as connection:
        for name in ("huber", "kaya"):
            assert verify(connection, name)["problems"] == []
            assert verify(connection, name)["kinds"]["allocated"] == 1
    engine.dispose()
    assert sorted(path.name for path in (tmp_path / "output").iterdir()) == ["huber", "kaya"]
