"""The rows of an open-item list by debit and credit (OPOS-Liste nach Soll und Haben), as DATEV writes it.

Every row is a posting; those of one account and one document number are one document, and what is open of it is its
debits less its credits. A balance (Saldo) in the row is only the proof of that.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, replace
from itertools import accumulate
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from connectors.accounting.open_item_rows import OpenItemRows, one_per_document, warn_of_oddities
from connectors.accounting.record import Layout, Record, open_record
from connectors.accounting.row import is_blank, text_of
from ledger.finding import Finding, Severity
from ledger.money import Money, total
from ledger.open_item import ItemKind, OpenItem
from ledger.text import squeeze

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import date

    from connectors.accounting.row import Row

_SIDES: Final = MappingProxyType({"s": 1, "soll": 1, "h": -1, "haben": -1})
_OPEN_MARKS: Final = frozenset({"", "o"})
_CLEARED_MARKS: Final = frozenset({"a", "m", "k", "n"})  # automatic, by hand, small difference, balance of nothing
_AMOUNTS: Final = ("debit", "credit", "amount", "balance", "open_amount")
_SUM: Final = re.compile(
    r"(zwischen|konto|konten|gesamt|end)?(summen?|salden|saldo|total)(konto|debitoren|opos|offeneposten|gesamt|eur)*"
)
_PAYMENT: Final = re.compile(r"zahlung|akonto|a[ -]conto|überweisung|ueberweisung|payment", re.IGNORECASE)
_PACKED_DAY: Final = re.compile(r"([0-9]{1,2})([0-9]{2})([0-9]{4})")  # TTMMJJJJ; a number loses its first zero
_ACCOUNT: Final = re.compile(r"[0-9]{5,9}")
_PADDED: Final = re.compile(r"[1-9][0-9]{4}0000")
_CREDITOR: Final = re.compile(r"[7-9][0-9]{4,8}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Posting:
    """One row: what it puts on the account, positive in debit, and what else it says."""

    record: Record
    account: str
    number: str  # of the document; empty for a payment on account
    dated: date
    due: date | None
    debit: Money
    credit: Money
    is_cleared: bool  # by its mark (Ausgleichskennzeichen)
    stated: Money | None  # what the list says is open of the document, where it has a column for that
    balance: Money | None  # Saldo, positive in debit
    text: str
    account_balance: int = 0  # of the account after this row, in minor units

    @property
    def net(self) -> Money:
        """What it adds to the debt."""
        return self.debit - self.credit

    @property
    def document(self) -> str:
        """Give the number of its document; payments on account are one document per account."""
        return self.number or _on_account(self.account)


def read_debit_credit_rows(rows: Iterable[Row], layout: Layout, source: str, currency: str) -> OpenItemRows:
    """Read every row, and make one item of each document; sums, account names and repeated headers are skipped."""
    findings: list[Finding] = []
    postings: list[Posting] = []
    refused: list[tuple[str, str]] = []
    for row in rows:
        if _is_no_posting(row, layout):
            continue
        record = open_record(layout, row, findings)
        posting = _posting(record, currency) if record.usable else None
        if posting is None:
            refused.append((_document_named(record), ""))
        else:
            postings.append(posting)
    postings = _with_short_accounts(postings, findings)
    findings += _creditors(postings)
    items: list[OpenItem] = []
    for document in _documents(postings):
        item = _item(document, source, currency)
        if item is not None:
            items.append(item)
        elif not document[0].record.usable:
            refused.append((document[0].document, ""))
    kept, contradicted = one_per_document(items, refused, findings)
    return OpenItemRows(
        items=kept,
        findings=tuple(findings),
        unreadable_numbers=frozenset(number for number, _ in refused if number) | contradicted,
        complete=not refused and not contradicted,
    )


def _is_no_posting(row: Row, layout: Layout) -> bool:
    """Whether a row is beyond doubt a sum, the name of an account, or the header once more."""
    if row.trouble:
        return False
    looking = Record(layout=layout, row=row, findings=[])
    if dated := text_of(looking.cell("document_date")):  # as nearly every row is
        is_header = dated == layout.header[layout.positions["document_date"]]
        return is_header and tuple(map(text_of, row.cells[: layout.width])) == layout.header[: layout.width]
    if text_of(looking.cell("due_date")):
        return False
    texts = [text_of(cell) for cell in row.cells]
    account, number = (text_of(looking.cell(column)) for column in ("debtor_number", "document_number"))
    if said := next((text for text in texts if _is_sum(text)), ""):
        is_a_document = account and number and said not in {account, number}
        return not is_a_document and (said in {account, number, next(filter(None, texts))} or not (account or number))
    return bool(account) and not number and is_blank([looking.cell(column) for column in _AMOUNTS])


def _is_sum(text: str) -> bool:
    """Whether a cell says "Summe", "Gesamtsumme:", "Saldo: 1.000,00", "Summe Konto 10001"."""
    return _SUM.fullmatch(squeeze(re.split(r"[\d:]", text, maxsplit=1)[0])) is not None


def _posting(record: Record, currency: str) -> Posting | None:
    account = record.mandatory("debtor_number")
    if account and not _ACCOUNT.fullmatch(account):
        what = f"{account!r} is no account of a debtor (Personenkonto)"
        record.set_aside("unknown_account", "debtor_number", what, "Export accounts of 5 to 9 digits.")
    _refuse_other_currency(record, currency)
    debit, credit = _sides(record, currency)
    dated = _day(record, "document_date") if record.mandatory("document_date") else None
    due = _day(record, "due_date")
    stated, balance = record.money("open_amount", currency), _balance(record, currency)
    cleared = _is_cleared(record)
    if not record.usable or dated is None or debit is None or credit is None:
        return None
    return Posting(
        record=record,
        account=account,
        number=record.text("document_number"),
        dated=dated,
        due=due,
        debit=debit,
        credit=credit,
        is_cleared=cleared,
        stated=stated,
        balance=balance,
        text=record.text("text"),
    )


def _refuse_other_currency(record: Record, currency: str) -> None:
    """Refuse what is owed in another currency: the amounts of such a list are those of the books."""
    text = record.text("currency").upper()
    if text not in {"", "€" if currency == "EUR" else currency, currency}:
        what = f"the document is owed in {text}, and the list keeps it in {currency}"
        record.set_aside("foreign_currency", "currency", what, "Look after this document by hand.")


def _sides(record: Record, currency: str) -> tuple[Money | None, Money | None]:
    """Read debit and credit: from two columns, or from one amount and its side (S or H)."""
    nothing = Money(0, currency)
    if "debit" in record.layout.positions:
        debit, credit = record.money("debit", currency), record.money("credit", currency)
        if debit is None and credit is None and record.usable:
            what = "neither debit (Soll) nor credit (Haben) is filled in"
            record.set_aside("missing_value", "debit", what, "Fill it in where the list comes from.")
        return debit or nothing, credit or nothing
    amount = record.money("amount", currency) if record.mandatory("amount") else None
    side = _side(record, "side") if record.mandatory("side") else None
    if amount is None or side is None:
        return None, None
    return (amount, nothing) if side > 0 else (nothing, amount)


def _side(record: Record, column: str) -> int | None:
    text = record.text(column)
    side = _SIDES.get(squeeze(text))
    if text and side is None:
        record.set_aside("unknown_side", column, f"{text!r} is neither S nor H", "Write S (Soll) or H (Haben).")
    return side


def _balance(record: Record, currency: str) -> Money | None:
    """Read the balance of a row, positive in debit; its side may stand in a column of its own."""
    balance, side = record.money("balance", currency), _side(record, "balance_side")
    return Money(side * balance.minor, currency) if balance and side and balance.minor > 0 else balance


def _is_cleared(record: Record) -> bool:
    mark = squeeze(text := record.text("cleared"))
    if mark not in _OPEN_MARKS | _CLEARED_MARKS:
        what = f"{text!r} is no mark of clearing (Ausgleichskennzeichen) we know"
        record.set_aside("unknown_mark", "cleared", what, "Export the open items alone, without this column.")
    return mark in _CLEARED_MARKS


def _day(record: Record, column: str) -> date | None:
    """Read a date, also as the ASCII export packs it: 21122026, or 1122026 where the first zero was lost."""
    if (found := _PACKED_DAY.fullmatch(record.text(column))) is None:
        return record.day(column)
    cells = list(record.row.cells)
    cells[record.layout.positions[column]] = ".".join(found.groups())
    unpacked = replace(record, row=record.row._replace(cells=cells))
    day = unpacked.day(column)
    record.usable = unpacked.usable
    return day


def _document_named(record: Record) -> str:
    """Name the document of a row that was set aside, as far as it can be read; its findings are told already."""
    again = Record(layout=record.layout, row=record.row, findings=[])
    return again.text("document_number") or _on_account(again.text("debtor_number"))


def _on_account(account: str) -> str:
    return f"Akonto {account}" if account else ""


def _with_short_accounts(postings: list[Posting], findings: list[Finding]) -> list[Posting]:
    """Drop the zeros with which DATEV fills every account up to nine digits: 100010000 is 10001."""
    if not postings or not all(_PADDED.fullmatch(posting.account) for posting in postings):
        return postings
    what = (
        f"every account has nine digits and ends in 0000; {postings[0].account} is read as {postings[0].account[:5]}"
    )
    what_to_do = "Nothing, if your accounts of debtors have five digits."
    findings.append(_notice("accounts_shortened", postings[0], what, what_to_do, Severity.NOTE))
    return [replace(posting, account=posting.account[:5]) for posting in postings]


def _creditors(postings: Iterable[Posting]) -> Iterator[Finding]:
    """Say once that the list holds accounts of suppliers, as DATEV numbers them."""
    first = next((posting for posting in postings if _CREDITOR.fullmatch(posting.account)), None)
    if first is not None:
        what = f"{first.account} lies among those of suppliers (Kreditoren, 70000 and more); read as a debtor"
        what_to_do = "If it is a supplier, export the list of debtors alone."
        yield _notice("creditor_account", first, what, what_to_do, Severity.WARNING)


def _notice(code: str, at: Posting, what: str, what_to_do: str, severity: Severity) -> Finding:
    place = at.record.layout.place(at.record.row.line, "debtor_number")
    return Finding(code=code, place=place, what=what, what_to_do=what_to_do, severity=severity)


def _documents(postings: Iterable[Posting]) -> Iterable[list[Posting]]:
    """Give the postings of each document together, with the account's balance after each of them."""
    documents: defaultdict[tuple[str, str], list[Posting]] = defaultdict(list)
    balances: defaultdict[str, int] = defaultdict(int)
    for posting in postings:
        balances[posting.account] += posting.net.minor
        with_balance = replace(posting, account_balance=balances[posting.account])
        documents[posting.account, posting.document].append(with_balance)
    return documents.values()


