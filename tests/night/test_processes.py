"""Several processes for a large night: the same outcomes, nothing lost, nobody left behind."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import threading
from typing import TYPE_CHECKING

import pytest

from night import processes
from night.processes import forked, processes_for, share_for
from reconciliation.engine import reconcile_on
from reconciliation.index import build_index
from reconciliation.settings import MatchSettings
from storage import matches
from tests.office import PAYERS, Payment
from tests.reconciliation.invented_books import OWN_ACCOUNT, invent

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ledger.finding import Finding
    from tests.office import TestOffice

pytestmark = [
    pytest.mark.skipif("fork" not in multiprocessing.get_all_start_methods(), reason="this system does not fork"),
    # Newer Pythons warn of what processes_for rules out: the test runner has threads of its own.
    pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning"),
]

SLICES = [range(number, number + 1) for number in range(20)]


def written(numbers: Sequence[int]) -> bytes:
    return b"".join(b"%d" % number for number in numbers)


@pytest.mark.parametrize("count", [1, 2, 3, 7])
def test_any_number_of_processes_gives_the_same_in_order(count: int) -> None:
    findings: list[Finding] = []
    assert list(forked(count, findings)(written, SLICES)) == [written(one) for one in SLICES]
    assert not findings
    assert not multiprocessing.active_children()


@pytest.mark.parametrize("slices", [[], SLICES[:1], SLICES[:2]])
def test_few_slices_need_few_processes(slices: list[range]) -> None:
    assert list(forked(4, [])(written, slices)) == [written(one) for one in slices]


def test_much_is_carried_without_waiting_for_ever() -> None:
    found = list(forked(3, [])(lambda numbers: bytes([numbers[0]]) * 3_000_000, SLICES[:9]))
    assert [(one[0], len(one)) for one in found] == [(number, 3_000_000) for number in range(9)]


def test_outcomes_are_the_same_for_one_two_and_three_processes() -> None:
    books = invent(seed=11, items=400, payments=400)
    index = build_index(
        items=books.items,
        debtors=books.debtors,
        known_payers=(),
        past=(),
        settings=MatchSettings(),
        own_accounts={OWN_ACCOUNT},
    )
    whole = reconcile_on(index, books.entries)
    for count in (1, 2, 3):
        findings: list[Finding] = []
        found = reconcile_on(index, books.entries, share=forked(count, findings), slice_size=40)
        assert tuple(found) == whole, count
        assert not findings


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_the_part_of_a_helper_that_dies_is_done_without_it_and_told(how: signal.Signals) -> None:
    night = os.getpid()

    def deadly(numbers: Sequence[int]) -> bytes:
        if os.getpid() != night and 5 in numbers:
            os.kill(os.getpid(), how)
        return written(numbers)

    findings: list[Finding] = []
    assert list(forked(2, findings)(deadly, SLICES)) == [written(one) for one in SLICES]
    (finding,) = findings
    assert finding.code == "matching_helper_lost"
    assert "8 of 20 slices" in finding.what  # it had done 1 and 3
    assert not multiprocessing.active_children()


def test_a_mistake_of_ours_in_a_helper_is_seen_in_the_night(capfd: pytest.CaptureFixture[str]) -> None:
    def mistaken(numbers: Sequence[int]) -> bytes:
        assert 5 not in numbers, "five is no number"
        return written(numbers)

    with pytest.raises(AssertionError, match="five is no number"):
        forked(2, [])(mistaken, SLICES)
    assert "five is no number" in capfd.readouterr().err
    assert not multiprocessing.active_children()


def test_helpers_end_when_the_night_is_stopped() -> None:
    night = os.getpid()

    def stopped(numbers: Sequence[int]) -> bytes:
        if os.getpid() == night:
            raise KeyboardInterrupt
        return written(numbers) * 1_000_000

    with pytest.raises(KeyboardInterrupt):
        forked(3, [])(stopped, SLICES)
    assert not multiprocessing.active_children()


_KILLED = """
import os, sys, time
from night.processes import forked
night = os.getpid()
def slow(numbers):
    if os.getpid() != night:
        print(os.getpid(), flush=True)
    time.sleep(0.05)
    return bytes(100_000)
forked(3, [])(slow, [range(1)] * 1_000)
"""


def test_helpers_do_not_outlive_a_night_that_is_killed() -> None:
    night = subprocess.Popen([sys.executable, "-c", _KILLED], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    assert night.stdout is not None
    helpers: set[bytes] = set()
    while len(helpers) < 2:
        helpers.add(night.stdout.readline())
    night.kill()
    night.communicate(timeout=20)  # ends when nobody holds its output any more, and they hold it as long as they live


def test_a_small_night_is_done_in_one_piece_and_a_large_one_is_shared() -> None:
    assert share_for(processes.LARGE - 1, 4, []) is None
    assert share_for(processes.LARGE, 1, []) is map


def test_beside_other_threads_there_is_one_process() -> None:
    done = threading.Event()
    other = threading.Thread(target=done.wait)
    other.start()
    try:
        assert processes_for(4) == 1
    finally:
        done.set()
        other.join()


def test_a_night_of_several_processes_books_the_same(office: TestOffice, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "LARGE", 1)
    monkeypatch.setattr(matches, "_CHUNK", 3)  # so that storage takes several batches as well
    monkeypatch.setattr(processes, "processes_for", lambda _: 2)
    office.debtor("10001", "Huber GmbH", iban=PAYERS[0])
    payments = []
    for number in range(1, 9):
        office.item(f"RE-2026-{number:05d}", "10001", f"{number}19.00", due="2026-06-01")
        payments.append(
            Payment(amount=f"{number}19.00", payer="Huber GmbH", iban=PAYERS[0], text=f"RE-2026-{number:05d}")
        )
    office.statement("2026-07-01", *payments, payments[0])
    report = office.night("2026-07-01")
    assert report["failures"] == []
    assert report["reconciled"]["by_state"] == {
        "auto": 7,
        "review": 2,
    }  # nobody knows which of two equal ones came in vain
    assert sum(report["reconciled"]["by_class"].values()) == 7
    assert office.verified() == []
    assert office.night("2026-07-02")["reconciled"]["by_state"] == {"review": 2}
