"""A hold keeps a debtor out of dunning until somebody lifts it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ledger.errors import Refused
from storage.audit import loose_rows
from storage.database import reading, transaction
from storage.decisions import head
from storage.holds import lift_hold, load_holds, place_hold
from tests.storage.given import AUTHOR, COMPANY, RUN_DATE

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy import Connection, Engine


def _place(connection: Connection, item_id: str = "", expires_on: date | None = None) -> str:
    return place_hold(
        connection,
        COMPANY,
        AUTHOR,
        debtor_number="10001",
        item_id=item_id,
        reason="dispute",
        note="Die Ware war verdorben.",
        owner="anna",
        expires_on=expires_on,
    )


def test_a_hold_stands_with_everything_said_about_it_until_it_is_lifted(engine: Engine) -> None:
    with transaction(engine, COMPANY) as connection:
        first, second = _place(connection), _place(connection, "list:invoice:RE-1", RUN_DATE)
        assert [hold["hold_id"] for hold in load_holds(connection, COMPANY)] == [first, second]
        lift_hold(connection, COMPANY, AUTHOR, first)
        (left,) = load_holds(connection, COMPANY)
    assert left == {
        "company_id": COMPANY,
        "hold_id": "H2",
        "seq": 2,
        "debtor_number": "10001",
        "item_id": "list:invoice:RE-1",
        "reason": "dispute",
        "note": "Die Ware war verdorben.",
        "owner": "anna",
        "placed_on": RUN_DATE,
        "expires_on": RUN_DATE,
        "after": "",
        "since": None,
    }


def test_a_hold_that_names_the_day_it_is_about_passes_the_audit(engine: Engine) -> None:
    with transaction(engine, COMPANY) as connection:
        place_hold(
            connection,
            COMPANY,
            AUTHOR,
            debtor_number="10001",
            item_id="",
            reason="insolvency",
            note="",
            owner="anna",
            expires_on=None,
            since=RUN_DATE,
        )
    with reading(engine) as connection:
        assert [*loose_rows(connection, COMPANY)] == []


def test_only_a_hold_that_stands_can_be_lifted(engine: Engine) -> None:
    with transaction(engine, COMPANY) as connection:
        lift_hold(connection, COMPANY, AUTHOR, _place(connection))
    for hold_id in ("H1", "H99"):
        with (
            pytest.raises(Refused, match=f"hold {hold_id}: there is none that could be lifted"),
            transaction(engine, COMPANY) as connection,
        ):
            lift_hold(connection, COMPANY, AUTHOR, hold_id)
    with reading(engine) as connection:
        assert head(connection, COMPANY).seq == 2