def _item(document: Sequence[Posting], source: str, currency: str) -> OpenItem | None:
    """Make the item of a document; None where it is settled, or set aside (then its first record says so)."""
    first = document[0]
    live = _uncleared(document, currency)
    if not live or not first.record.usable:
        return None
    net = _open(document, live, currency)
    if net is None or not net:
        return None
    is_invoice = net.minor > 0
    side = [posting for posting in live if (posting.net.minor > 0) is is_invoice] or live
    gross = total((posting.debit if is_invoice else posting.credit for posting in side), currency)
    dated = min(posting.dated for posting in side)
    # An invoice posted in parts is due when the last of them is; a credit without a day can be used at once.
    due = max((posting.due for posting in side if posting.due), default=None if is_invoice else dated)
    if is_invoice:
        first.record.mandatory("document_number")
        if due is None:
            first.record.mandatory("due_date")
    if due is None or not first.record.usable:
        return None
    item = OpenItem(
        item_id=f"{source}:{ItemKind.INVOICE if is_invoice else ItemKind.CREDIT_NOTE}:{first.document}",
        document_number=first.document,
        kind=ItemKind.INVOICE if is_invoice else ItemKind.CREDIT_NOTE,
        debtor_number=first.account,
        document_date=dated,
        due_date=due,
        amount=gross if gross.minor > 0 else abs(net),
        open_amount=abs(net),
        source=source,
        place=side[0].record.layout.place(side[0].record.row.line),
    )
    _warn_of_credit(item, live)
    warn_of_oddities(side[0].record, item)
    return item


