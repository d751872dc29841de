"""Small facts and decisions to fill a database with."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from dunning.notice import Channel, HeldBecause, Notice, NoticeItem
from ledger.allocation import Allocation, AllocationKind
from ledger.debtor import Debtor
from ledger.money import Money, total
from ledger.numerals import read_money
from ledger.open_item import ItemKind, OpenItem
from ledger.statement import Statement, StatementEntry
from reconciliation.certificate import Certificate
from reconciliation.company_rules import CompanyRule, RuleEffect
from reconciliation.drift import Look, Mix
from reconciliation.model import Model
from reconciliation.outcome import EntryState, Outcome
from reconciliation.rejections import Subject
from reconciliation.revocations import PayerKind
from storage.audit_draws import answer_draw, keep_draws
from storage.cases import CaseDecision, Succession, note_decision, note_successor
from storage.company_rules import add_rule, revoke_rule
from storage.database import transaction
from storage.decisions import Author, Decided, append
from storage.deliveries import Run, save_statements
from storage.drifts import add_mix, end_drift, notice_drift
from storage.facts import load_items, save_debtors, save_open_set
from storage.holds import Insolvency, lift_hold, place_hold
from storage.learned import revoke_payer
from storage.matches import book, ignore, load_booked, save_outcomes
from storage.messages import answer_message, note_message
from storage.nights import save_night
from storage.notices import Planned, save_notices
from storage.outbox import Effect, EffectKind, EffectStatus, enqueue, load_effects, settle
from storage.own_models import add_model, reset_models
from storage.postings import mark_posted
from storage.raw_files import keep_raw, save_rejected
from storage.rejections import save_rejection
from storage.statements import load_entries

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from sqlalchemy import Connection, Engine

    from storage.deliveries import Taken

COMPANY = "muster"
ACCOUNT = "DE02120300000000202051"
BAKERY = "DE37370400440001111111"
RUN_DATE = date(2026, 7, 1)
AUTHOR = Author(actor="test", now=datetime(2026, 7, 1, 2, 30, tzinfo=UTC), run_date=RUN_DATE)


def euro(amount: str) -> Money:
    """Read ``119,00``."""
    return read_money(amount, "EUR")


def item(number: str, open_amount: str = "119,00", **more: Any) -> OpenItem:
    """Give an open item of the source ``list``."""
    kind = more.pop("kind", ItemKind.INVOICE)
    return OpenItem(
        item_id=f"list:{kind.value}:{number}",
        document_number=number,
        kind=kind,
        debtor_number=more.pop("debtor_number", "10001"),
        document_date=date(2026, 4, 1),
        due_date=date(2026, 5, 1),
        amount=euro(more.pop("amount", "119,00")),
        open_amount=euro(open_amount),
        source="list",
        **more,
    )


def report(
    engine: Engine,
    *items: OpenItem,
    company: str = COMPANY,
    complete: bool = True,
    keep: Collection[str] = (),
    run_date: date = RUN_DATE,
) -> int:
    """Let the source ``list`` report these items as open; give how many left."""
    with transaction(engine, company) as connection:
        return save_open_set(connection, company, "list", items, complete=complete, keep=keep, run_date=run_date)


def open_amounts(engine: Engine, company: str = COMPANY) -> dict[str, str]:
    """Give what is open now, by document number."""
    with transaction(engine, company) as connection:
        return {
            stored.item.document_number: str(stored.item.open_amount) for stored in load_items(connection, company)
        }


def entry(text: str, amount: str = "119,00", **more: Any) -> StatementEntry:
    """Give a booking of our account."""
    return StatementEntry(
        account=ACCOUNT,
        booking_date=more.pop("booking_date", date(2026, 6, 30)),
        amount=euro(amount),
        remittance=text,
        remittance_glued=text.replace(" ", ""),
        payer_iban=more.pop("payer_iban", BAKERY),
        **more,
    )


def statement(opening: str, *entries: StatementEntry, **more: Any) -> Statement:
    """Give a statement whose closing balance is right."""
    first = euro(opening)
    bare = Statement(
        account=ACCOUNT,
        currency="EUR",
        opening=first,
        closing_date=more.pop("closing_date", date(2026, 6, 30)),
        entries=entries,
        place="statement:1",
        **more,
    )
    return replace(bare, closing=first + bare.movement())


def take_in(engine: Engine, name: str, *statements: Statement, company: str = COMPANY) -> Taken:
    """Take in a file of this name, which is also its content."""
    content = name.encode()
    with transaction(engine, company) as connection:
        return save_file(connection, company, name, content, statements)


def save_file(
    connection: Connection, company: str, name: str, content: bytes, statements: Sequence[Statement]
) -> Taken:
    """Keep a file and take its statements in."""
    sha256 = hashlib.sha256(content).hexdigest()
    keep_raw(
        connection,
        company,
        name=name,
        sha256=sha256,
        size_bytes=len(content),
        content=[content],
        statement_format=statements[0].format if statements else "",
        received_on=RUN_DATE,
    )
    return save_statements(connection, company, sha256, [run_of(*pair) for pair in enumerate(statements)])


def run_of(number: int, statement: Statement) -> Run:
    """Give a whole statement as its only run."""
    days = [one.booking_date for one in statement.entries]
    return Run(number, statement, min(days, default=None), max(days, default=None))


def entry_ids(engine: Engine, company: str = COMPANY) -> list[str]:
    """Give the identities of all stored entries."""
    with transaction(engine, company) as connection:
        return list(load_entries(connection, company))


def payment(number: str, amount: str = "119,00", kind: AllocationKind = AllocationKind.PAYMENT) -> Allocation:
    """Give an allocation to an invoice of the source ``list``."""
    return Allocation(
        kind=kind,
        amount=euro(amount),
        item_id=f"list:invoice:{number}",
        document_number=number,
        debtor_number="10001",
    )


def booked(entry_id: str, *allocations: Allocation, **more: Any) -> Outcome:
    """Give an outcome that books."""
    return Outcome(
        entry_id=entry_id,
        state=more.pop("state", EntryState.AUTO),
        reasons=("It names the invoice.",),
        allocations=allocations,
        **more,
    )


def notice(*numbers: str, held: Sequence[HeldBecause] = (), **more: Any) -> Notice:
    """Give a reminder about invoices of the source ``list``."""
    items = tuple(
        NoticeItem(
            item_id=f"list:invoice:{number}",
            document_number=number,
            document_date=date(2026, 4, 1),
            due_date=date(2026, 5, 1),
            original=euro("119,00"),
            open=euro("119,00"),
            days_overdue=61,
            stage="reminder",
            interest=euro("1,13"),
        )
        for number in numbers
    )
    return Notice(
        debtor=Debtor(number=more.pop("debtor_number", "10001"), name="Bäckerei Müller"),
        stage="reminder",
        title="Zahlungserinnerung",
        template="reminder",
        channel=Channel.EMAIL,
        run_date=more.pop("run_date", RUN_DATE),
        deadline=date(2026, 7, 13),
        items=items,
        total=total((one.open + one.interest for one in items), "EUR"),
        payments_considered_until=date(2026, 6, 30),
        held_because=tuple(held),
        **more,
    )


def mail(outbox_id: str, content: bytes = b"Sehr geehrte", **more: Any) -> Effect:
    """Give a mail for the outbox."""
    return Effect(
        outbox_id=outbox_id,
        kind=EffectKind.MAIL,
        name=f"{outbox_id}.eml",
        media_type="message/rfc822",
        content=content,
        sender="forderungen@muster.example",
        recipients=("mueller@baeckerei.example",),
        **more,
    )


def say(connection: Connection, company: str, said: Notice, letter_number: str = "M-2026-00001", **more: Any) -> str:
    """Decide on a notice and put the mail that says it into the outbox; give the mail's identification."""
    outbox_id = f"notice-{letter_number}"
    planned = Planned(notice=said, letter_number=letter_number, outbox_id=outbox_id)
    (seq,) = save_notices(connection, company, AUTHOR, [planned])
    enqueue(connection, company, seq, [mail(outbox_id, **more)])
    return outbox_id


