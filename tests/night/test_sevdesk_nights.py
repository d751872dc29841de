"""Two nights with sevDesk: a payment is linked there once, and a stage that was sent is laid down as a draft."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
import responses

from connectors.accounting.sevdesk.desk import BASE
from connectors.wire import Rate
from tests.connectors.accounting.tools.test_sevdesk import FakeSevdesk, invoice, transaction
from tests.office import PAYERS, Payment

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.office import TestOffice

pytestmark = pytest.mark.slow  # whole nights on both databases

TOOL = (
    'kind = "sevdesk"\nname = "sevdesk"\nkey = { env = "TEST_SEVDESK_KEY" }\ncheck_account = "Geschäftskonto"\n'
    "write_back = { payments = true, dunning = true }\n"
)


@pytest.fixture
def sevdesk(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeSevdesk]:
    monkeypatch.setenv("TEST_SEVDESK_KEY", "s3cret-key-of-the-office")
    monkeypatch.setattr("connectors.accounting.sevdesk.tool._RATE", Rate(requests=10_000, seconds=1))
    fake = FakeSevdesk()
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        for method in (responses.GET, responses.PUT, responses.POST):
            mock.add_callback(method, re.compile(re.escape(BASE)), callback=fake.answer)
        yield fake


def test_a_payment_with_skonto_is_linked_once(office: TestOffice, sevdesk: FakeSevdesk) -> None:
    office.tool = TOOL
    sevdesk.has(invoice(1, discount="2", discountTime="40"), invoice(2, timeToPay="200"))
    sevdesk.has(transaction(50, "116.62", payeePayerName="HUBER GMBH"))
    office.statement(
        "2026-05-04", Payment(amount="116.62", payer="Huber GmbH", iban=PAYERS[0], text="RE-0001 Skonto")
    )

    first = office.night("2026-05-05")
    second = office.night("2026-05-06")

    assert [(said["amount"], said["type"]) for said in sevdesk.told] == [("116.62", "CB")]
    assert len(first["written_back"]["written"]) == 1
    assert not [finding for finding in first["findings"] if finding["code"] == "tool_says_otherwise"]
    assert second["written_back"] == {"queued": 0, "written": [], "waiting": []}
    assert office.open_items() == {"RE-0002": 11_900}
    assert office.verified() == []


def test_a_transaction_that_is_not_imported_yet_is_waited_for(office: TestOffice, sevdesk: FakeSevdesk) -> None:
    office.tool = TOOL
    sevdesk.has(invoice(1))
    office.statement("2026-05-04", Payment(amount="119.00", payer="Huber GmbH", iban=PAYERS[0], text="RE-0001"))

    first = office.night("2026-05-05")
    sevdesk.has(transaction(50, "119.00"))
    second = office.night("2026-05-06")

    told = next(finding for finding in first["findings"] if finding["code"] == "write_back_refused")
    assert "0 free bank transactions of 2026-05-04" in told["excerpt"]
    assert len(second["written_back"]["written"]) == 1
    assert sevdesk.lists["Invoice"][0]["status"] == "1000"


def test_a_stage_that_was_sent_is_laid_down_as_a_draft_once(office: TestOffice, sevdesk: FakeSevdesk) -> None:
    office.tool = TOOL
    sevdesk.has(invoice(1))
    office.statement("2026-05-11")

    office.night("2026-05-12")
    office.night("2026-05-13")

    assert [one["dunningLevel"] for one in sevdesk.lists["Invoice"] if one["invoiceType"] == "MA"] == ["1"]
