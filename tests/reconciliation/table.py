"""Reads the tables of these tests: a book of items and payments as an accountant would jot it down.

    debtor 10001 "Muster Bau GmbH" DE11
    item   RE-2026-00471  119,00  10001  skonto 2 until 10.05.  due 20.05.
    credit GS-2026-00003   50,00  10001
    paid   119,00 "RE 2026 471" from DE11 "Muster Bau" on 06.05.  -> auto RE-2026-00471 119,00

Debtor 10001 and the year 2026 are understood where nothing is said. ``closed`` is an item without open amount,
``open`` its open amount where it differs, ``known`` adds a payer account. After the arrow stand the state and the
allocations: a document number (or ``account``, ``fee``, ``charge``), an amount, and the kind where it is no payment;
for an entry under review they are the best proposal. Words in slashes must occur in the reasons.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from itertools import pairwise

from ledger.allocation import Allocation, AllocationKind, money_moved
from ledger.debtor import Debtor
from ledger.money import Money, german
from ledger.numerals import read_money
from ledger.open_item import ItemKind, OpenItem
from ledger.statement import EntryKind, StatementEntry
from reconciliation.engine import reconcile
from reconciliation.index import Index, build_index
from reconciliation.outcome import EntryState, KnownPayer, Outcome, PastPayment
from reconciliation.settings import MatchSettings

_WORDS = re.compile(r'"[^"]*"|/[^/]+/|\S+')
_KINDS = {
    "skonto": AllocationKind.SKONTO,
    "difference": AllocationKind.SMALL_DIFFERENCE,
    "charge": AllocationKind.BANK_CHARGE,
}
OWN_ACCOUNT = "DE02120300000000202051"


@dataclass
class Book:
    """What a table describes, in the order of its lines."""

    debtors: dict[str, Debtor] = field(default_factory=dict)
    items: list[OpenItem] = field(default_factory=list)
    entries: list[StatementEntry] = field(default_factory=list)
    known: list[KnownPayer] = field(default_factory=list)
    past: list[PastPayment] = field(default_factory=list)
    expected: list[tuple[str, str]] = field(default_factory=list)  # entry id, text after the arrow
    settings: MatchSettings = field(default_factory=MatchSettings)

    def night(self) -> dict[str, Outcome]:
        """Reconcile everything in the book."""
        outcomes = reconcile(
            entries=self.entries,
            items=self.items,
            debtors=self.debtors,
            known_payers=self.known,
            past=self.past,
            settings=self.settings,
            own_accounts=frozenset({OWN_ACCOUNT, "DE02500105170137075030"}),
        )
        return {outcome.entry_id: outcome for outcome in outcomes}

    def index(self) -> Index:
        """Build the night's lookups alone."""
        return build_index(
            items=self.items,
            debtors=self.debtors,
            known_payers=self.known,
            past=self.past,
            settings=self.settings,
            own_accounts=(OWN_ACCOUNT,),
        )


def check(table: str) -> dict[str, Outcome]:
    """Run one night over a table and compare every payment with what stands behind its arrow."""
    book = read_book(table)
    outcomes = book.night()
    for entry_id, expectation in book.expected:
        _compare(outcomes[entry_id], expectation, next(e for e in book.entries if e.entry_id == entry_id))
    return outcomes


def read_book(table: str) -> Book:
    """Read all lines of a table; a line nobody understands is a mistake of the test."""
    book = Book()
    for line in filter(None, (raw.split("  #")[0].strip() for raw in table.splitlines())):
        words = _WORDS.findall(line.partition("->")[0])
        match words[0]:
            case "debtor":
                book.debtors[words[1]] = Debtor(number=words[1], name=_text(words[2]), ibans=tuple(words[3:]))
            case "item" | "credit" | "closed":
                book.items.append(_item(words))
            case "known":
                book.known.append(KnownPayer(iban=words[1], debtor_number=words[2], payments=int(words[3])))
            case "paid" | "debit" | "return":
                entry = _entry(words, len(book.entries))
                book.entries.append(entry)
                if "->" in line:
                    book.expected.append((entry.entry_id, line.partition("->")[2].strip()))
            case unknown:
                raise AssertionError(f"{unknown!r} begins no line of a table: {line}")
    book.debtors.setdefault("10001", Debtor(number="10001", name="Muster Bau GmbH", ibans=("DE11",)))
    return book


