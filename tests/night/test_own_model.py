"""A night asks whether payments are what they were before it books, draws for audit, and adapts once a month."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest

import night.own_model
from night.own_model import adapt_if_due, audit_says, deciding
from reconciliation.adaptation import Labelled
from reconciliation.audit_draw import is_drawn
from reconciliation.drift import Look, Mix
from reconciliation.learned_weights import SHIPPED
from review import desk
from storage.audit_draws import DrawState, load_draws
from storage.drifts import add_mix, load_drifts, load_mixes
from storage.labels import load_labelled
from storage.own_models import load_own_model, reset_models
from tests.office import PAYERS, Payment, TestOffice, author

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection

    from storage.decisions import Author

BY_ORDER = Payment(amount="250.00", payer="Huber GmbH", iban=PAYERS[1], text="Bestellung PO-889123")
NIGHT = "2026-05-05"
COMPANY = "muster"


def with_an_order(office: TestOffice, settings: str = "") -> None:
    """Let a debtor's payment from a new account name its order; somebody else owes as much, so no class holds."""
    office.settings = settings
    office.debtor()
    office.debtor("10002", "Maier KG", iban="")
    office.item("RE-2026-00471", amount="250.00", more=",,,PO-889123,")
    office.item("RE-2026-00472", debtor="10002", amount="250.00")


def with_months_before(office: TestOffice) -> None:
    """Remember what payments looked like for some months: one in a hundred names an unknown number."""

    def remember(connection: Connection, company_id: str, _author: Author) -> None:
        for days in range(40, 100, 10):
            day = date.fromisoformat(NIGHT) - timedelta(days=days)
            looks = {Look.UNKNOWN_NUMBER: 1, Look.STRANGER: 60, Look.NO_AMOUNT: 60, Look.NAMES_NOTHING: 40}
            add_mix(connection, company_id, day, Mix(payments=100, looks=looks))

    office.night("2026-05-01")
    office.decide(remember, day="2026-05-01")


def payments_of_a_new_number_range(office: TestOffice, number: int = 24) -> list[Payment]:
    office.debtor("10003", "Seidl AG", iban=PAYERS[2])
    for at in range(number):
        office.item(f"RE-2026-{600 + at:05}", debtor="10003", amount=f"{1000 + at}.17")
    return [
        Payment(amount=f"{37 + at}.11", payer="Seidl AG", iban=PAYERS[2], text=f"RE-2027-{at:05}")
        for at in range(number)
    ]


def classes(report: dict[str, Any]) -> dict[str, int]:
    found: dict[str, int] = report["reconciled"]["by_class"]
    return found


def ask(office: TestOffice, question: Callable[[Connection], Any]) -> Any:
    return office.read(question)


def test_what_no_class_covers_is_booked_by_the_shipped_certificate(office: TestOffice) -> None:
    with_an_order(office)
    office.statement("2026-05-04", BY_ORDER)
    report = office.night(NIGHT)
    assert classes(report) == {"certified": 1}
    assert (report["reconciled"]["model"], report["reconciled"]["held_back"]) == (SHIPPED.name, [])


def test_a_new_number_range_falls_back_to_the_ladder_before_anything_is_booked(office: TestOffice) -> None:
    with_an_order(office)
    with_months_before(office)
    office.statement("2026-05-04", BY_ORDER, *payments_of_a_new_number_range(office))
    report = office.night(NIGHT)
    assert "certified" not in classes(report)
    (told,) = report["reconciled"]["held_back"]
    assert "24 of 25 payments name a number that looks like one of ours and is not known (before: 6 of 600)" in told
    assert '24 of 24 numbers begin with "RE-2027-…"' in told
    assert "This ends when people have decided 30 payments" in told
    assert report["exit_code"] == 1
    assert office.verified() == []
    # The next night still holds back, notices nothing twice, and says the same.
    again = office.night("2026-05-06")
    assert again["reconciled"]["held_back"] == report["reconciled"]["held_back"]
    assert len(ask(office, lambda c: load_drifts(c, COMPANY))) == 1


def test_without_months_to_compare_with_the_same_night_books(office: TestOffice) -> None:
    with_an_order(office)
    office.statement("2026-05-04", BY_ORDER, *payments_of_a_new_number_range(office))
    assert classes(office.night(NIGHT)) == {"certified": 1}


def test_a_drift_ends_when_it_has_become_the_usual(office: TestOffice) -> None:
    with_an_order(office)
    with_months_before(office)
    office.statement("2026-05-04", BY_ORDER, *payments_of_a_new_number_range(office))
    office.night(NIGHT)
    report = office.night("2026-07-04")
    assert report["reconciled"]["held_back"] == []
    assert classes(report) == {"certified": 1}
    (drift,) = ask(office, lambda c: load_drifts(c, COMPANY))
    assert (drift.why, drift.is_usual_now) == ("payments have looked like this for 60 days", True)


def test_a_company_that_books_by_classes_alone_has_nothing_to_fall_back_from(office: TestOffice) -> None:
    with_an_order(office, "[company.matching]\nbook_by_certificate = false\n")
    with_months_before(office)
    office.statement("2026-05-04", BY_ORDER, *payments_of_a_new_number_range(office))
    report = office.night(NIGHT)
    assert (report["reconciled"]["held_back"], "certified" in classes(report)) == ([], False)


def test_a_payment_counts_in_the_night_that_sees_it_first(office: TestOffice) -> None:
    office.debtor()
    office.item("RE-2026-00471")
    office.statement("2026-05-04", Payment(amount="7.00", payer="Niemand", text="Spende"))
    office.night(NIGHT)
    office.night(NIGHT)
    office.night("2026-05-06")
    mixes = ask(office, lambda c: load_mixes(c, COMPANY, since=date(2026, 5, 1)))
    assert {day: mix.payments for day, mix in mixes.items()} == {
        date(2026, 5, 5): 1,
        date(2026, 5, 6): 0,
    }


