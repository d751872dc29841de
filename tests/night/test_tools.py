"""A night with an accounting tool instead of lists: read, matched, told of payments and stages, and read back."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest
import responses
from sqlalchemy import func, select

from connectors.accounting.capability import Capability
from connectors.accounting.easybill import Easybill
from review import desk
from storage.matches import reverse
from storage.outbox import EffectStatus, load_effects
from storage.remote_documents import load_payload
from storage.tables import DEBTOR, OPEN_ITEM, REMOTE_DOCUMENT, REPORTED_AMOUNT
from tests.office import PAYERS, Payment, TestOffice

if TYPE_CHECKING:
    from collections.abc import Iterator

    from requests import PreparedRequest

BASE = "https://api.easybill.de/rest/v1"
TOOL = 'kind = "easybill"\nname = "easybill"\nkey = { env = "TEST_EASYBILL_KEY" }\nrequests_per_minute = 60000\n'
WRITES = TOOL + "write_back = { payments = true, dunning = true }\n"

Reply = tuple[int, dict[str, str], str]


@dataclass
class FakeEasybill:
    """A small easybill that remembers: documents, payments and reminders."""

    documents: dict[int, dict[str, Any]] = field(default_factory=dict)
    payments: list[dict[str, Any]] = field(default_factory=list)
    reminders: list[dict[str, Any]] = field(default_factory=list)
    broken: dict[str, int] = field(default_factory=dict)  # method and start of a path: the status it answers
    swallows: bool = False  # books a payment, and then the connection breaks
    asked: list[str] = field(default_factory=list)

    def invoice(self, number: int, amount: int, *, due: str = "2026-05-01", **more: Any) -> None:
        """Write an invoice over so many cents."""
        self.documents[number] = {
            "id": number,
            "type": "INVOICE",
            "number": f"RE-2026-{number:04d}",
            "document_date": "2026-04-01",
            "due_date": due,
            "amount": amount,
            "paid_amount": 0,
            "paid_at": None,
            "cancel_id": None,
            "is_draft": False,
            "currency": "EUR",
            "customer_id": 7,
            **more,
        }

    def answer(self, request: PreparedRequest) -> Reply:
        """Answer like the real one, or as it is told to fail."""
        parts = urlsplit(str(request.url))
        path, query = parts.path.removeprefix("/rest/v1/"), parse_qs(parts.query)
        self.asked.append(f"{request.method} {path}")
        for start, status in self.broken.items():
            if f"{request.method} {path}".startswith(start):
                return status, {}, json.dumps({"code": status, "message": "Nicht möglich: Zeitraum gesperrt"})
        assert request.headers["Authorization"] == "Bearer secret-key"
        if request.method == "POST":
            return self._post(path, query, json.loads(request.body or "{}"))
        if request.method == "PUT":
            return self._done(int(path.split("/")[1]))
        return self._get(path, query)

    def _get(self, path: str, query: dict[str, list[str]]) -> Reply:
        if path == "customers":
            customer = {"id": 7, "number": "10001", "company_name": "Huber GmbH", "street": "Hauptstraße 1"}
            return _page([customer | {"zip_code": "80331", "city": "München", "country": "DE", "emails": []}])
        if path == "document-payments":
            wanted = int(query["document_id"][0])
            return _page([row for row in self.payments if row["document_id"] == wanted])
        if path == "documents":
            return _page(self._listed(query))
        number = int(path.partition("/")[2])
        if number not in self.documents:
            return 404, {}, json.dumps({"code": 404, "message": "Not Found"})
        return 200, {}, json.dumps(self.documents[number])

    def _listed(self, query: dict[str, list[str]]) -> list[dict[str, Any]]:
        if "ref_id" in query:
            return [row for row in self.reminders if str(row["ref_id"]) == query["ref_id"][0]]
        rows = list(self.documents.values())
        if "paid_at" in query:
            rows = [row for row in rows if row["paid_at"] is None and row["cancel_id"] is None]
        return rows

    def _post(self, path: str, query: dict[str, list[str]], body: dict[str, Any]) -> Reply:
        if path == "document-payments":
            document = self.documents[body["document_id"]]
            document["paid_amount"] += body["amount"]
            if "paid" in query or document["paid_amount"] >= document["amount"]:
                document["paid_at"] = body["payment_at"]
            self.payments.append({"id": len(self.payments) + 1, **body})
            if self.swallows:
                return 504, {}, "<html>Gateway Time-out</html>"
            return 201, {}, json.dumps(self.payments[-1])
        _, number, kind = path.split("/")
        made = {"id": 900 + len(self.reminders), "ref_id": number, "type": kind, "created_at": "2026-05-12 03:00:00"}
        self.reminders.append({**made, "is_draft": True})
        return 201, {}, json.dumps(self.reminders[-1])

    def _done(self, number: int) -> Reply:
        reminder = next(row for row in self.reminders if row["id"] == number)
        reminder["is_draft"] = False
        return 200, {}, json.dumps(reminder)


def _page(rows: list[dict[str, Any]]) -> Reply:
    body = {"page": 1, "pages": 1, "limit": 1000, "total": len(rows), "items": rows}
    return 200, {"Date": "Tue, 05 May 2026 00:30:00 GMT"}, json.dumps(body)


@pytest.fixture
def easybill(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeEasybill]:
    monkeypatch.setenv("TEST_EASYBILL_KEY", "secret-key")
    fake = FakeEasybill()
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        for method in (responses.GET, responses.POST, responses.PUT):
            mock.add_callback(method, re.compile(re.escape(BASE)), callback=fake.answer)
        yield fake


def test_a_tool_is_read_matched_and_told_of_the_payment_once(office: TestOffice, easybill: FakeEasybill) -> None:
    office.tool = WRITES
    easybill.invoice(1, 11_900)
    easybill.invoice(2, 5_000)
    office.statement("2026-05-04", Payment(amount="119.00", payer="Huber GmbH", iban=PAYERS[0], text="RE-2026-0001"))

    first = office.night("2026-05-05")
    second = office.night("2026-05-06")

    assert first["pulled"]["sources"][0]["items"] == 2
    assert [payment["amount"] for payment in easybill.payments] == [11_900]
    assert easybill.documents[1]["paid_at"] == "2026-05-04"
    assert len(first["written_back"]["written"]) == 1
    assert second["written_back"] == {"queued": 0, "written": [], "waiting": []}
    assert office.open_items() == {"RE-2026-0002": 5_000}
    assert office.verified() == []


@pytest.mark.parametrize(
    ("paid", "lacks", "why"),
    [
        ("60.00", Capability.BOOKS_PART_PAYMENTS, "60,00 EUR of 119,00 EUR was settled"),
        ("116.62", Capability.BOOKS_DIFFERENCES, "2,38 EUR of 119,00 EUR was waived"),
    ],
)
def test_a_tool_that_only_knows_whole_payments_is_told_of_no_others(
    office: TestOffice,
    easybill: FakeEasybill,
    monkeypatch: pytest.MonkeyPatch,
    paid: str,
    lacks: Capability,
    why: str,
) -> None:
    monkeypatch.setattr(Easybill, "capabilities", Easybill.capabilities - {lacks})
    office.tool = WRITES
    easybill.invoice(1, 11_900, document_date="2026-05-01", cash_allowance=2, cash_allowance_days=7)
    office.statement("2026-05-04", Payment(amount=paid, payer="Huber GmbH", iban=PAYERS[0], text="RE-2026-0001"))

    office.night("2026-05-05")
    if not any(match["state"] == "auto" for match in office.matches().values()):
        entry = office.entry_ids()[0]
        office.decide(lambda connection, company, who: desk.accept(connection, company, who, entry, 1), "2026-05-05")
    report = office.night("2026-05-06")

    told = next(finding for finding in report["findings"] if finding["code"] == "write_back_refused")
    assert why in told["excerpt"]
    assert easybill.payments == []
    assert len(report["written_back"]["waiting"]) == 1


def test_nothing_is_told_unless_it_is_wished(office: TestOffice, easybill: FakeEasybill) -> None:
    office.tool = TOOL
    easybill.invoice(1, 11_900)
    office.statement("2026-05-04", Payment(amount="119.00", payer="Huber GmbH", iban=PAYERS[0], text="RE-2026-0001"))

    report = office.night("2026-05-05")

    assert report["written_back"] == {"queued": 0, "written": [], "waiting": []}
    told = [finding["what"] for finding in report["findings"] if finding["code"] == "to_mark_in_tool"]
    assert told == ["1 document over 119,00 EUR is paid here and still shown as open in easybill"]
    assert easybill.payments == []
    assert [match["state"] for match in office.matches().values()] == ["auto"]


def test_an_unchanged_night_writes_no_document_again(office: TestOffice, easybill: FakeEasybill) -> None:
    office.tool = TOOL
    for number in range(1, 40):
        easybill.invoice(number, 1_000 * number, due="2026-09-01")
    office.night("2026-05-05")
    report = office.night("2026-05-06")

    def written(connection: Any) -> list[Any]:
        return [
            connection.execute(select(func.max(REMOTE_DOCUMENT.c.read_on))).scalar().isoformat(),
            connection.execute(select(func.max(OPEN_ITEM.c.last_seen_on))).scalar().isoformat(),
            connection.execute(select(func.max(DEBTOR.c.last_seen_on))).scalar().isoformat(),
            connection.execute(select(func.count()).select_from(REPORTED_AMOUNT)).scalar(),
        ]

    assert report["pulled"]["sources"][0]["changed"] == 0
    assert office.read(written) == ["2026-05-05", "2026-05-05", "2026-05-05", 39]
    assert len(office.open_items()) == 39


def test_what_the_tool_said_is_kept_word_for_word(office: TestOffice, easybill: FakeEasybill) -> None:
    office.tool = TOOL
    easybill.invoice(1, 11_900, note="Lieferung Müsli, 3×")
    office.night("2026-05-05")

    kept = office.read(lambda connection: load_payload(connection, "muster", "easybill:invoice:1"))

    assert json.loads(kept)["note"] == "Lieferung Müsli, 3×"


@pytest.mark.parametrize(
    "becomes",
    [{"paid_at": "2026-05-05", "paid_amount": 11_900}, {"cancel_id": 99}, None],
    ids=["paid there", "cancelled", "deleted"],
)
def test_what_left_the_open_set_is_looked_after(
    office: TestOffice, easybill: FakeEasybill, becomes: dict[str, Any] | None
) -> None:
    office.tool = TOOL
    easybill.invoice(1, 11_900)
    office.night("2026-05-05")
    if becomes is None:
        del easybill.documents[1]
    else:
        easybill.documents[1] |= becomes

    report = office.night("2026-05-06")

    assert office.open_items() == {}
    assert report["pulled"]["sources"][0]["left_open_set"] == 1


def test_what_was_paid_there_and_cannot_be_read_any_more_is_not_dunned(
    office: TestOffice, easybill: FakeEasybill
) -> None:
    office.tool = TOOL
    easybill.invoice(1, 11_900)
    office.night("2026-05-05")
    easybill.documents[1] |= {"paid_at": "2026-05-05", "paid_amount": 11_900, "currency": "Taler"}
    office.statement("2026-05-11")

    for day in ("2026-05-12", "2026-05-13"):
        report = office.night(day)
        assert report["dunned"]["written_to"] == []

    assert office.sent_files() == []


def test_a_refused_booking_is_told_in_the_words_of_the_tool_and_tried_again(
    office: TestOffice, easybill: FakeEasybill
) -> None:
    office.tool = WRITES
    easybill.invoice(1, 11_900)
    easybill.broken["POST document-payments"] = 422
    office.statement("2026-05-04", Payment(amount="119.00", payer="Huber GmbH", iban=PAYERS[0], text="RE-2026-0001"))

    report = office.night("2026-05-05")
    told = next(finding for finding in report["findings"] if finding["code"] == "write_back_refused")
    easybill.broken.clear()
    office.night("2026-05-06")

    assert "Zeitraum gesperrt" in told["excerpt"]
    assert report["exit_code"] == 1
    assert [payment["amount"] for payment in easybill.payments] == [11_900]


def test_a_booking_that_broke_off_is_looked_for_and_never_made_twice(
    office: TestOffice, easybill: FakeEasybill
) -> None:
    office.tool = WRITES
    easybill.invoice(1, 11_900)
    easybill.swallows = True
    office.statement("2026-05-04", Payment(amount="119.00", payer="Huber GmbH", iban=PAYERS[0], text="RE-2026-0001"))

    report = office.night("2026-05-05")
    easybill.swallows = False
    office.night("2026-05-06")

    assert len(easybill.payments) == 1
    assert len(report["written_back"]["written"]) == 1


def test_a_tool_that_is_down_is_a_line_in_the_report_and_nobody_is_dunned(
    office: TestOffice, easybill: FakeEasybill
) -> None:
    office.tool = TOOL
    easybill.invoice(1, 11_900)
    office.statement("2026-05-04")
    office.night("2026-05-05")
    easybill.broken["GET documents"] = 401
    office.statement("2026-05-11")

    report = office.night("2026-05-12")

    assert "401" in report["failures"][0]
    assert "secret-key" not in json.dumps(report)
    assert report["dunned"]["written_to"] == []


def test_an_item_is_read_again_just_before_its_debtor_is_written_to(
    office: TestOffice, easybill: FakeEasybill
) -> None:
    office.tool = TOOL
    easybill.invoice(1, 11_900)
    office.statement("2026-05-11")
    listed, answer = False, easybill.answer

    def paid_meanwhile(request: PreparedRequest) -> Reply:
        nonlocal listed
        said = answer(request)
        if str(request.url).startswith(f"{BASE}/documents?") and "paid_at" in str(request.url) and not listed:
            listed = True
            easybill.documents[1] |= {"paid_at": "2026-05-12", "paid_amount": 11_900}
        return said

    easybill.answer = paid_meanwhile  # type: ignore[method-assign]  # the list is told, and then somebody books there

    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        mock.add_callback(responses.GET, re.compile(re.escape(BASE)), callback=easybill.answer)
        report = office.night("2026-05-12")

    assert [finding["code"] for finding in report["findings"]].count("withdrawn_before_sending") == 1
    assert office.sent_files() == []


def test_a_stage_that_was_sent_is_laid_down_in_the_tool(office: TestOffice, easybill: FakeEasybill) -> None:
    office.tool = WRITES
    easybill.invoice(1, 11_900)
    office.statement("2026-05-11")

    office.night("2026-05-12")
    office.night("2026-05-13")

    told = [(row["type"], row["ref_id"], row["is_draft"]) for row in easybill.reminders]
    assert told == [("REMINDER", "1", False)]


def test_a_booking_taken_back_before_it_was_told_is_never_told(office: TestOffice, easybill: FakeEasybill) -> None:
    office.tool = WRITES
    easybill.invoice(1, 11_900)
    easybill.broken["POST document-payments"] = 503
    office.statement("2026-05-04", Payment(amount="119.00", payer="Huber GmbH", iban=PAYERS[0], text="RE-2026-0001"))
    office.night("2026-05-05")
    entry = office.entry_ids()[0]
    office.decide(lambda connection, company, who: reverse(connection, company, who, entry, "wrong"), "2026-05-05")
    easybill.broken.clear()
    office.night("2026-05-06")

    assert easybill.payments == []
    cancelled = office.read(lambda c: load_effects(c, "muster", EffectStatus.CANCELLED))
    assert [effect.outbox_id[:5] for effect in cancelled] == ["book-"]
