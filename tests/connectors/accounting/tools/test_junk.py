"""Whatever a tool may say, a document that cannot be read is one finding, and never the end of a night."""

from __future__ import annotations

from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.accounting import billomat, easybill, fastbill, papierkram
from connectors.accounting.document import payload_hash

if TYPE_CHECKING:
    from collections.abc import Callable

    from connectors.accounting.document import Contact, Document

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(10**20), 10**20)
    | st.decimals(allow_nan=False, allow_infinity=False)
    | st.text(max_size=12)
    | st.sampled_from(["2026-04-01", "0000-00-00", "9999-12-31", "EUR", "JPY", "OPEN", "open", "INVOICE", "outgoing"])
)
JUNK = SCALARS | st.lists(SCALARS, max_size=2) | st.dictionaries(st.text(max_size=5), SCALARS, max_size=2)

GOOD: dict[str, dict[str, Any]] = {
    "easybill": {
        "id": 1,
        "type": "INVOICE",
        "number": "RE-1",
        "document_date": "2026-04-01",
        "due_date": "2026-04-15",
        "due_in_days": 14,
        "amount": 11_900,
        "paid_amount": 0,
        "paid_at": None,
        "cancel_id": None,
        "is_draft": False,
        "currency": "EUR",
        "customer_id": 7,
        "cash_allowance": 2,
        "cash_allowance_days": 7,
        "order_number": "",
    },
    "billomat": {
        "id": "1",
        "client_id": "7",
        "invoice_number": "RE1",
        "status": "OPEN",
        "date": "2026-04-01",
        "due_date": "2026-04-15",
        "due_days": "14",
        "discount_rate": "2",
        "discount_date": "",
        "discount_days": "7",
        "total_gross": "119",
        "paid_amount": "0",
        "open_amount": "119",
        "currency_code": "EUR",
    },
    "papierkram": {
        "id": 1,
        "invoice_no": "R-1",
        "customer_no": "K-1",
        "state": "open",
        "document_date": "2026-04-01",
        "due_date": "2026-04-15",
        "paid_at_date": None,
        "total_gross": Decimal(119),
        "outstanding_amount": "119.0",
    },
    "fastbill": {
        "INVOICE_ID": "1",
        "TYPE": "outgoing",
        "CUSTOMER_ID": "7",
        "CURRENCY_CODE": "EUR",
        "INVOICE_NUMBER": "R-1",
        "INVOICE_DATE": "2026-04-01",
        "DUE_DATE": "2026-04-15",
        "PAID_DATE": "",
        "IS_CANCELED": "0",
        "CASH_DISCOUNT_PERCENT": "2",
        "CASH_DISCOUNT_DAYS": "7",
        "TOTAL": Decimal(119),
        "PAYMENTS": [],
    },
}
TRANSLATIONS: dict[str, Callable[[dict[str, Any]], Document]] = {
    "easybill": partial(easybill.translate, source="tool"),
    "billomat": lambda row: billomat.translate("invoice", row, "tool"),
    "papierkram": partial(papierkram.translate, source="tool", open_states=("open",)),
    "fastbill": partial(fastbill.translate, source="tool"),
}
CONTACTS: dict[str, Callable[[dict[str, Any], str], Contact]] = {
    "easybill": easybill.contact,
    "billomat": billomat.contact,
    "papierkram": papierkram.contact,
    "fastbill": fastbill.contact,
}
CONTACT_FIELDS = (
    "id number company_name first_name last_name emails bank_iban display_name country client_number name locale "
    "customer_no postal_country CUSTOMER_ID CUSTOMER_NUMBER ORGANIZATION LAST_NAME CUSTOMER_TYPE BANK_IBAN"
).split()


@pytest.mark.parametrize("tool", GOOD)
@settings(max_examples=40)
@given(data=st.data())
def test_junk_in_a_document_is_a_finding(tool: str, data: st.DataObject) -> None:
    row = GOOD[tool] | data.draw(st.dictionaries(st.sampled_from(sorted(GOOD[tool])), JUNK, max_size=3))

    made = TRANSLATIONS[tool](row)

    assert len(payload_hash(made.payload)) == 64
    if made.item is not None:
        assert made.findings == ()
        assert min(made.item.amount.minor, made.item.open_amount.minor) >= 0
        assert made.item.document_number
    else:
        assert made.findings or made.standing.value in {"draft", "cancelled"}


@pytest.mark.parametrize("tool", CONTACTS)
@settings(max_examples=40)
@given(row=st.dictionaries(st.sampled_from(CONTACT_FIELDS), JUNK))
def test_junk_in_a_customer_is_a_finding(tool: str, row: dict[str, Any]) -> None:
    made = CONTACTS[tool](row, "tool")

    assert (made.debtor is None) == bool(made.findings)
    if made.debtor is not None:
        assert made.debtor.number
        assert made.debtor.name