def _uncleared(document: Sequence[Posting], currency: str) -> Sequence[Posting]:
    """Give the postings that are not marked as cleared; none where together they come to nothing."""
    live = [posting for posting in document if not posting.is_cleared]
    if len(live) < len(document) and not total((posting.net for posting in document), currency):
        return ()
    cleared = total((posting.net for posting in document if posting.is_cleared), currency)
    if live and cleared:
        what = f"{document[0].document} is marked as cleared in part, and what is marked leaves {cleared}"
        document[0].record.set_aside("contradictory_rows", "cleared", what, "Export the open items alone.")
    return live


def _open(document: Sequence[Posting], live: Sequence[Posting], currency: str) -> Money | None:
    """Give what is open, positive in debit: as stated for the document, else debits less credits, proven by Saldo."""
    record, net = document[0].record, total((posting.net for posting in live), currency)
    stated = [posting.stated for posting in live if posting.stated is not None]
    if stated:
        if len(live) > 1 or stated[0].minor < 0 < net.minor or (stated[0] and not net):
            what = (
                f"what is open of {document[0].document} cannot be told from its rows, of which there are {len(live)}"
            )
            record.set_aside("contradictory_rows", "open_amount", what, "Export the list with one row per document.")
            return None
        return abs(stated[0]) if net.minor > 0 else -abs(stated[0])
    if _repeats_a_row(document):
        what = f"{document[0].document} has the same row twice, and nothing tells whether it is one posting or two"
        record.set_aside("contradictory_rows", "", what, "Export the list again, with balances (Saldo).")
        return None
    if not _is_proven(document, net):
        what = f"the balance (Saldo) of {document[0].document} is not its debits less its credits, which are {net}"
        what_to_do = "Export the list again; if Saldo is what is open of a document, map open_amount to it."
        record.set_aside("balance_does_not_add_up", "balance", what, what_to_do)
        return None
    return net