def shown(outcome: Outcome) -> str:
    """Write an outcome the way the tables do."""
    lines = outcome.allocations or (outcome.proposals[0].allocations if outcome.proposals else ())
    return " ".join([outcome.state.value, *(f"{_what(a)} {german(a.amount)}{_kind(a)}" for a in lines)])


def _what(allocation: Allocation) -> str:
    costs = {AllocationKind.FEE: "fee", AllocationKind.INTEREST: "interest"}
    names = {AllocationKind.ON_ACCOUNT: "account", AllocationKind.BANK_CHARGE: "charge"}
    # The costs of which document they are, the tests of the lines themselves say.
    return costs.get(allocation.kind) or allocation.document_number or names[allocation.kind]


def _kind(allocation: Allocation) -> str:
    words = (f" {word}" for word, kind in _KINDS.items() if kind is allocation.kind and allocation.item_id)
    return next(words, "")


def _compare(outcome: Outcome, expectation: str, entry: StatementEntry) -> None:
    reasons = re.findall(r"/([^/]+)/", expectation)
    wanted = " ".join(re.sub(r"/[^/]+/", "", expectation).split())
    said = " | ".join((*outcome.reasons, *(r for p in outcome.proposals[:1] for r in p.reasons)))
    got = shown(outcome)
    assert got == wanted or (wanted == outcome.state.value == "review"), (
        f"{entry.remittance}: {got}, not {wanted}\n{said}"
    )
    for reason in reasons:
        assert reason in said, f"{entry.remittance}: {reason!r} is not among {said}"
    if outcome.state in {EntryState.AUTO, EntryState.RETURNED}:
        assert money_moved(outcome.allocations, entry.amount.currency) == entry.amount, outcome


def _item(words: list[str]) -> OpenItem:
    options = dict(pairwise(words[3:]))
    currency = options.get("in", "EUR")
    amount = read_money(words[2], currency)
    closed = words[0] == "closed"
    debtor = words[3] if len(words) > 3 and words[3].isdigit() else "10001"
    left = Money(0, currency) if closed else read_money(options["open"], currency) if "open" in options else amount
    return OpenItem(
        item_id=f"file/{words[1]}/{debtor}",
        document_number=words[1],
        kind=ItemKind.CREDIT_NOTE if words[0] == "credit" else ItemKind.INVOICE,
        debtor_number=debtor,
        document_date=_day(options.get("dated", "01.04.")),
        due_date=_day(options.get("due", "30.05.")),
        amount=amount,
        open_amount=left,
        skonto_percent=Decimal(options["skonto"]) if "skonto" in options else None,
        skonto_until=_day(options["until"]) if "until" in options else None,
        payment_reference=_text(options.get("reference", "")),
        order_number=options.get("order", ""),
        end_to_end_id=options.get("collected", ""),
    )


def _entry(words: list[str], place: int) -> StatementEntry:
    options = dict(pairwise(words))
    payer = options.get("from", "")
    name = words[words.index(payer) + 1] if payer and words.index(payer) + 1 < len(words) else ""
    text = next((w for w in words[2:3] if w.startswith('"')), "")
    currency = options.get("in", "EUR")
    amount = read_money(words[1], currency)
    kinds = {"paid": EntryKind.TRANSFER, "debit": EntryKind.TRANSFER, "return": EntryKind.RETURNED_DEBIT}
    return StatementEntry(
        entry_id=options.get("id", f"e{place:03d}"),
        account=OWN_ACCOUNT,
        booking_date=_day(options.get("on", "06.05.")),
        amount=amount if words[0] == "paid" else -amount,
        kind=EntryKind(options["kind"]) if "kind" in options else kinds[words[0]],
        payer_iban=payer,
        payer_name=_text(name) if name.startswith('"') else "",
        remittance=_text(text),
        remittance_glued=_text(options.get("glued", "")),
        references=(_text(options["reference"]),) if "reference" in options else (),
        end_to_end_id=options.get("e2e", ""),
        mandate_id=options.get("mandate", ""),
        charges=read_money(options["charges"], currency) if "charges" in options else None,
        return_reason=options.get("because", ""),
    )


def _text(word: str) -> str:
    return word.strip('"')


def _day(text: str) -> date:
    day, month, year = (*text.split("."), "")[:3]
    return date(int(year or 2026), int(month), int(day))
