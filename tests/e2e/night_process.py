"""A process that runs `run_sync.py` again and again, each time in a child that can be killed at a chosen point.

Loading the program takes a second, a small night much less. So it is loaded once, and every command of the test runs
in a fork of the loaded process: one JSON line in, one JSON line out. A point is an event of the file system or of
the database: a file opened for writing, renamed, removed, a folder made, a transaction begun or committed, a
piece of mail sent. With ``die_at`` the child sends itself SIGKILL just before the event of that number.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import sys
import time
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Engine, event

import run_sync

_WRITES: Final = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC
_FILE_EVENTS: Final = frozenset({"os.mkdir", "os.rename", "os.remove"})
_MAIL_EVENTS: Final = frozenset({"smtplib.connect", "smtplib.send"})


def main() -> None:
    """Answer every order on standard input until it ends."""
    for line in sys.stdin:
        print(json.dumps(_obey(json.loads(line))), flush=True)


def _obey(order: dict[str, Any]) -> dict[str, Any]:
    child = os.fork()
    if not child:
        _be_the_child(order)
    if order["die_after_seconds"] is not None:
        time.sleep(order["die_after_seconds"])
        # The child is not waited for yet, so its number cannot belong to anybody else.
        os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    return {"exit_code": os.waitstatus_to_exitcode(status)}


def _be_the_child(order: dict[str, Any]) -> None:
    """Run one command with its output in files, and end without coming back."""
    with Path(order["output"]).open("wb") as out, Path(order["errors"]).open("wb") as err:
        os.dup2(out.fileno(), 1)
        os.dup2(err.fileno(), 2)
    os.environ.update(order["environment"])
    if order["clock"]:
        run_sync.ask_the_clock = lambda: datetime.fromisoformat(order["clock"])
    points = Points(base=order["base"], die_at=order["die_at"])
    points.watch()
    code = 0
    try:
        run_sync.app(order["arguments"], standalone_mode=True)
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 1
    except BaseException:  # noqa: BLE001 - a child that came back would be a second parent
        import traceback

        traceback.print_exc()
        code = 99
    finally:
        points.die_at = 0
        with contextlib.suppress(OSError):
            Path(order["points"]).write_text("\n".join(points.seen), encoding="utf-8")
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


class Points:
    """Counts the points of a run, and dies at one of them."""

    def __init__(self, *, base: str, die_at: int) -> None:
        self.base = base
        self.die_at = die_at
        self.seen: list[str] = []
        self._inside = False

    def watch(self) -> None:
        """Look at everything the process does from now on."""
        sys.addaudithook(self._audited)
        event.listen(Engine, "begin", lambda _: self._reached("begin"))
        event.listen(Engine, "commit", lambda _: self._reached("commit"))

    def _audited(self, name: str, details: tuple[Any, ...]) -> None:
        if self._inside:
            return
        if name in _MAIL_EVENTS:
            self._reached(name)
        elif name in _FILE_EVENTS or (name == "open" and isinstance(details[2], int) and details[2] & _WRITES):
            path = "" if isinstance(details[0], int) else os.fsdecode(details[0])
            if path.startswith(self.base):
                self._reached(f"{name} {path.removeprefix(self.base)}")

    def _reached(self, what: str) -> None:
        self._inside = True
        self.seen.append(what)
        self._inside = False
        if len(self.seen) == self.die_at:
            os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    main()
