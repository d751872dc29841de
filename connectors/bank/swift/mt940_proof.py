"""What proves an MT940 statement (Saldenprobe) or an MT942: the bank's own balances, numbers and sums."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from connectors.bank.format import unreadable
from ledger.money import Money, german

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ledger.statement import Statement


class Sum(NamedTuple):
    """How many bookings of one direction there are, and their sum in minor units."""

    number: int
    minor: int


def check_balances(statement: Statement, moved: int, *, only_balances: bool = False) -> None:
    """Raise Unreadable where opening plus ``moved`` minor units is not closing, with the sum written out.

    ``only_balances``: the message has no bookings but their number and sum, as a balance report (MT941) has.
    """
    opening, closing = statement.opening, statement.closing
    if opening is None or closing is None:
        return
    if opening.currency != closing.currency:
        raise unreadable(
            statement.place,
            f"the statement opens in {opening.currency} and closes in {closing.currency}",
            what_to_do="Ask the bank for a correct file.",
        )
    movement = Money(moved, opening.currency)
    if opening + movement == closing:
        return
    if only_balances:
        raise unreadable(
            statement.place,
            "this is a balance report (MT941): it tells balances and sums, but no bookings",
            what_to_do="Fetch the statement as CAMT.053 or MT940 from the bank.",
        )
    raise unreadable(
        statement.place,
        f"the balances of statement {statement.number or statement.statement_ref} do not add up",
        found=(
            f"opening {german(opening)} + entries {german(movement)} = {german(opening + movement)}, "
            f"but closing says {german(closing)} {statement.currency}"
        ),
        what_to_do="A page is probably missing: fetch the statement again from the bank.",
    )


def check_sums(told: Mapping[str, Sum], found: Mapping[str, Sum], place: str, currency: str) -> None:
    """Raise Unreadable where number or sum behind :90C: or :90D: is not what was read.

    ``found`` has the sums by mark. Banks disagree whether a credit taken back (RC) is counted as the debit that it
    is, or with the credits; either will do.
    """
    if all(
        _direction(told, direction) == _direction(found, *marks)
        for direction, marks in _BY_MONEY
        if direction in told
    ):
        return
    for direction, marks in _BY_LETTER:
        if direction not in told or told[direction] == _direction(found, *marks):
            continue
        number, minor = told[direction]
        ours = _direction(found, *marks)
        kind = "credits" if direction == "C" else "debits"
        raise unreadable(
            place,
            f"number and sum of the {kind} (:90{direction}:) are not those read",
            found=(
                f"the bank says {number} with {german(Money(minor, currency))}, "
                f"read were {ours.number} with {german(Money(ours.minor, currency))} {currency}"
            ),
            what_to_do="Fetch it again from the bank.",
        )


_BY_MONEY: Final = (("C", ("C", "RD", "EC")), ("D", ("D", "RC", "ED")))
_BY_LETTER: Final = (("C", ("C", "RC", "EC")), ("D", ("D", "RD", "ED")))


def _direction(sums: Mapping[str, Sum], *marks: str) -> Sum:
    found = [sums[mark] for mark in marks if mark in sums]
    return Sum(sum(one.number for one in found), sum(one.minor for one in found))