def a_rule_that_ended(connection: Connection, company: str) -> None:
    """Let the accountant add a rule of the company and revoke it."""
    rent = CompanyRule(label="Miete", effect=RuleEffect.SET_ASIDE, text="Miete", who="anna", added_on=RUN_DATE)
    revoke_rule(connection, company, AUTHOR, add_rule(connection, company, AUTHOR, rent), "the flat is sold")


def somebody_says_no(connection: Connection, company: str) -> None:
    """Let the accountant revoke a payer, and reject a booking of the first entry there is."""
    kind = PayerKind.ACCOUNT
    revoke_payer(connection, company, AUTHOR, kind=kind, payer=BAKERY, debtor_number="10001", why="moved")
    entry_id = min(load_entries(connection, company))
    subject = Subject(("list:invoice:RE-1",), ("10001",))
    save_rejection(connection, company, AUTHOR, entry_id=entry_id, subject=subject, grounds=(), why="another one")


def a_case_that_was_decided(connection: Connection, company: str) -> None:
    """Let the agency hand an item back, a debtor be succeeded, and a message be answered."""
    case: dict[str, Any] = {"debtor_number": "10001", "note": "as the agency wrote"}
    note_decision(connection, company, AUTHOR, item_id="list:invoice:RE-1", decided=CaseDecision.HANDED_BACK, **case)
    note_successor(connection, company, AUTHOR, successor_number="10002", reason=Succession.MERGED, **case)
    asked = note_message(connection, company, AUTHOR, received_on=RUN_DATE, **case)
    answer_message(connection, company, AUTHOR, asked, "we wrote back")


