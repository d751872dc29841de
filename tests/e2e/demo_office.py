"""A small invented company on disk, nights over it that can be killed, and everything that is left afterwards."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

from config.loading import load_office
from demo.company import write_demo
from night.exports import match_rows, notice_rows, open_item_rows
from night.verify import verify
from storage.database import open_database, reading
from storage.outbox import load_effects

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from storage.database import Connection

_Seen = TypeVar("_Seen")

ROOT: Final = Path(__file__).resolve().parents[2]

# What the clock puts into the output: the date of a mail, and the moment a DATEV file was made.
_MAIL_DATE: Final = re.compile(rb"(?m)^Date: .*\r\n")
_DATEV_STAMP: Final = re.compile(rb'^("EXTF";\d+;21;"[^"]*";\d+;)\d{17};')


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """How a command ended: minus nine is SIGKILL."""

    exit_code: int
    output: str
    errors: str
    points: tuple[str, ...]  # empty when it was killed
    seconds: float

    @property
    def killed(self) -> bool:
        """Whether it did not come to its end."""
        return self.exit_code == -9

    @property
    def report(self) -> dict[str, Any]:
        """The report of a night with --json."""
        report: dict[str, Any] = json.loads(self.output)
        return report


class NightProcess:
    """Runs ``run_sync.py`` in forks of one loaded process."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._process = subprocess.Popen(
            [sys.executable, "-W", "error", "-m", "tests.e2e.night_process"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )

    def run(
        self,
        base: Path,
        *arguments: str,
        die_at: int = 0,
        die_after_seconds: float | None = None,
        environment: Mapping[str, str] | None = None,
        clock: str = "",
    ) -> Ran:
        """Run one command over the office in ``base``; kill it at a point, or after a time.

        ``clock`` is the moment the front door reads, in ISO 8601 with its offset; empty: the real one.
        """
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        output, errors, points = (self._folder / name for name in ("output", "errors", "points"))
        points.unlink(missing_ok=True)
        order = {
            "arguments": [*arguments, "--config", str(base / "kontorist.toml")],
            "base": str(base),
            "die_at": die_at,
            "die_after_seconds": die_after_seconds,
            "environment": dict(environment or {}),
            "clock": clock,
            "output": str(output),
            "errors": str(errors),
            "points": str(points),
        }
        began = time.monotonic()
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        answer = json.loads(self._process.stdout.readline())
        return Ran(
            exit_code=answer["exit_code"],
            output=output.read_text(encoding="utf-8"),
            errors=errors.read_text(encoding="utf-8"),
            points=tuple(points.read_text(encoding="utf-8").splitlines()) if points.exists() else (),
            seconds=time.monotonic() - began,
        )

    def end(self) -> None:
        """Let the process go."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(timeout=10)
        self._process.stdout.close()


@dataclass(slots=True)
class DemoOffice:
    """An office in a folder that can be copied as it stands."""

    folder: Path
    night_process: NightProcess
    later: list[tuple[Path, bytes]] = field(default_factory=list, repr=False)  # statements that have not come yet

    @classmethod
    def write(cls, folder: Path, night_process: NightProcess, *, until: date, since: date, **size: int) -> DemoOffice:
        """Invent a company; statements before ``since`` are left out, the others have not come yet."""
        write_demo(folder, until=until, **size)
        later = []
        for path in sorted((folder / "inbox").glob("*/*")):
            if path.name[:10] >= since.isoformat():
                later.append((path.relative_to(folder), path.read_bytes()))
            path.unlink()
        return cls(folder, night_process, later)

    def copy(self, folder: Path) -> DemoOffice:
        """Copy everything that lies in the folder."""
        shutil.copytree(self.folder, folder)
        return DemoOffice(folder, self.night_process, [*self.later])

    def use_database(self, url: str) -> None:
        """Keep the memory somewhere else."""
        config = self.folder / "kontorist.toml"
        text = config.read_text(encoding="utf-8")
        config.write_text(re.sub(r'(?m)^database = "[^"]*"', f'database = "{url}"', text), encoding="utf-8")

    def configure(self, toml: str) -> None:
        """Add tables to the end of the configuration."""
        with (self.folder / "kontorist.toml").open("a", encoding="utf-8") as file:
            file.write(f"\n{toml}\n")

    def deliver(self, until: str) -> None:
        """Put the statements up to a day into the inboxes."""
        for path, content in self.later:
            if path.name[:10] <= until:
                (self.folder / path).write_bytes(content)
        self.later = [(path, content) for path, content in self.later if path.name[:10] > until]

    def night(self, day: str, **kill: Any) -> Ran:
        """Run a night as of a day, as a process."""
        return self.run("night", "--as-of", day, "--json", **kill)

    def run(self, *arguments: str, **kill: Any) -> Ran:
        """Run any command, as a process."""
        return self.night_process.run(self.folder, *arguments, **kill)

    def state(self, today: str) -> dict[str, Any]:
        """Give everything that must be the same after a night, whether or not it was disturbed."""
        company = "muster"
        settings = load_office(self.folder / "kontorist.toml", house=ROOT / "config").settings.company[0]
        found: dict[str, Any] = self.look(
            lambda connection: {
                "matches": list(match_rows(connection, company)),
                "notices": list(notice_rows(connection, settings, None)),
                "open items": list(open_item_rows(connection, company, date.fromisoformat(today))),
                "outbox": {e.outbox_id: (e.status.value, e.sent_on) for e in load_effects(connection, company)},
                **{k: v for k, v in verify(connection, company).items() if k in {"problems", "kinds"}},
            }
        )
        return found | {"output": self.sent_files(), "inboxes": self.inbox_files()}

    def sent_files(self) -> dict[str, bytes]:
        """Give everything in the output folder, without what the clock wrote there."""
        files = sorted(path for path in (self.folder / "output").rglob("*") if path.is_file())
        return {str(path.relative_to(self.folder / "output")): _timeless(path.read_bytes()) for path in files}

    def inbox_files(self) -> dict[str, bytes]:
        """Give everything in and below the inboxes: what waits, what was archived, what was rejected."""
        files = sorted(path for path in (self.folder / "inbox").rglob("*") if path.is_file())
        return {str(path.relative_to(self.folder / "inbox")): path.read_bytes() for path in files}

    def look(self, look: Callable[[Connection], _Seen]) -> _Seen:
        """Look into the database."""
        office = load_office(self.folder / "kontorist.toml", house=ROOT / "config")
        engine = open_database(office.settings.database, base=self.folder)
        try:
            with reading(engine) as connection:
                return look(connection)
        finally:
            engine.dispose()


def _timeless(content: bytes) -> bytes:
    return _DATEV_STAMP.sub(rb"\1;", _MAIL_DATE.sub(b"", content, count=1))
