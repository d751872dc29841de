"""A small company whose past an accountant could follow by hand, played again under other rules."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.allocation import Allocation, AllocationKind
from ledger.debtor import Debtor
from ledger.money import Money
from ledger.open_item import ItemKind, OpenItem
from ledger.statement import EntryKind, StatementEntry
from reconciliation.backtest import Change, Compared, History, PastItem, RuleSet, Verdict, backtest
from reconciliation.certificate import Certificate
from reconciliation.company_rules import NO_RULES
from reconciliation.learned_weights import SHIPPED
from reconciliation.outcome import PastPayment
from reconciliation.settings import MatchSettings

if TYPE_CHECKING:
    from collections.abc import Sequence

OURS = "DE02120300000000202051"
AS_IT_IS = RuleSet(settings=MatchSettings(), model=replace(SHIPPED, certificate=None))
SEVEN_DAYS = replace(AS_IT_IS, settings=MatchSettings(skonto_grace_days=7))


@dataclass
class Past:
    """What happened, in the order an accountant would tell it."""

    debtors: dict[str, Debtor] = field(default_factory=dict)
    items: list[PastItem] = field(default_factory=list)
    entries: list[StatementEntry] = field(default_factory=list)
    standing: list[PastPayment] = field(default_factory=list)
    undone: dict[str, list[list[Allocation]]] = field(default_factory=dict)
    set_aside: set[str] = field(default_factory=set)

    def debtor(self, number: str, name: str, *ibans: str) -> None:
        self.debtors[number] = Debtor(number=number, name=name, ibans=ibans)

    def invoice(
        self,
        number: str,
        minor: int,
        *,
        debtor: str = "10001",
        dated: str = "2026-03-02",
        skonto_until: str = "",
        vanished_after: str = "",
    ) -> None:
        item = OpenItem(
            item_id=f"file/{number}",
            document_number=number,
            kind=ItemKind.INVOICE,
            debtor_number=debtor,
            document_date=date.fromisoformat(dated),
            due_date=date.fromisoformat(dated) + timedelta(days=30),
            amount=Money(minor, "EUR"),
            open_amount=Money(minor, "EUR"),
            skonto_percent=Decimal(2) if skonto_until else None,
            skonto_until=date.fromisoformat(skonto_until) if skonto_until else None,
        )
        gone = date.fromisoformat(vanished_after) if vanished_after else None
        self.items.append(PastItem(item=item, vanished_after=gone))

    def paid(
        self,
        day: str,
        minor: int,
        text: str = "",
        *,
        name: str = "Huber GmbH",
        iban: str = "DE11",
        kind: EntryKind = EntryKind.TRANSFER,
    ) -> str:
        entry_id = f"e{len(self.entries):03d}"
        self.entries.append(
            StatementEntry(
                entry_id=entry_id,
                account=OURS,
                booking_date=date.fromisoformat(day),
                amount=Money(minor, "EUR"),
                kind=kind,
                payer_name=name,
                payer_iban=iban,
                remittance=text,
                remittance_glued=text,
            )
        )
        return entry_id

    def stands(self, entry_id: str, *lines: Allocation) -> None:
        entry = next(e for e in self.entries if e.entry_id == entry_id)
        self.standing.append(
            PastPayment(
                entry_id=entry_id,
                account=entry.account,
                booking_date=entry.booking_date,
                amount=entry.amount,
                payer_iban=entry.payer_iban,
                payer_name=entry.payer_name,
                end_to_end_id="",
                mandate_id="",
                remittance=entry.remittance,
                allocations=lines,
            )
        )

    def history(self) -> History:
        return History(
            entries=self.entries,
            items=self.items,
            debtors=self.debtors,
            standing=self.standing,
            undone=self.undone,
            set_aside=self.set_aside,
            rules=NO_RULES,
            own_accounts=frozenset({OURS}),
            own_names=frozenset(),
        )


def line(number: str, minor: int, kind: AllocationKind = AllocationKind.PAYMENT, debtor: str = "10001") -> Allocation:
    return Allocation(
        kind=kind,
        amount=Money(minor, "EUR"),
        item_id=f"file/{number}",
        document_number=number,
        debtor_number=debtor,
    )


def with_threshold(threshold: float) -> RuleSet:
    tried = Certificate(
        threshold=threshold,
        target=1.0,
        confidence=0.95,
        accepted=0,
        errors=0,
        bound=1.0,
        issued_on=date(2026, 7, 1),
        sample="tried",
    )
    return RuleSet(
        settings=MatchSettings(auto_minimum_probability=threshold), model=replace(SHIPPED, certificate=tried)
    )


def changes(compared: Sequence[Compared]) -> dict[str, str]:
    return {one.entry.entry_id: one.change.value for one in compared if one.change}


@pytest.fixture
def spring() -> Past:
    """Give a month with Skonto taken in time, a little late, late and very late, each confirmed by the accountant."""
    past = Past()
    past.debtor("10001", "Huber GmbH", "DE11")
    for number, (day, minor) in enumerate(
        (("2026-03-12", 10_000), ("2026-03-14", 20_000), ("2026-03-17", 30_000), ("2026-03-25", 40_000)), start=1
    ):
        document = f"RE-2026-0010{number}"
        past.invoice(document, minor, skonto_until="2026-03-12")
        skonto = minor // 50
        entry_id = past.paid(day, minor - skonto, document)
        past.stands(entry_id, line(document, minor - skonto), line(document, skonto, AllocationKind.SKONTO))
    return past


def test_more_days_of_grace_gain_exactly_the_late_payments_that_were_confirmed(spring: Past) -> None:
    compared = backtest(spring.history(), as_it_is=AS_IT_IS, changed=SEVEN_DAYS)
    # 12 and 14 March are booked already; 17 March is five days late; nobody lets 25 March pass.
    assert [one.before.verdict for one in compared[:2]] == [Verdict.RIGHT, Verdict.RIGHT]
    assert changes(compared) == {"e002": "gained"}
    gained = compared[2]
    assert gained.entry.amount == Money(29_400, "EUR")
    assert (gained.evidence_class, gained.before.evidence_class) == ("number_exact", "")
    assert gained.after.reasons[0].startswith("booked: ")


def test_fewer_days_of_grace_lose_what_was_confirmed_and_say_why(spring: Past) -> None:
    strict = replace(AS_IT_IS, settings=MatchSettings(skonto_grace_days=0))
    compared = backtest(spring.history(), as_it_is=AS_IT_IS, changed=strict)
    assert changes(compared) == {"e001": "lost"}
    assert compared[1].evidence_class == "number_exact"
    assert any("Skonto" in reason for reason in compared[1].after.reasons)


def test_a_gain_that_the_accountant_decided_otherwise_is_wrong(spring: Past) -> None:
    spring.standing.pop(2)
    spring.stands("e002", line("RE-2026-00103", 29_400))  # the rest was demanded, no Skonto was given
    compared = backtest(spring.history(), as_it_is=AS_IT_IS, changed=SEVEN_DAYS)
    assert changes(compared) == {"e002": "wrong"}
    assert compared[2].is_new
    back = backtest(spring.history(), as_it_is=SEVEN_DAYS, changed=AS_IT_IS)
    assert changes(back) == {"e002": "avoided"}


def test_what_a_person_took_back_is_wrong_when_it_is_booked_again_in_the_same_way(spring: Past) -> None:
    undone = spring.standing.pop(2).allocations
    history = spring.history()
    assert changes(backtest(history, as_it_is=AS_IT_IS, changed=SEVEN_DAYS)) == {"e002": "unjudged"}
    taken_back = replace(history, undone={"e002": [list(undone)]})
    assert changes(backtest(taken_back, as_it_is=AS_IT_IS, changed=SEVEN_DAYS)) == {"e002": "wrong"}
    otherwise = replace(history, undone={"e002": [[line("RE-2026-00101", 29_400)]]})
    assert changes(backtest(otherwise, as_it_is=AS_IT_IS, changed=SEVEN_DAYS)) == {"e002": "unjudged"}


def test_what_a_person_set_aside_must_not_be_booked(spring: Past) -> None:
    spring.standing.pop(2)
    spring.set_aside.add("e002")
    (wrong,) = (
        one for one in backtest(spring.history(), as_it_is=AS_IT_IS, changed=SEVEN_DAYS) if one.change is not None
    )
    assert (wrong.change, wrong.stands) == (Change.WRONG, ())


@pytest.mark.parametrize("days", [1, 7, 31])
def test_nothing_changed_gains_nothing_and_loses_nothing(spring: Past, days: int) -> None:
    # Equal rules written twice, so that nothing is spared by knowing that they are the same.
    same = RuleSet(settings=MatchSettings(), model=replace(AS_IT_IS.model, name="the same under another name"))
    compared = backtest(spring.history(), as_it_is=AS_IT_IS, changed=same, days_per_night=days)
    assert len(compared) == 4
    assert not changes(compared)
    assert not any(one.is_new for one in compared)


def test_a_lower_threshold_gains_and_shows_its_wrong_ones() -> None:
    past = Past()
    past.debtor("10001", "Huber GmbH")
    past.debtor("10002", "Meier Bau GmbH")
    past.invoice("RE-2026-00101", 11_900)
    past.invoice("RE-2026-00102", 23_800, debtor="10002")
    past.invoice("RE-2026-00103", 11_900, debtor="10002")
    past.invoice("RE-2026-00104", 23_800)
    # A name and an amount that others owe as well: a person decides. Once they were right, once it was an advance.
    right = past.paid("2026-04-01", 11_900, "danke", name="Huber GmbH", iban="DE77")
    wrong = past.paid("2026-04-02", 23_800, "danke", name="Meier Bau GmbH", iban="DE78")
    past.stands(right, line("RE-2026-00101", 11_900))
    past.stands(wrong, Allocation(kind=AllocationKind.ON_ACCOUNT, amount=Money(23_800, "EUR"), debtor_number="10001"))
    compared = backtest(past.history(), as_it_is=AS_IT_IS, changed=with_threshold(0.6))
    assert changes(compared) == {right: "gained", wrong: "wrong"}
    assert {one.evidence_class for one in compared} == {"certified"}
    assert all("60.00% that are tried" in one.after.reasons[0] for one in compared)
    assert not changes(backtest(past.history(), as_it_is=AS_IT_IS, changed=with_threshold(1.0)))


def test_the_books_go_on_by_what_stands_and_not_by_what_the_play_books() -> None:
    past = Past()
    past.debtor("10001", "Huber GmbH", "DE11")
    past.invoice("RE-2026-00101", 11_900)
    past.invoice("RE-2026-00102", 11_900)
    # The accountant knew that the first payment meant the second invoice; so the first was free for the second one.
    slip = past.paid("2026-04-01", 11_900, "RE-2026-00101")
    later = past.paid("2026-04-20", 11_900, "RE-2026-00101")
    past.stands(slip, line("RE-2026-00102", 11_900))
    past.stands(later, line("RE-2026-00101", 11_900))
    verdicts = {
        one.entry.entry_id: one.after.verdict
        for one in backtest(past.history(), as_it_is=AS_IT_IS, changed=SEVEN_DAYS)
    }
    assert verdicts == {slip: Verdict.WRONG, later: Verdict.RIGHT}
    assert changes(backtest(past.history(), as_it_is=AS_IT_IS, changed=SEVEN_DAYS)) == {slip: "wrong"}


def test_an_account_is_known_from_the_night_after_its_first_payment_on() -> None:
    past = Past()
    past.debtor("10001", "Huber GmbH")
    past.invoice("RE-2026-00101", 11_900)
    past.invoice("RE-2026-00102", 20_000)
    past.stands(past.paid("2026-04-01", 11_900, "ohne Nummer", name="", iban="DE77"), line("RE-2026-00101", 11_900))
    past.stands(past.paid("2026-04-02", 20_000, "ohne Nummer", name="", iban="DE77"), line("RE-2026-00102", 20_000))
    for days, expected in ((1, [Verdict.NOT_BOOKED, Verdict.RIGHT]), (7, [Verdict.NOT_BOOKED, Verdict.NOT_BOOKED])):
        compared = backtest(past.history(), as_it_is=AS_IT_IS, changed=AS_IT_IS, days_per_night=days)
        assert [one.after.verdict for one in compared] == expected


def test_what_is_booked_in_a_night_teaches_the_rest_of_that_night() -> None:
    past = Past()
    past.debtor("10001", "Huber GmbH")
    past.invoice("RE-2026-00101", 11_900)
    past.invoice("RE-2026-00102", 20_000)
    past.paid("2026-04-01", 11_900, "RE-2026-00101", iban="DE77")
    past.paid("2026-04-01", 20_000, "ohne Nummer", name="", iban="DE77")
    compared = backtest(past.history(), as_it_is=AS_IT_IS, changed=AS_IT_IS)
    assert [one.after.evidence_class for one in compared] == ["number_exact", "known_payer_exact"]


def test_an_item_is_unknown_before_its_date_and_closed_after_it_vanished() -> None:
    past = Past()
    past.debtor("10001", "Huber GmbH", "DE11")
    past.invoice("RE-2026-00101", 11_900, dated="2026-04-10", vanished_after="2026-04-20")
    for day in ("2026-04-09", "2026-04-10", "2026-04-20", "2026-04-21"):
        past.paid(day, 11_900, "RE-2026-00101")
    compared = backtest(past.history(), as_it_is=AS_IT_IS, changed=AS_IT_IS)
    assert [bool(one.after.allocations) for one in compared] == [False, True, True, False]


def test_a_returned_debit_reopens_its_item_for_the_nights_that_follow() -> None:
    past = Past()
    past.debtor("10001", "Huber GmbH", "DE11")
    past.invoice("RE-2026-00101", 11_900)
    first = past.paid("2026-04-01", 11_900, "RE-2026-00101", kind=EntryKind.DIRECT_DEBIT)
    back = past.paid("2026-04-07", -11_900, "RE-2026-00101", kind=EntryKind.RETURNED_DEBIT)
    again = past.paid("2026-05-04", 11_900, "RE-2026-00101")
    past.stands(first, line("RE-2026-00101", 11_900))
    past.stands(back, line("RE-2026-00101", -11_900))
    past.stands(again, line("RE-2026-00101", 11_900))
    compared = backtest(past.history(), as_it_is=AS_IT_IS, changed=AS_IT_IS)
    assert [one.after.verdict for one in compared] == [Verdict.RIGHT] * 3


def test_the_play_begins_on_the_day_that_was_asked_for_and_knows_what_was_before(spring: Past) -> None:
    compared = backtest(spring.history(), as_it_is=AS_IT_IS, changed=SEVEN_DAYS, since=date(2026, 3, 17))
    assert [one.entry.entry_id for one in compared] == ["e002", "e003"]
    assert changes(compared) == {"e002": "gained"}


def test_who_waits_sees_each_night_pass(spring: Past) -> None:
    seen: list[tuple[int, int]] = []
    backtest(
        spring.history(), as_it_is=AS_IT_IS, changed=AS_IT_IS, progress=lambda done, total: seen.append((done, total))
    )
    assert seen == [(1, 4), (2, 4), (3, 4), (4, 4)]


def test_a_company_without_a_past_has_nothing_to_show() -> None:
    assert backtest(Past().history(), as_it_is=AS_IT_IS, changed=SEVEN_DAYS) == ()


def test_a_booking_cut_into_other_lines_is_the_same_booking(spring: Past) -> None:
    spring.standing.pop(2)
    document = "RE-2026-00103"
    spring.stands("e002", line(document, 600, AllocationKind.SKONTO), line(document, 400), line(document, 29_000))
    assert changes(backtest(spring.history(), as_it_is=AS_IT_IS, changed=SEVEN_DAYS)) == {"e002": "gained"}


@settings(max_examples=25, deadline=None)
@given(st.data())
def test_the_order_of_entries_items_and_bookings_decides_nothing(data: st.DataObject) -> None:
    past = Past()
    past.debtor("10001", "Huber GmbH", "DE11")
    past.debtor("10002", "Meier Bau GmbH")
    days = data.draw(st.lists(st.integers(0, 20), min_size=1, max_size=6))
    for number, day in enumerate(days):
        document, debtor = f"RE-2026-0010{number}", ("10001", "10002")[number % 2]
        past.invoice(document, 10_000, debtor=debtor, skonto_until="2026-03-12")
        paid_on = (date(2026, 3, 8) + timedelta(days=day)).isoformat()
        name, iban = (("Huber GmbH", "DE11"), ("Meier Bau", "DE22"))[number % 2]
        entry_id = past.paid(paid_on, 9_800, data.draw(st.sampled_from([document, ""])), name=name, iban=iban)
        if data.draw(st.booleans()):
            past.stands(
                entry_id, line(document, 9_800, debtor=debtor), line(document, 200, AllocationKind.SKONTO, debtor)
            )
    history = past.history()
    shuffled = replace(
        history,
        entries=data.draw(st.permutations(history.entries)),
        items=data.draw(st.permutations(history.items)),
        standing=data.draw(st.permutations(history.standing)),
        debtors=dict(reversed(list(history.debtors.items()))),
    )
    played = backtest(history, as_it_is=AS_IT_IS, changed=SEVEN_DAYS, days_per_night=3)
    assert backtest(shuffled, as_it_is=AS_IT_IS, changed=SEVEN_DAYS, days_per_night=3) == played
    assert len(played) == len(history.entries)
