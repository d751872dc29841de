"""One night: what comes in is matched, what is overdue is written to, and a second night changes nothing."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from review import desk
from storage.database import reading
from storage.notices import load_notices
from tests.office import PAYERS, Payment, TestOffice

if TYPE_CHECKING:
    from pathlib import Path


def _paid_and_unpaid(office: TestOffice) -> None:
    office.debtor("10001", "Huber GmbH", iban=PAYERS[0], email="kasse@huber.example")
    office.debtor("10002", "Kaya Bau GmbH", iban=PAYERS[1], email="buero@kaya.example")
    office.item("RE-2026-00001", "10001", "119.00", due="2026-06-01")
    office.item("RE-2026-00002", "10002", "250.00", due="2026-06-01")
    office.statement("2026-06-30", Payment(amount="119.00", payer="Huber GmbH", iban=PAYERS[0], text="RE-2026-00001"))


def test_a_payment_is_booked_and_the_unpaid_debtor_gets_a_friendly_reminder(office: TestOffice) -> None:
    _paid_and_unpaid(office)
    report = office.night("2026-07-01")
    assert report["reconciled"]["by_state"] == {"auto": 1}
    assert office.open_items() == {"RE-2026-00002": 25000}
    (notice,) = office.notices()
    assert (notice["debtor_number"], notice["stage"], notice["state"]) == ("10002", "reminder", "sent")
    assert office.verified() == []


def test_a_second_night_changes_nothing(office: TestOffice) -> None:
    _paid_and_unpaid(office)
    office.night("2026-07-01")
    before = (office.matches(), office.notices(), office.open_items(), office.sent_files())
    report = office.night("2026-07-01")
    assert (office.matches(), office.notices(), office.open_items(), office.sent_files()) == before
    assert report["dunned"]["written_to"] == []
    assert report["handed_over"]["batches"] == []


def test_a_rehearsal_leaves_no_trace(office: TestOffice) -> None:
    _paid_and_unpaid(office)
    rehearsed = office.rehearse("2026-07-01")
    assert rehearsed["reconciled"]["by_state"] == {"auto": 1}
    assert [n["debtor_number"] for n in rehearsed["dunned"]["written_to"]] == ["10002"]
    assert len(list(office.inbox.glob("*.xml"))) == 1
    assert office.matches() == {}
    assert office.sent_files() == []


def test_nobody_is_dunned_while_a_payment_that_may_be_theirs_waits(office: TestOffice) -> None:
    office.debtor("10001", "Huber GmbH")
    office.item("RE-2026-00001", due="2026-06-01")
    office.statement("2026-06-30", Payment(amount="50.00", payer="Huber GmbH", iban=PAYERS[0], text="Anzahlung"))
    office.night("2026-07-01")
    (notice,) = office.notices()
    assert notice["state"] == "held"
    assert "payment_in_review" in notice["held_because"]


def test_nobody_is_dunned_on_stale_bank_data(office: TestOffice) -> None:
    office.debtor()
    office.item("RE-2026-00001", due="2026-05-01")
    office.statement("2026-06-01")
    office.night("2026-07-01")
    assert [(n["state"], n["held_because"]) for n in office.notices()] == [("held", ["bank_data_stale"])]


def test_nobody_is_dunned_when_a_statement_is_missing_in_between(office: TestOffice) -> None:
    office.debtor()
    office.item("RE-2026-00001", due="2026-05-01")
    office.statement("2026-06-29")
    office.statement("2026-06-30", Payment(amount="75.00", payer="Lost AG", text="kommt nie an")).unlink()
    office.statement("2026-07-01")
    office.night("2026-07-02")
    assert [(n["state"], n["held_because"]) for n in office.notices()] == [("held", ["bank_data_gap"])]


def test_a_failing_tool_is_a_line_in_the_report_and_stops_only_what_depends_on_it(office: TestOffice) -> None:
    _paid_and_unpaid(office)
    office.night("2026-07-01")
    office.statement("2026-07-14")
    office.item("RE-2026-00003", "10002", due="2026-06-15")
    office.items = ["not a list any more"]
    report = office.night("2026-07-15")
    assert report["exit_code"] == 1
    late = [n for n in office.notices() if n["run_date"] == "2026-07-15"]
    assert [(n["state"], n["held_because"]) for n in late] == [("held", ["mirror_stale"])]


def test_the_tool_confirming_a_payment_counts_it_only_once(office: TestOffice) -> None:
    _paid_and_unpaid(office)
    office.night("2026-07-01")
    office.items = [line for line in office.items if "RE-2026-00001" not in line]
    office.statement("2026-07-01")
    office.night("2026-07-02")
    assert office.open_items() == {"RE-2026-00002": 25000}
    assert office.verified() == []


def test_an_undone_booking_waits_for_a_person_and_is_never_booked_again_by_a_night(office: TestOffice) -> None:
    _paid_and_unpaid(office)
    office.night("2026-07-01")
    entry_id = office.matches()["RE-2026-00001"]["entry_id"]
    office.decide(lambda c, i, a: desk.undo(c, i, a, entry_id, "gehört zu einem anderen Kunden"))
    assert office.open_items()["RE-2026-00001"] == 11900
    office.statement("2026-07-01")
    office.night("2026-07-02")
    assert office.matches()["RE-2026-00001"]["state"] == "review"
    office.decide(lambda c, i, a: desk.assign(c, i, a, entry_id, [("RE-2026-00001", 11900)]))
    assert office.matches()["RE-2026-00001"]["state"] == "confirmed"
    assert "RE-2026-00001" not in office.open_items()
    assert office.verified() == []


def test_the_stages_follow_each_other_over_the_nights(office: TestOffice) -> None:
    office.debtor(email="kasse@huber.example")
    office.item("RE-2026-00001", amount="500.00", due="2026-05-01")
    seen = []
    for day in ("2026-06-01", "2026-06-15", "2026-06-29", "2026-07-13", "2026-07-27", "2026-08-17"):
        office.statement(day)
        office.night(day)
        seen += [(n["stage"], n["state"]) for n in office.notices() if n["run_date"] == day]
    assert seen == [
        ("reminder", "sent"),
        ("call", "sent"),
        ("first_dunning", "sent"),
        ("second_dunning", "sent"),
        ("final_notice", "sent"),
        ("agency", "queued"),
    ]


def test_a_file_that_cannot_be_read_is_set_aside_with_its_reason_and_the_rest_goes_on(office: TestOffice) -> None:
    _paid_and_unpaid(office)
    broken: Path = office.inbox / "a-broken.xml"
    broken.write_bytes(b'<?xml version="1.0"?><Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><Bk')
    report = office.night("2026-07-01")
    assert report["reconciled"]["by_state"] == {"auto": 1}
    assert (office.inbox / "rejected" / "a-broken.xml").read_bytes().startswith(b"<?xml")
    assert "a-broken.xml" in (office.inbox / "rejected" / "a-broken.xml.reason.txt").read_text(encoding="utf-8")
    assert {f["became"] for f in report["pulled"]["files"]} == {"rejected", "taken"}


def test_years_of_silence_do_not_slow_the_night_or_hide_what_was_said(office: TestOffice) -> None:
    office.debtor("10001", "Huber GmbH")
    office.debtor("10002", "Kaya Bau GmbH", iban=PAYERS[1])
    office.item("RE-2026-00001", "10001", "500.00", due="2026-05-01")
    office.item("RE-2026-00002", "10002", "3.00", due="2026-05-01")
    for day in ("2026-06-01", "2026-06-02", "2026-06-15"):
        office.statement(day)
        office.night(day)
    engine = office.engine()
    with reading(engine) as connection:
        said = [(n.run_date.isoformat(), n.stage, n.state.value) for n in load_notices(connection, "muster")]
        needed = load_notices(connection, "muster", silent_on=date(2026, 6, 15))
    engine.dispose()
    assert len(said) == 5
    assert [(n.run_date.isoformat(), n.stage, n.state.value, len(n.items)) for n in needed] == [
        ("2026-06-01", "reminder", "sent", 1),
        ("2026-06-15", "reminder", "held", 1),
        ("2026-06-15", "call", "sent", 1),
    ]
