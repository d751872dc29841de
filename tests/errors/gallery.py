"""A reproducer: an office, something that goes wrong in it, and everything that is said and left afterwards."""

from __future__ import annotations

import contextlib
import json
import re
import shutil
import tomllib
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import structlog
from typer.testing import CliRunner, Result

import run_sync
from config.loading import ConfigError, load_office
from ledger.errors import ConnectorError
from ledger.finding import Finding, Severity
from ledger.money import Money, german
from night.exports import match_rows, open_item_rows
from night.verify import verify
from storage.database import open_database, reading
from storage.outbox import load_effects
from tests.errors.arrangements import ARRANGEMENTS
from tests.office import ROOT

if TYPE_CHECKING:
    import pytest

    from storage.database import Connection

TONIGHT: Final = "2026-07-01"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reproducer:
    """One case of the gallery."""

    folder: Path
    command: tuple[str, ...] = ("night", "--as-of", TONIGHT, "--json")
    arrange: str = ""  # what the world does meanwhile: a name from tests/errors/arrangements.py
    settings: str = ""  # TOML added to the end of the configuration
    again: bool = False  # whether the command is run again when the world is in order

    @classmethod
    def read(cls, folder: Path) -> Reproducer:
        """Read case.toml, where there is one."""
        file = folder / "case.toml"
        told = tomllib.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
        if "command" in told:
            told["command"] = tuple(told["command"].split())
        return cls(folder=folder, **told)

    def happen(self, yesterday: Path, office: Path, monkeypatch: pytest.MonkeyPatch) -> str:
        """Run the command over the office with the case's files in it; give the golden text."""
        shutil.copytree(yesterday, office)
        self._bring_files(office)
        with monkeypatch.context() as patches, contextlib.ExitStack() as world:
            patches.chdir(office)
            values = world.enter_context(ARRANGEMENTS[self.arrange](office, patches)) if self.arrange else {}
            if self.settings:
                with (office / "kontorist.toml").open("a", encoding="utf-8") as file:
                    file.write("\n" + self.settings.format(**values))
            ended = run(office, list(self.command))
            told = _told(self.command, office, ended)
        if self.again:
            told += f"\nin order again, the same command\n{_left(office, run(office, list(self.command)))}"
        for name, value in values.items():
            told = told.replace(value, f"<{name}>")
        return told.replace(str(office), "OFFICE")

    def _bring_files(self, office: Path) -> None:
        """Lay the case's files over the office; a case without statements gets a good one."""
        if not (self.folder / "inbox").is_dir():
            shutil.copytree(OFFICE_TONIGHT, office, dirs_exist_ok=True)
        for path in sorted(self.folder.rglob("*")):
            if path.is_file() and path.name not in {"case.toml", "expected.txt"}:
                target = office / path.relative_to(self.folder)
                target.parent.mkdir(exist_ok=True)
                shutil.copyfile(path, target)


OFFICE_TONIGHT: Final = Path(__file__).parent / "_tonight"


def run(office: Path, command: list[str]) -> Result:
    """Run a command as the shell would, without a process of its own."""
    logging = structlog.get_config()
    config = [] if "--config" in command else ["--config", str(office / "kontorist.toml")]
    try:
        return CliRunner().invoke(run_sync.app, [*config, *command])
    finally:
        structlog.configure(**logging)


def _told(command: tuple[str, ...], office: Path, ended: Result) -> str:
    shown = " ".join(part for part in command if part != "--json")
    return f"$ run_sync.py {shown}\n\n{_said(ended)}\n\nafterwards\n{_left(office, ended)}"


def _said(ended: Result) -> str:
    """Give what a person reads: standard error without the log, and the failures and findings of the report."""
    lines = [line for line in ended.stderr.splitlines() if not line.startswith('{"')]
    report = _report(ended)
    parts = ["\n".join(line.rstrip() for line in lines).strip("\n")]
    if report is None:
        parts.append(ended.stdout.rstrip())
    else:
        parts += [f"failure\n{_indented(failure)}" for failure in report["failures"]]
        parts += [
            f"{finding['severity']} {finding['code']}\n{_indented(_text(finding))}" for finding in report["findings"]
        ]
    return "\n\n".join(part for part in parts if part)


def _report(ended: Result) -> dict[str, Any] | None:
    if not ended.stdout.startswith("{"):
        return None
    report: dict[str, Any] = json.loads(ended.stdout)
    return report


def _text(finding: dict[str, Any]) -> str:
    return str(Finding(**{**finding, "severity": Severity(finding["severity"])}))


def _indented(text: str) -> str:
    return "\n".join(f"  {line}" for line in text.splitlines())


def _left(office: Path, ended: Result) -> str:
    """Tell what is left: files, bookings, letters; and whether everything still adds up."""
    report = _report(ended) or {}
    lines = [
        ("exit code", str(ended.exit_code)),
        ("inbox", _names(office / "inbox")),
        ("rejected", _names(office / "inbox" / "rejected")),
    ]
    dunned = report.get("dunned") or {"written_to": [], "spared": []}
    lines += [
        (
            "written to",
            ", ".join(f"{one['debtor_number']} {one['stage']}" for one in dunned["written_to"]) or "nobody",
        ),
        (
            "spared",
            ", ".join(
                f"{one['debtor_number']} {'+'.join(code for code, _ in one['because'])}" for one in dunned["spared"]
            )
            or "nobody",
        ),
        ("output", ", ".join(_files(office / "output")) or "nothing"),
    ]
    lines += _remembered(office)
    text = "".join(f"  {name:<12} {value}\n" for name, value in lines)
    for reason in sorted((office / "inbox" / "rejected").glob("*.reason.txt")):
        text += f"  {reason.name} says\n{re.sub('(?m)^', '    ', reason.read_text(encoding='utf-8').rstrip())}\n"
    return text


def _names(folder: Path) -> str:
    if not folder.is_dir():
        return "is not there"
    return ", ".join(sorted(path.name for path in folder.iterdir() if path.is_file())) or "empty"


def _files(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def _remembered(office: Path) -> list[tuple[str, str]]:
    """Look into the database, with a good configuration, as far as there still is one."""
    shutil.copyfile(Path(__file__).parent / "_office" / "kontorist.toml", office / "good.toml")
    settings = load_office(office / "good.toml", house=ROOT / "config")
    try:
        engine = open_database(settings.settings.database, base=office)
    except (ConnectorError, ConfigError):
        return [("database", "cannot be read, and was left as it is")]
    try:
        with reading(engine) as connection:
            return list(_facts(connection))
    finally:
        engine.dispose()


def _facts(connection: Connection) -> list[tuple[str, str]]:
    matches = list(match_rows(connection, "muster"))
    items = [
        f"{row['document_number']} {german(Money(row['open_minor'], row['currency']))}"
        for row in open_item_rows(connection, "muster", date.fromisoformat(TONIGHT))
    ]
    problems = verify(connection, "muster")["problems"]
    outbox = [f"{effect.outbox_id} {effect.status.value}" for effect in load_effects(connection, "muster")]
    return [
        ("outbox", ", ".join(outbox) or "empty"),
        (
            "entries",
            ", ".join(f"{german(Money(m['amount_minor'], m['currency']))} {m['state']}" for m in matches) or "none",
        ),
        ("open", ", ".join(items) or "nothing"),
        ("verify", "; ".join(problems) or "everything adds up"),
    ]
