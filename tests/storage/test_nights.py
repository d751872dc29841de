"""Each night leaves its report, and remembers where the decision log ended."""

from __future__ import annotations

from typing import TYPE_CHECKING

from storage.database import transaction
from storage.decisions import Decided, append, head
from storage.matches import book
from storage.nights import load_nights, save_night
from storage.postings import mark_posted, posted
from tests.storage.given import (
    AUTHOR,
    COMPANY,
    RUN_DATE,
    booked,
    entry,
    entry_ids,
    item,
    payment,
    report,
    statement,
    take_in,
)

if TYPE_CHECKING:
    from sqlalchemy import Engine


def test_nights_are_numbered_and_keep_the_end_of_the_log(engine: Engine) -> None:
    said = {"matched": 3, "findings": ["Zeile 4: kein Datum"], "nested": {"probability": 0.25, "nothing": None}}
    with transaction(engine, COMPANY) as connection:
        save_night(connection, COMPANY, run_date=RUN_DATE, now=AUTHOR.now, report={})
        append(connection, COMPANY, AUTHOR, [Decided("note", {})])
        save_night(connection, COMPANY, run_date=RUN_DATE, now=AUTHOR.now, report=said)
        first, second = load_nights(connection, COMPANY)
        end = head(connection, COMPANY)
    assert (first.night_no, first.head_seq, first.head_hash) == (1, 0, "0" * 64)
    assert (second.night_no, second.head_seq, second.head_hash) == (2, 1, end.hash)
    assert (second.run_date, second.finished_at, second.report) == (RUN_DATE, "2026-07-01T02:30:00+00:00", said)


def test_what_the_adviser_has_is_known_by_its_batch(engine: Engine) -> None:
    report(engine, item("RE-1"), item("RE-2"))
    take_in(engine, "june", statement("0,00", entry("both", "238,00")))
    (entry_id,) = entry_ids(engine)
    with transaction(engine, COMPANY) as connection:
        book(connection, COMPANY, AUTHOR, [booked(entry_id, payment("RE-1"), payment("RE-2"))])
        assert posted(connection, COMPANY) == {}
        (seq,) = append(connection, COMPANY, AUTHOR, [Decided("datev_batch", {})])
        mark_posted(connection, COMPANY, seq, {"1-0": "EXTF_1.csv", "1-1": "EXTF_2.csv"})
        mark_posted(connection, COMPANY, seq, {})
        assert posted(connection, COMPANY) == {"1-0": "EXTF_1.csv", "1-1": "EXTF_2.csv"}
