"""The chain of statements: each begins with the balance the one before ended with, or something is missing."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from ledger.finding import Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from ledger.statement import Statement


class _Link(NamedTuple):
    currency: str
    day: date
    opening_minor: int
    closing_minor: int


def gaps(statements: Sequence[Statement]) -> tuple[Finding, ...]:
    """Find every statement of one account whose opening balance no earlier statement ended with.

    The oldest such statement of a currency begins the chain. Pages, overlapping files and statements delivered twice
    do no harm: any other statement up to the same day may be the one before.
    """
    links = {
        _Link(s.currency, s.closing_date, s.opening.minor, s.closing.minor): s
        for s in statements
        if s.opening is not None and s.closing is not None and s.closing_date is not None
    }
    endings: dict[tuple[str, int], list[_Link]] = defaultdict(list)
    for link in links:
        endings[link.currency, link.closing_minor].append(link)
    beginnings = sorted(
        link
        for link in links
        if not any(before.day <= link.day and before != link for before in endings[link.currency, link.opening_minor])
    )
    first = {link.currency: link.opening_minor for link in reversed(beginnings)}
    return tuple(_gap(links[link]) for link in beginnings if link.opening_minor != first[link.currency])


def read_up_to(statements: Sequence[Statement]) -> date | None:
    """Give the last day that statements of one account cover; None where there is none yet."""
    return max((s.closing_date for s in statements if s.closing_date is not None), default=None)


def _gap(statement: Statement) -> Finding:
    return Finding(
        code="statement_gap",
        severity=Severity.ERROR,
        place=statement.place,
        what=f"a statement is missing before {statement.number or statement.statement_ref} of {statement.account}",
        excerpt=f"it opens with {statement.opening}, but no statement up to {statement.closing_date} ends with that",
        what_to_do="Fetch the missing statement and put it into the inbox. Until then nobody is dunned.",
    )
