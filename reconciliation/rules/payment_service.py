"""A payment service passes a customer's payment on and names the customer (PayPal, Klarna, Mollie)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from reconciliation.names import SAME_NAME
from reconciliation.outcome import Evidence
from reconciliation.payment_services import service_payment

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ledger.statement import StatementEntry
    from reconciliation.index import Index

_SAME_NAME: Final = 5.0
_SIMILAR_NAME: Final = 2.5


def evidence(entry: StatementEntry, index: Index) -> Iterator[Evidence]:
    """Find debtors with the name that the service tells; a payout of many sales names nobody."""
    passed_on = service_payment(entry)
    if passed_on is None or not passed_on.customer_name or passed_on.customer_name == entry.ultimate_name:
        return
    for like in index.names.like(passed_on.customer_name):
        strength = _SAME_NAME / (1 + like.rivals) if like.score >= SAME_NAME else _SIMILAR_NAME
        debtor = index.debtor_name(like.debtor_number)
        yield Evidence(
            rule="payment_service",
            strength=strength,
            says=f"{passed_on.says}, named like {debtor} ({like.score:.0f} %)",
            debtor_number=like.debtor_number,
        )
