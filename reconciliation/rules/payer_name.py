"""The payer is named as the debtor is, apart from legal form, umlauts, order of words and what the bank cut off."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reconciliation import weights
from reconciliation.names import SAME_NAME
from reconciliation.outcome import Evidence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ledger.statement import StatementEntry
    from reconciliation.index import Index


def evidence(entry: StatementEntry, index: Index) -> Iterator[Evidence]:
    """Find debtors with the payer's name, or with the name of the party behind (abweichender Auftraggeber).

    Where several debtors have the name, each is told with the number of the others, and counts for less.
    """
    for name in filter(None, dict.fromkeys((entry.payer_name, entry.ultimate_name))):
        who = "the payer" if name == entry.payer_name else "the party behind the payer"
        for like in index.names.like(name):
            if like.score >= SAME_NAME:
                debtor = index.debtor_name(like.debtor_number)
                others = f", and so {_are(like.rivals)}" if like.rivals else ""
                new = index.payers.is_new_account(entry.payer_iban, entry.payer_bic, like.debtor_number)
                account = ", and pays from a new account" if new else ""
                yield Evidence(
                    rule="payer_name",
                    strength=weights.SAME_NAME / (1 + like.rivals),
                    says=f'{who} "{name}" is named like {debtor} ({like.score:.0f} %){others}{account}',
                    debtor_number=like.debtor_number,
                )


def _are(rivals: int) -> str:
    return "is another debtor" if rivals == 1 else f"are {rivals} other debtors"
