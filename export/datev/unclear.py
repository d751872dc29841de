"""What keeps an entry out of the batch (ungeklärte Buchungen): accounts and numbers that would have to be guessed."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final

from export.datev.accounts import debtor_account, is_debtor_account
from export.datev.characters import document_field
from export.datev.columns import DOCUMENT_LENGTH
from export.datev.posting import moves_bank_without_item, payments_by_document, sum_of
from export.datev.skonto import rates_without_account, written_rate
from ledger.allocation import AllocationKind
from ledger.finding import Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from export.datev.accounts import ChartOfAccounts
    from export.datev.posting import PostingFact

_LARGEST_MINOR: Final = 10**12 - 1  # Umsatz has ten digits before the comma
_LARGEST_SKONTO_MINOR: Final = 10**10 - 1  # Skonto has eight
_EXAMPLES: Final = 5


def debtor_accounts(
    facts: Iterable[PostingFact], chart: ChartOfAccounts, mapping: Mapping[str, int]
) -> dict[str, int | Finding]:
    """Give every debtor number its account, or the reason why it has none.

    ``mapping`` is what a person said and comes first. Two numbers that merely read as the same account (D-10001 and
    K-10001) are refused; a person may well put two on one account.
    """
    numbers = dict.fromkeys(f.allocation.debtor_number for f in facts if f.allocation.debtor_number)
    found = {number: _debtor_account(number, chart, mapping) for number in numbers}
    sharing: defaultdict[int, list[str]] = defaultdict(list)
    for number, account in found.items():
        if isinstance(account, int):
            sharing[account].append(number)
    for account, together in sharing.items():
        for number in together if len(together) > 1 else ():
            if number not in mapping:
                found[number] = _same_account(account, sorted(together))
    return found


def document_fields(facts: Iterable[PostingFact], accounts: Mapping[str, int | Finding]) -> dict[str, str | Finding]:
    """Give every document number its Belegfeld 1, or the reason why it has none.

    Two numbers of one debtor that become the same text (RE 1 and RE-1 may stay apart, RE 1 and RE1 do not) would
    clear each other's items; DATEV does not tell capitals apart, so neither do we.
    """
    fields: dict[str, str | Finding] = {}
    sharing: defaultdict[tuple[int | Finding | None, str], dict[str, None]] = defaultdict(dict)
    for fact in facts:
        if number := fact.allocation.document_number:
            written = document_field(number)
            fields[number] = written or _nothing_left(number)
            sharing[accounts.get(fact.allocation.debtor_number), written.upper()][number] = None
    for (_, written), together in sharing.items():
        if written and len(together) > 1:
            fields |= dict.fromkeys(together, _same_document(written, sorted(together)))
    return fields


def rewritten_numbers(fields: Mapping[str, str | Finding]) -> Iterator[Finding]:
    """Tell once that document numbers were rewritten, because the invoices at the adviser must be written alike."""
    rewritten = [f"{old} -> {new}" for old, new in fields.items() if isinstance(new, str) and new != old]
    if rewritten:
        more = f" and {len(rewritten) - _EXAMPLES} more" if len(rewritten) > _EXAMPLES else ""
        yield Finding(
            code="datev-document-rewritten",
            place="DATEV, Belegfeld 1",
            what=f"{len(rewritten)} document number(s) hold characters DATEV does not allow, or are longer than "
            f"{DOCUMENT_LENGTH}; they were rewritten",
            what_to_do="Make sure the invoices are written the same way at the adviser, or their items stay open.",
            excerpt="; ".join(rewritten[:_EXAMPLES]) + more,
        )


def rates_left_to_datev(facts: Iterable[PostingFact], chart: ChartOfAccounts) -> Iterator[Finding]:
    """Tell once which VAT rates have no account, because the Skonto of their documents is split by DATEV."""
    if rates := rates_without_account((f.allocation for f in facts), chart):
        yield Finding(
            code="datev-skonto-rate",
            place="DATEV settings, Skonto accounts",
            what=f"no account is known for Skonto at {', '.join(map(written_rate, rates))}; it stands on the line of "
            "its payment, and DATEV takes its tax from the invoice",
            what_to_do="Ask the tax adviser for the account, and name it under skonto_accounts.",
            severity=Severity.NOTE,
        )


def problems(
    facts: Sequence[PostingFact],
    chart: ChartOfAccounts,
    currency: str,
    accounts: Mapping[str, int | Finding],
    fields: Mapping[str, str | Finding],
) -> tuple[Finding, ...]:
    """Say what keeps one entry out of the batch; nothing means it can be booked completely."""
    first = facts[0]
    if chart.bank_account(first.account) is None:
        return (_unknown_bank(first.account),)
    if foreign := {f.allocation.amount.currency for f in facts} - {currency}:
        return (_foreign_currency(first, ", ".join(sorted(foreign)), currency),)
    found = [problem for f in facts for problem in _number_problems(f, accounts, fields)]
    found += _skonto_problems(facts, chart)
    if sum(abs(f.allocation.amount.minor) for f in facts) > _LARGEST_MINOR:
        found.append(_too_large(first))
    return tuple(dict.fromkeys(found))


def _number_problems(
    fact: PostingFact, accounts: Mapping[str, int | Finding], fields: Mapping[str, str | Finding]
) -> Iterator[Finding]:
    allocation = fact.allocation
    needs_document = _needs_document(fact)
    needs_debtor = needs_document or allocation.kind in (AllocationKind.FEE, AllocationKind.INTEREST)
    for needed, number, known, what in (
        (needs_debtor, allocation.debtor_number, accounts, "debtor number"),
        (needs_document, allocation.document_number, fields, "document number"),
    ):
        if number and isinstance(problem := known[number], Finding):
            yield problem
        elif needed and not number:
            yield _missing(fact, what)


def _needs_document(fact: PostingFact) -> bool:
    kind = fact.allocation.kind
    return kind in (AllocationKind.PAYMENT, AllocationKind.SKONTO, AllocationKind.SMALL_DIFFERENCE) or (
        kind is AllocationKind.BANK_CHARGE and not moves_bank_without_item(fact.allocation)
    )


def _skonto_problems(facts: Sequence[PostingFact], chart: ChartOfAccounts) -> Iterator[Finding]:
    """Find Skonto without the line of a payment to stand on; with no rate or account we cannot book it alone."""
    for (_, document), of_document in payments_by_document(facts, chart).items():
        paid = sum_of(of_document, AllocationKind.PAYMENT)
        skonto = sum_of(of_document, AllocationKind.SKONTO)
        if skonto and paid.minor * skonto.minor <= 0:
            yield Finding(
                code="datev-skonto-alone",
                place=_place(of_document[0]),
                what=f"Skonto of {skonto} on {document} comes without a payment of the same document in this entry",
                what_to_do="Book it at the adviser by hand; its tax rate is not known here.",
                severity=Severity.ERROR,
            )
        elif abs(skonto.minor) > _LARGEST_SKONTO_MINOR:
            yield _too_large(of_document[0])


def _debtor_account(number: str, chart: ChartOfAccounts, mapping: Mapping[str, int]) -> int | Finding:
    account = mapping[number] if number in mapping else debtor_account(number, chart.length)
    if account is not None and is_debtor_account(account, chart.length):
        return account
    return Finding(
        code="datev-debtor-account",
        place=f"DATEV, debtor {number}",
        what="the debtor number is no DATEV debtor account"
        if account is None
        else f"the configured account {account} is no DATEV debtor account",
        what_to_do=f"Map it to an account with {chart.length + 1} digits that starts with 1 to 6. "
        "Its entries wait and are not exported.",
        severity=Severity.ERROR,
        excerpt=number,
    )


def _same_account(account: int, numbers: Sequence[str]) -> Finding:
    return Finding(
        code="datev-debtor-ambiguous",
        place=f"DATEV, account {account}",
        what=f"several debtor numbers read as the same account: {', '.join(numbers)}",
        what_to_do="Map each of them to its account. Their entries wait and are not exported.",
        severity=Severity.ERROR,
    )


def _nothing_left(number: str) -> Finding:
    return Finding(
        code="datev-document-unreadable",
        place=f"DATEV, document {number}",
        what="nothing of the document number can be written in Belegfeld 1",
        what_to_do="Book the entry at the adviser by hand. It waits and is not exported.",
        severity=Severity.ERROR,
        excerpt=number,
    )


def _same_document(written: str, numbers: Sequence[str]) -> Finding:
    return Finding(
        code="datev-document-ambiguous",
        place=f"DATEV, Belegfeld 1 {written}",
        what=f"several document numbers of one debtor become the same there: {', '.join(numbers)}",
        what_to_do="Book their entries at the adviser by hand; they would clear each other's items. They wait here.",
        severity=Severity.ERROR,
    )


def _unknown_bank(iban: str) -> Finding:
    return Finding(
        code="datev-bank-account",
        place=f"DATEV, bank account {iban}",
        what="no G/L account is known for this bank account",
        what_to_do="Add the IBAN to the configured bank accounts. Its entries wait and are not exported.",
        severity=Severity.ERROR,
    )


def _foreign_currency(fact: PostingFact, foreign: str, currency: str) -> Finding:
    return Finding(
        code="datev-currency",
        place=_place(fact),
        what=f"the entry is in {foreign}, the batch in {currency}, and no exchange rate is known",
        what_to_do="Book it at the adviser by hand. It waits and is not exported.",
        severity=Severity.ERROR,
    )


def _missing(fact: PostingFact, what: str) -> Finding:
    return Finding(
        code="datev-number-missing",
        place=_place(fact),
        what=f"the {fact.allocation.kind.value} of {fact.allocation.amount} has no {what}",
        what_to_do="Assign the entry again on the review desk. It waits and is not exported.",
        severity=Severity.ERROR,
    )


def _too_large(fact: PostingFact) -> Finding:
    return Finding(
        code="datev-amount",
        place=_place(fact),
        what="an amount has more digits than DATEV takes",
        what_to_do="Book it at the adviser by hand. It waits and is not exported.",
        severity=Severity.ERROR,
    )


def _place(fact: PostingFact) -> str:
    return f"DATEV, entry {fact.entry_id} of {fact.booking_date.isoformat()}"
