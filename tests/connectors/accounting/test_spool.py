"""The spool: as many records as there are, in their order, as often as wanted."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.accounting.spool import Spool
from ledger.errors import Unavailable, Unreadable


@given(counts=st.lists(st.integers(0, 1_200), max_size=4))
def test_what_goes_in_comes_out_in_its_order_whenever_it_is_read(counts: list[int]) -> None:
    spool: Spool[int] = Spool()
    written: list[int] = []
    for count in counts:
        for _ in range(count):
            spool.add(len(written))
            written.append(len(written))
        assert len(spool) == len(written)
        assert list(spool) == list(spool) == written


def test_two_may_read_at_once() -> None:
    spool: Spool[int] = Spool()
    for number in range(1_100):
        spool.add(number)
    assert all(one == two for one, two in zip(spool, spool, strict=True))
    assert 1_099 in spool
    assert 1_100 not in spool


def test_what_is_nested_beyond_all_measure_is_told() -> None:
    spool: Spool[Any] = Spool()
    deep: list[Any] = []
    for _ in range(100_000):
        deep = [deep]
    spool.add(deep)
    with pytest.raises(Unreadable, match="too deeply"):
        list(spool)
    while deep:  # taken apart by hand, as tearing it down is as deep
        deep = deep[0]


def test_a_full_disk_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("connectors.accounting.spool.pickle.dump", full)
    spool: Spool[int] = Spool()
    spool.add(1)
    with pytest.raises(Unavailable, match="No space left on device"):
        list(spool)