def _repeats_a_row(document: Sequence[Posting]) -> bool:
    """Whether a row stands here twice, and not with a balance that counts both."""
    if len(document) == 1:
        return False
    once = [posting for posting in document if posting.balance in {None, posting.net}]
    return len({tuple(map(text_of, posting.record.row.cells)) for posting in once}) < len(once)


def _is_proven(document: Sequence[Posting], net: Money) -> bool:
    """Whether the balances agree in one of the ways lists print them: of the row, the document, or the account."""
    running = list(accumulate(posting.net.minor for posting in document))
    said = [
        (posting.balance.minor, (posting.net.minor, run, net.minor, posting.account_balance))
        for posting, run in zip(document, running, strict=True)
        if posting.balance is not None
    ]
    return not said or any(all(balance == ways[way] for balance, ways in said) for way in range(4))


def _warn_of_credit(item: OpenItem, live: Sequence[Posting]) -> None:
    """Say what kind of credit it is where it is no credit note: it counts for the debtor all the same."""
    first = live[0]
    if item.is_invoice:
        return
    if any(posting.debit for posting in live):
        what = f"{item.document_number} was overpaid by {item.open_amount}, which counts as a credit of the debtor"
        first.record.warn("overpaid_document", "debtor_number", what, "Assign the money in the accounting tool.")
    elif not first.number or any(_PAYMENT.search(posting.text) for posting in live):
        what = f"{item.open_amount} were paid on account (Akontozahlung); they count as a credit of the debtor"
        first.record.warn(
            "payment_on_account", "debtor_number", what, "Clear it (Ausziffern) in the accounting tool."
        )