def a_model_of_its_own(connection: Connection, company: str) -> None:
    """Adapt, go back, draw and answer an audit, and let payments change and change back."""
    certificate = Certificate(
        threshold=0.984,
        target=0.003,
        confidence=0.95,
        accepted=3_100,
        errors=2,
        bound=0.0021,
        issued_on=RUN_DATE,
        sample="09ff89d66c57ccd1",
    )
    own = Model(name="own", weights={"any": -6.1, "payer: known": 5.7}, decisions=800, certificate=certificate)
    add_model(connection, company, AUTHOR, own, labels=4_000, labels_seq=1)
    reset_models(connection, company, AUTHOR, "to be compared")
    standing = next(one for one in load_booked(connection, company) if not one.reverses)
    keep_draws(connection, company, AUTHOR, {standing.entry_id: (standing.seq, "number_exact")})
    answer_draw(connection, company, AUTHOR, standing.entry_id, "", is_right=True)
    add_mix(connection, company, RUN_DATE, Mix(payments=60, looks={Look.UNKNOWN_NUMBER: 14}))
    noticed = notice_drift(connection, company, AUTHOR, ["14 of 60 payments name an unknown number"])
    end_drift(connection, company, AUTHOR, noticed, "people decided", is_usual_now=True)


def a_full_life(connection: Connection, company: str) -> None:
    """Let everything happen once that storage can remember."""
    save_debtors(connection, company, "list", [Debtor(number="10001", name=f"Bäckerei Müller, {company}")])
    invoices = [item("RE-1"), item("RE-2"), item("RE-3")]
    save_open_set(connection, company, "list", invoices, complete=True, keep=(), run_date=RUN_DATE)
    june = statement("1.000,00", entry("RE-1"), entry("Spende", "20,00"), entry("Porto", "-5,00"))
    save_file(connection, company, "june.xml", b"june", [june])
    payments = [entry(f"Teil {n}", "10,00", booking_ref="7", position=n) for n in range(2)]
    total = entry("Sammler", "20,00", payer_iban="")
    save_file(connection, company, "total.sta", b"total", [statement("1.134,00", total, format="MT940")])
    save_file(
        connection,
        company,
        "batch.xml",
        b"batch",
        [replace(statement("0,00", *payments), opening=None, closing=None, format="camt.054")],
    )
    save_rejected(
        connection, company, sha256="0" * 64, inbox="inbox", name="bad.xml", reason="broken", rejected_on=RUN_DATE
    )
    by_text = {one.remittance: one.entry_id for one in load_entries(connection, company).values()}
    matched = booked(by_text["RE-1"], payment("RE-1"), possible_debtors=frozenset({"10001"}))
    book(connection, company, AUTHOR, [matched])
    save_outcomes(connection, company, [matched])
    ignore(connection, company, AUTHOR, by_text["Porto"], "postage", ignored=True)
    words: dict[str, Any] = {"debtor_number": "10001", "reason": "dispute", "note": "wrong goods", "owner": "anna"}
    place_hold(connection, company, AUTHOR, item_id="", expires_on=None, insolvency=Insolvency(court="Ulm"), **words)
    lifted = place_hold(connection, company, AUTHOR, item_id="list:invoice:RE-2", expires_on=RUN_DATE, **words)
    lift_hold(connection, company, AUTHOR, lifted)
    say(connection, company, notice("RE-2"))
    silent = notice("RE-3", held=[HeldBecause("hold", "It is disputed.")])
    save_notices(connection, company, AUTHOR, [Planned(notice=silent)])
    (effect,) = load_effects(connection, company)
    settle(connection, company, AUTHOR, effect, EffectStatus.SENT, "250 OK")
    batch = {"batch": "EXTF_1.csv", "allocations": ["1-0"]}
    (seq,) = append(connection, company, AUTHOR, [Decided("datev_batch", batch)])
    mark_posted(connection, company, seq, {"1-0": "EXTF_1.csv"})
    save_night(connection, company, run_date=RUN_DATE, now=AUTHOR.now, report={"company": company})
