"""Several processes (Prozesse) for a large night: forked, so that everything which is known is shared by all of them.

Each gets slices in turn, and helpers send back what they made of theirs. What a helper that died did not send, the
night does by itself, and says so: nothing is lost, and a mistake of ours is met again, where it is seen.
"""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
import sys
import threading
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Final

from ledger.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from multiprocessing.connection import Connection
    from multiprocessing.context import ForkProcess

    from reconciliation.in_parallel import Share, Work

LARGE: Final = 20_000  # entries; fewer are done in seconds, and lie in memory easily


def share_for(entries: int, wished: int, findings: list[Finding]) -> Share | None:
    """Say how a night of so many entries is shared out; None where it is small enough to be done in one piece.

    ``wished`` is the number of processes, 0 for as many as there are cores. Helpers that died are told in
    ``findings``.
    """
    if entries < LARGE:
        return None
    processes = processes_for(wished)
    return forked(processes, findings) if processes > 1 else map


def processes_for(wished: int) -> int:
    """Say how many processes can be used; where forking is not safe, one.

    It is not on macOS, whose libraries may break (Python itself does not fork there by default), nor beside other
    threads, which may hold a lock that nobody in the new process would ever release.
    """
    is_safe = "fork" in multiprocessing.get_all_start_methods() and sys.platform != "darwin"
    if not is_safe or threading.active_count() > 1:
        return 1
    return wished or _cores()


def forked(processes: int, findings: list[Finding]) -> Share:
    """Give a way to share out slices among so many processes, of which this one is the first."""

    def share(work: Work, slices: Sequence[Sequence[int]]) -> list[bytes]:
        helpers = min(processes, len(slices)) - 1
        if helpers < 1:
            return list(map(work, slices))
        found = _with_helpers(work, slices, helpers)
        missing = [number for number in range(len(slices)) if number not in found]
        if missing:
            findings.append(_helper_lost(len(missing), len(slices)))
        return [found[number] if number in found else work(slices[number]) for number in range(len(slices))]

    return share


def _with_helpers(work: Work, slices: Sequence[Sequence[int]], helpers: int) -> dict[int, bytes]:
    """Work beside some helpers, each on its slices; what is missing in the end belongs to helpers that died.

    This process works too and does not only wait, because each one has its own copy of the memory it works on.
    """
    count = helpers + 1
    found: dict[int, bytes] = {}
    with _helpers(work, slices, count, found) as hearing:
        for number in range(0, len(slices), count):
            found[number] = work(slices[number])
        for thread in hearing:
            thread.join()
    return found


@contextmanager
def _helpers(
    work: Work, slices: Sequence[Sequence[int]], count: int, found: dict[int, bytes]
) -> Iterator[list[threading.Thread]]:
    """Start all processes but the first, and threads that hear what they send; leave none of them behind."""
    context = multiprocessing.get_context("fork")
    pipes = [context.Pipe(duplex=False) for _ in range(1, count)]
    helpers = [
        context.Process(target=_help, args=(work, slices[number::count], pipes, sending), daemon=True)
        for number, (_, sending) in enumerate(pipes, start=1)
    ]
    # They start after all helpers, so that no thread of ours is forked.
    hearing = [
        threading.Thread(target=_hear, args=(pipe, range(number, len(slices), count), found))
        for number, (pipe, _) in enumerate(pipes, start=1)
    ]
    try:
        for helper in helpers:
            helper.start()
        for _, sending in pipes:
            sending.close()  # so that a pipe ends when its helper does
        for thread in hearing:
            thread.start()
        yield hearing
    finally:
        for helper in helpers:
            _end(helper)
        for _, sending in pipes:
            sending.close()
        for thread in hearing:
            _await(thread)
        for pipe, _ in pipes:
            pipe.close()


def _hear(pipe: Connection, numbers: Iterable[int], found: dict[int, bytes]) -> None:
    """Take in what one helper sends, until it is done or dead."""
    with suppress(EOFError, OSError):
        for number in numbers:
            found[number] = pipe.recv_bytes()


def _help(
    work: Work,
    slices: Sequence[Sequence[int]],
    pipes: Sequence[tuple[Connection, Connection]],
    mine: Connection,
) -> None:
    """Be a helper: do some slices, and end."""
    for hearing, sending in pipes:
        # Whoever kept an end of another pipe would keep that helper waiting after the night has died.
        hearing.close()
        if sending is not mine:
            sending.close()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the night is told to stop, and it ends its helpers
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    # To look through old objects for cycles would write to each, and so copy memory that is shared otherwise.
    gc.disable()
    gc.freeze()
    for one in slices:
        mine.send_bytes(work(one))


def _end(helper: ForkProcess) -> None:
    if helper.pid is not None:  # it was started
        helper.kill()
        helper.join()


def _await(thread: threading.Thread) -> None:
    if thread.ident is not None:  # it was started
        thread.join()


def _cores() -> int:
    """Count the cores this process may use; a container may have fewer than the machine."""
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1


def _helper_lost(missing: int, slices: int) -> Finding:
    return Finding(
        code="matching_helper_lost",
        place="matching",
        what=f"a process that helped with the matching died: {missing} of {slices} slices were done without it",
        what_to_do=(
            "Nothing is missing, it only took longer. Mostly the system ended it because memory was short: look into "
            "its log, and set matching_processes to fewer, or give the machine more memory."
        ),
    )
