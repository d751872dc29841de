"""Opening plus entries is closing (Saldenprobe): the one check that catches nearly every reading error."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connectors.bank.format import unreadable
from ledger.money import german

if TYPE_CHECKING:
    from ledger.statement import Statement


def check(statement: Statement) -> None:
    """Raise Unreadable, with the sum written out, where a statement does not add up or mixes currencies."""
    opening, closing = statement.opening, statement.closing
    if opening is None or closing is None:
        return
    if opening.currency != closing.currency:
        raise unreadable(
            statement.place,
            f"the statement opens in {opening.currency} and closes in {closing.currency}",
            what_to_do="Ask the bank for a correct file.",
        )
    if statement.adds_up():
        return
    movement = statement.movement()
    raise unreadable(
        statement.place,
        f"the balances of statement {statement.number or statement.statement_ref} do not add up",
        found=(
            f"opening {german(opening)} + entries {german(movement)} = {german(opening + movement)}, "
            f"but closing says {german(closing)} {statement.currency}"
        ),
        what_to_do="A page is probably missing: fetch the statement again from the bank.",
    )