def drawn_bookings(office: TestOffice, monkeypatch: pytest.MonkeyPatch, number: int = 3) -> list[str]:
    """Run a night that books some payments and draws every one of them."""
    office.debtor()
    for at in range(number):
        office.item(f"RE-2026-{471 + at:05}", amount=f"{100 + at}.00")
    payments = [
        Payment(amount=f"{100 + at}.00", payer="Huber GmbH", iban=PAYERS[0], text=f"RE-2026-{471 + at:05}")
        for at in range(number)
    ]
    office.statement("2026-05-04", *payments)
    monkeypatch.setattr(night.own_model, "is_drawn", lambda *_: True)
    report = office.night(NIGHT)
    assert report["reconciled"]["audits_waiting"] == number
    return sorted(office.entry_ids())


def test_what_is_drawn_for_audit_is_drawn_where_it_is_booked_and_only_once(
    office: TestOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = drawn_bookings(office, monkeypatch)
    office.night(NIGHT)
    office.rehearse("2026-05-06")
    draws = ask(office, lambda c: load_draws(c, COMPANY))
    assert sorted(draw.entry_id for draw in draws) == ids
    assert {(draw.evidence_class, draw.state) for draw in draws} == {("number_exact", DrawState.WAITING)}
    assert office.verified() == []


def test_an_audit_that_breaks_the_promise_falls_back_to_the_ladder(
    office: TestOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, *_ = drawn_bookings(office, monkeypatch)
    office.decide(lambda c, i, a: desk.undo(c, i, a, first, "it was another invoice"), day="2026-05-06")
    says = ask(office, lambda c: audit_says(c, COMPANY, date(2026, 5, 7), None))
    assert "the audit found 1 of 1 automatic bookings wrong" in says
    report = office.night("2026-05-07")
    assert report["reconciled"]["held_back"] == [says]
    assert ask(office, lambda c: audit_says(c, COMPANY, date(2027, 6, 1), None)) == ""


def test_the_night_draws_by_company_entry_and_day() -> None:
    assert [is_drawn("muster", "e", date(2026, 5, day)) for day in range(1, 29)].count(True) <= 2


def test_deciding_at_the_desk_teaches_with_what_was_weighed(office: TestOffice) -> None:
    office.debtor()
    office.debtor("10002", "Maier KG", iban="")
    office.item("RE-2026-00471", amount="119.00")
    office.item("RE-2026-00472", debtor="10002", amount="119.00")
    office.statement("2026-05-04", Payment(amount="119.00", payer="Unbekannt AG", iban=PAYERS[1], text="danke"))
    office.night(NIGHT)
    (entry_id,) = office.entry_ids()
    office.decide(lambda c, i, a: desk.accept(c, i, a, entry_id, 2), day="2026-05-06")
    (label,) = ask(office, lambda c: load_labelled(c, COMPANY))
    assert (label.entry_id, label.payer, label.right) == (entry_id, PAYERS[1], 0)
    assert len(label.ways) >= 2
    assert all("amount: exact" in way for way in label.ways)
    assert office.verified() == []


def labels(number: int) -> list[Labelled]:
    way = ("any", "amount: exact", "named: number", "payer: same_name")
    return [Labelled(f"e{at}", f"p{at}", (way,), 0) for at in range(number)]


@pytest.fixture
def many(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Let as many decisions of people stand as the list says; they are too many to make one by one."""
    count = [0]
    monkeypatch.setattr(night.own_model, "count_confirmed", lambda *_, **__: count[0])
    monkeypatch.setattr(night.own_model, "load_labelled", lambda *_: labels(count[0]))
    return count


def adapted_on(office: TestOffice, day: str) -> str:
    office.decide(lambda c, i, _: adapt_if_due(c, i, author(day, "kontorist test")), day=day)
    own = ask(office, lambda c: load_own_model(c, COMPANY))
    return own.adapted_on.isoformat() if own else ""


def test_the_night_adapts_once_a_month_and_the_certificate_decides(office: TestOffice, many: list[int]) -> None:
    assert adapted_on(office, "2026-05-01") == ""
    many[0] = 1_500
    assert adapted_on(office, "2026-05-02") == "2026-05-02"
    own = ask(office, lambda c: load_own_model(c, COMPANY))
    assert (own.model.certificate, deciding(own)) == (None, SHIPPED)  # 1,200 decisions promise nothing yet
    many[0] = 5_000
    assert adapted_on(office, "2026-05-20") == "2026-05-02"
    assert adapted_on(office, "2026-06-01") == "2026-06-01"
    own = ask(office, lambda c: load_own_model(c, COMPANY))
    certificate = deciding(own).certificate
    assert deciding(own) is own.model
    assert certificate is not None
    assert certificate.accepted >= 3_000
    assert office.verified() == []
    office.decide(lambda c, i, a: reset_models(c, i, a, "to compare"), day="2026-06-02")
    assert adapted_on(office, "2026-08-01") == ""  # until a person adapts


def test_the_own_model_decides_the_next_night(office: TestOffice, many: list[int]) -> None:
    with_an_order(office)
    office.statement("2026-05-04", BY_ORDER)
    many[0] = 5_000
    report = office.night(NIGHT)
    assert report["reconciled"]["model"] == "learned from this company's decisions"
    assert classes(report) == {"certified": 1}
    assert adapted_on(office, NIGHT) == NIGHT
