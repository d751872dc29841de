"""The court application of a debtor (Mahnantrag): gathered from storage, with every reason that speaks against it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from dunning.costs import LateClaim, recovery_cost
from dunning.fee_tables import court_fee
from dunning.gate import NoticeFacts, gate
from dunning.noted import NOTHING_NOTED
from dunning.notice import Channel, Notice, NoticeItem
from dunning.plan import interest_so_far
from dunning.principal import costs_paid, interest_paid
from export.court import ComputedInterest, CourtClaim, SideClaim, court_data
from ledger.debtor import Debtor
from ledger.errors import Refused
from ledger.money import Money, total
from night.gate_facts import load_dunning_facts
from storage.facts import load_debtors

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

    from dunning.default import DefaultStart
    from dunning.interest import InterestClaim
    from export.court import CourtStatement
    from ledger.open_item import OpenItem
    from night.gate_facts import DunningFacts
    from night.workplace import Workplace
    from storage.database import Connection

# These speak against another letter, not against a court: time, small sums, our own letters, and channels. What the
# form needs of addresses is asked by the form itself.
_ONLY_OF_LETTERS: Final = frozenset(
    {
        "below_threshold",
        "too_recent",
        "notice_waiting",
        "sending_uncertain",
        "no_address",
        "master_data_incomplete",
        "debtor_unknown",
    }
)
_ONE_DAY: Final = timedelta(days=1)
_MOST_ABOVE_BASE: Final = 12  # § 688 (2) no. 1 ZPO


@dataclass(frozen=True, slots=True, kw_only=True)
class CourtOrder:
    """What somebody asks for: which debtor, which documents, which costs, and what only the creditor can state."""

    debtor_number: str
    documents: tuple[str, ...] = ()  # empty: every open invoice that is overdue
    lump_sum: bool = False  # claim the lump sum for each invoice (§ 288 (5) BGB)
    statement: CourtStatement


def court_application(connection: Connection, work: Workplace, order: CourtOrder) -> dict[str, Any]:
    """Give the data of the form as of the day of ``work``; raise Refused with every reason in one message.

    Nothing is recorded. The gate is asked as before any letter, because an application has to be as sure: bank data
    must be fresh, nothing disputed, promised or insolvent, no payment in doubt.
    """
    facts = load_dunning_facts(connection, work)
    debtor = load_debtors(connection, work.company_id).get(order.debtor_number)
    items = _items(facts, order, work.run_date)
    if debtor is None and not items:
        raise Refused(f"there is no debtor {order.debtor_number}")
    debtor = debtor or Debtor(number=order.debtor_number, name="")
    objections = [
        *_missing_documents(order, items),
        *_against(work, facts, debtor, items),
        *_too_dear_credit(work, order.statement),
    ]
    claims = [_claim(work, facts, debtor, item) for item in items]
    costs = _costs(facts, items, lump_sum=order.lump_sum)
    lump_sums, refused = _lump_sums(work, facts, debtor, claims, items) if order.lump_sum else ([], [])
    statement = replace(order.statement, side_claims=(*costs, *lump_sums, *order.statement.side_claims))
    principal = total((item.open_amount for item in items if item.currency == "EUR"), "EUR")
    return court_data(
        claims,
        debtor,
        work.company.letter_head(),
        statement,
        case_id=f"court-{work.run_date.isoformat()}-{debtor.number}",
        day=work.run_date,
        court_fee=court_fee(principal, work.run_date, work.office.fees),
        objections=[*objections, *refused],
    )


def _items(facts: DunningFacts, order: CourtOrder, day: date) -> list[OpenItem]:
    theirs = (
        stored.item
        for stored in facts.items
        if stored.item.debtor_number == order.debtor_number
        and stored.item.is_invoice
        and stored.item.open_amount.minor > 0
    )
    wanted = (
        item
        for item in theirs
        if (item.document_number in order.documents if order.documents else item.due_date < day)
    )
    return sorted(wanted, key=lambda item: (item.due_date, item.document_number, item.item_id))


def _missing_documents(order: CourtOrder, items: Sequence[OpenItem]) -> Iterator[str]:
    found = {item.document_number for item in items}
    for number in order.documents:
        if number not in found:
            yield f"{number}: debtor {order.debtor_number} has no such open invoice"


def _against(work: Workplace, facts: DunningFacts, debtor: Debtor, items: Sequence[OpenItem]) -> Iterator[str]:
    """Say what the gate says, currency by currency, and what credit there is."""
    for currency in sorted({item.currency for item in items}):
        known = facts.gate[debtor.number, currency]
        asked = NoticeFacts(
            notice=_as_notice(work, debtor, [item for item in items if item.currency == currency]),
            facts=known,
            procedure=work.procedure,
            minimum_gap_days=0,
        )
        codes = [because for because in gate(asked) if because.code not in _ONLY_OF_LETTERS]
        yield from (because.sentence for because in codes)
        if known.credit.minor > 0 and all(because.code != "credit_covers_debt" for because in codes):
            yield f"The debtor has a credit of {known.credit}. Settle it first; a court is asked only for the rest."


def _as_notice(work: Workplace, debtor: Debtor, items: Sequence[OpenItem]) -> Notice:
    listed = tuple(
        NoticeItem(
            item_id=item.item_id,
            document_number=item.document_number,
            document_date=item.document_date,
            due_date=item.due_date,
            original=item.amount,
            open=item.open_amount,
            days_overdue=item.days_overdue(work.run_date),
            stage="court",
            interest=Money(0, item.currency),
        )
        for item in items
    )
    return Notice(
        debtor=debtor,
        stage="court",
        title="Mahnantrag",
        template="",
        channel=Channel.LETTER,
        run_date=work.run_date,
        deadline=None,
        items=listed,
        total=total((item.open for item in listed), listed[0].open.currency),
        payments_considered_until=work.run_date,
    )


def _too_dear_credit(work: Workplace, statement: CourtStatement) -> Iterator[str]:
    credit, rates = statement.credit, work.office.rates
    if credit is None or credit.contract_on < rates.known_from:
        return
    most = rates.on(credit.contract_on) + _MOST_ABOVE_BASE
    if credit.effective_rate > most:
        yield (
            f"the effective rate of {credit.effective_rate} % is more than {_MOST_ABOVE_BASE} points above the base "
            "rate of the contract's day; there is no such application (§ 688 (2) no. 1 ZPO)"
        )


def _claim(work: Workplace, facts: DunningFacts, debtor: Debtor, item: OpenItem) -> CourtClaim:
    settings = work.company.dunning.for_engine(work.company.region)
    start, claim = _interest(work, facts, debtor, item, work.run_date)
    computed = _computed(work, facts, debtor, item, start, claim) if start and claim else None
    rate = settings.rate(debtor.type, work.office.rates_of(work.company), contract_on=item.document_date)
    first = start.first_day if start else None
    return CourtClaim(
        document_number=item.document_number,
        document_date=item.document_date,
        open=item.open_amount,
        interest_points=rate.points,
        interest_from=computed.last_day + _ONE_DAY if computed else first,
        default_since=first,
        default_basis=f"{start.basis} ({start.basis.law})" if start else "",
        computed=computed,
    )


def _computed(
    work: Workplace, facts: DunningFacts, debtor: Debtor, item: OpenItem, start: DefaultStart, claim: InterestClaim
) -> ComputedInterest | None:
    """Give what cannot be asked for as running interest: of days on which more was open, or at another rate.

    What was paid on interest is set off here, and then everything up to today is computed; None where all of it runs.
    """
    paid = interest_paid(facts.settled.get(item.item_id, ()), item.currency)
    special = [
        one.last_day for one in claim.segments if one.principal != item.open_amount or one.first_day < start.first_day
    ]
    if not paid and not special:
        return None
    # Before default nothing is computed alone: its first day comes with it.
    until = work.run_date if paid else max(*special, start.first_day)
    _, up_to = _interest(work, facts, debtor, item, until)
    assert up_to is not None, item
    return ComputedInterest(
        first_day=up_to.segments[0].first_day,
        last_day=until,
        amount=up_to.amount - paid,
        provisional=up_to.provisional,
    )


def _interest(
    work: Workplace, facts: DunningFacts, debtor: Debtor, item: OpenItem, day: date
) -> tuple[DefaultStart | None, InterestClaim | None]:
    return interest_so_far(
        item,
        debtor,
        run_date=day,
        history=facts.history.get(item.item_id, ()),
        procedure=work.procedure,
        settings=work.company.dunning.for_engine(work.company.region),
        rates=work.office.rates_of(work.company),
        settled=facts.settled.get(item.item_id, ()),
        noted=facts.noted.get(item.item_id, NOTHING_NOTED),
    )


def _costs(facts: DunningFacts, items: Sequence[OpenItem], *, lump_sum: bool) -> list[SideClaim]:
    """Give the fees of the letters that were sent, less what was paid on them; a lump sum covers them (§ 288 (5))."""
    if lump_sum:
        return []
    minor = {item.item_id: 0 for item in items}
    for notice in facts.notices:
        # A hand-over only adds up what the letters before it charged.
        if notice.sent_on is not None and notice.channel is not Channel.AGENCY:
            for listed in notice.items:
                if listed.item_id in minor:
                    minor[listed.item_id] += listed.fee_minor
    owed = (
        max(minor[item.item_id] - costs_paid(facts.settled.get(item.item_id, ()), item.currency).minor, 0)
        for item in items
        if item.currency == "EUR"
    )
    fees = Money(sum(owed), "EUR")
    return [SideClaim(kind="Mahnkosten", amount=fees)] if fees else []


def _lump_sums(
    work: Workplace, facts: DunningFacts, debtor: Debtor, claims: Sequence[CourtClaim], items: Sequence[OpenItem]
) -> tuple[list[SideClaim], list[str]]:
    """Give the lump sum of each invoice as a side claim of its own, and why some bear none."""
    law = work.company.dunning.for_engine(work.company.region).law
    found, refused = [], []
    for claim, item in zip(claims, items, strict=True):
        since = claim.default_since
        cost = recovery_cost(
            LateClaim(
                claim_id=item.item_id,
                debtor_type=debtor.type,
                contract_on=item.document_date,
                in_default=since is not None and since <= work.run_date,
                claimed=True,
            ),
            law,
            item.currency,
        )
        rest = cost.claimed - costs_paid(facts.settled.get(item.item_id, ()), item.currency)
        if rest.minor > 0:
            kind = f"Verzugspauschale § 288 Abs. 5 BGB zu {item.document_number}"
            found.append(SideClaim(kind=kind, amount=rest))
        elif not cost.claimed:
            refused.append(f"{item.document_number}: {cost.because} Leave --lump-sum out.")
    return found, refused
