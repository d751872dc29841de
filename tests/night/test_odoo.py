"""A night with Odoo: read by either door, matched, told of the payment, and read back as Odoo then shows it."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
import responses

from tests.connectors.accounting.tools.conftest import SECRET
from tests.connectors.accounting.tools.fake_odoo import URL, FakeOdoo
from tests.office import PAYERS, Payment, TestOffice

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.slow  # whole nights on both databases

TOOL = (
    f'kind = "odoo"\nname = "odoo"\nurl = "{URL}"\nkey = {{ env = "TEST_ODOO_KEY" }}\n'
    'database = "office"\nuser = "kontorist@example.org"\njournal = "BNK1"\nskonto_account = "4730"\n'
    "write_back = { payments = true }\n"
)


@pytest.fixture(name="odoo")
def _odoo(request: pytest.FixtureRequest, office: TestOffice, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeOdoo]:
    monkeypatch.setenv("TEST_ODOO_KEY", SECRET)
    office.tool = TOOL
    fake = FakeOdoo(version=getattr(request, "param", 19))
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        for method in (responses.GET, responses.POST):
            mock.add_callback(method, re.compile(re.escape(URL)), callback=fake.answer)
        yield fake


def _paid(office: TestOffice, amount: str, text: str, day: str = "2026-04-27") -> None:
    office.statement(day, Payment(amount=amount, payer="Huber GmbH", iban=PAYERS[0], text=text))


@pytest.mark.parametrize("odoo", [18, 19], ids=["JSON-RPC", "JSON-2"], indirect=True)
def test_odoo_is_read_matched_and_told_of_the_payment_once(office: TestOffice, odoo: FakeOdoo) -> None:
    odoo.invoice(1)
    odoo.invoice(2, 50.0)
    _paid(office, "119.00", "RE/2026/00001")

    first = office.night("2026-04-28")
    second = office.night("2026-04-29")

    assert [payment["amount"] for payment in odoo.tables["account.payment"].values()] == [119.0]
    assert len(first["written_back"]["written"]) == 1
    assert second["written_back"] == {"queued": 0, "written": [], "waiting": []}
    assert office.open_items() == {"RE/2026/00002": 5_000}


def test_a_payment_that_stands_in_no_ledger_of_odoo_is_believed(office: TestOffice, odoo: FakeOdoo) -> None:
    odoo.ledgerless = True
    odoo.invoice(1)
    _paid(office, "119.00", "RE/2026/00001")

    report = office.night("2026-04-28")
    office.night("2026-05-12")

    assert office.open_items() == {}
    assert "tool_says_otherwise" not in {finding["code"] for finding in report["findings"]}
    assert len(odoo.tables["account.payment"]) == 1


def test_money_for_one_of_several_due_dates_is_shown_to_a_person(office: TestOffice, odoo: FakeOdoo) -> None:
    odoo.invoice(1, due=[("2026-05-01", 59.0), ("2026-06-01", 60.0)])
    _paid(office, "59.00", "RE/2026/00001")

    office.night("2026-04-28")

    assert [match["state"] for match in office.matches().values()] == ["review"]
    assert odoo.tables["account.payment"] == {}


def test_money_for_all_due_dates_settles_each_of_them(office: TestOffice, odoo: FakeOdoo) -> None:
    odoo.invoice(1, due=[("2026-05-01", 59.0), ("2026-06-01", 60.0)])
    _paid(office, "119.00", "RE/2026/00001")

    office.night("2026-04-28")

    lines = odoo.tables["account.move.line"]
    assert [lines[10]["amount_residual_currency"], lines[11]["amount_residual_currency"]] == [0.0, 0.0]


def test_skonto_that_odoo_grants_is_closed_by_odoo(office: TestOffice, odoo: FakeOdoo) -> None:
    odoo.discount = Decimal("2.38")
    odoo.invoice(1)
    odoo.tables["account.move.line"][10] |= {"discount_date": "2026-04-30", "discount_amount_currency": 116.62}
    _paid(office, "116.62", "RE/2026/00001 abzgl. 2% Skonto")

    office.night("2026-04-28")

    assert [one["amount"] for one in odoo.tables["account.payment"].values()] == [116.62]
    assert odoo.tables["account.move"][1]["amount_residual"] == 0.0
