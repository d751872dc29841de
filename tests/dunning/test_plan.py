"""A dunning run: who is written to, about what, at which stage, and who is spared."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dunning.gate import AccountReading, GateFacts
from dunning.hold import AfterHold, Hold, HoldReason
from dunning.notice import Channel, Notice
from dunning.plan import DunningPlan, plan
from dunning.principal import SettledPart
from dunning.settings import DunningSettings
from dunning.stage import LetterPer, SentStage
from dunning.track import Choice, Choosing
from ledger.allocation import AllocationKind
from ledger.calendar import Region, add_bank_days, is_working_day
from ledger.debtor import Debtor, DebtorType
from ledger.money import Money, total
from ledger.open_item import ItemKind, OpenItem

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dunning.interest import BaseRates
    from dunning.stage import Procedure

BAVARIA = Region("DE", "BY")
SETTINGS = DunningSettings(region=BAVARIA)
TODAY = date(2026, 5, 12)  # a Tuesday
BANK = "DE02120300000000202051"
SHOP = Debtor(
    number="10042",
    name="Beispiel OHG",
    postcode="80331",
    city="München",
    email="rechnung@example.com",
    phone="089 1",
    type=DebtorType.BUSINESS,
)


def item(number: str, due: str, minor: int = 11900, **changed: Any) -> OpenItem:
    document = OpenItem(
        item_id=f"file:invoice:{number}",
        document_number=number,
        kind=ItemKind.INVOICE,
        debtor_number=SHOP.number,
        document_date=date.fromisoformat(due) - timedelta(days=14),
        due_date=date.fromisoformat(due),
        amount=Money(minor, "EUR"),
        open_amount=Money(minor, "EUR"),
    )
    return replace(document, **changed)


def sent(stage: str, day: str, deadline: str = "", channel: Channel = Channel.LETTER) -> SentStage:
    last_day = date.fromisoformat(deadline) if deadline else None
    return SentStage(stage=stage, sent_on=date.fromisoformat(day), deadline=last_day, channel=channel)


def clear(day: date = TODAY, currency: str = "EUR") -> GateFacts:
    reading = AccountReading(account=BANK, read_until=add_bank_days(day, -1))
    return GateFacts(day=day, accounts=(reading,), mirror_age_days=0, credit=Money(0, currency))


@pytest.fixture
def run(rates: BaseRates, procedure: Procedure) -> Run:
    return Run(rates, procedure)


class Run:
    """A run with everything known and clear, where a test does not say otherwise."""

    def __init__(self, rates: BaseRates, procedure: Procedure) -> None:
        self.rates = rates
        self.procedure = procedure

    def __call__(
        self,
        *items: OpenItem,
        day: date = TODAY,
        debtors: Sequence[Debtor] = (SHOP,),
        history: Mapping[str, Sequence[SentStage]] | None = None,
        facts: GateFacts | None = None,
        choosing: Choosing | None = None,
        settled: Mapping[str, Sequence[SettledPart]] | None = None,
        **changed: Any,
    ) -> DunningPlan:
        keys = {(one.debtor_number, one.currency) for one in items}
        return plan(
            run_date=day,
            items=items,
            debtors={debtor.number: debtor for debtor in debtors},
            history=history or {},
            procedure=changed.pop("procedure", self.procedure),
            settings=replace(SETTINGS, **changed),
            rates=self.rates,
            facts={key: facts or clear(day, key[1]) for key in keys},
            choosing=choosing,
            settled=settled,
        )


# The ladder of one invoice, due on Monday 4 May 2026, when every night runs and nobody pays.
# Interest runs from 19 May, the day after the reminder's deadline: 119 x 10.27 % x 23/365 = 0.770 on 10 June,
# x 37/365 = 1.239 on 24 June; 43 days at 10.27 % and 9 at 10.52 % = 1.748 on 9 July.
LADDER = """
2026-05-11 reminder       email  until 2026-05-18  119,00
2026-05-19 call           call   until 2026-05-26  119,00
2026-05-27 first_dunning  letter until 2026-06-08  119,00
2026-06-10 second_dunning letter until 2026-06-22  119,77
2026-06-24 final_notice   letter until 2026-07-06  120,24
2026-07-09 agency         agency until -           120,75
"""


def test_an_unpaid_invoice_climbs_the_whole_ladder_one_stage_at_a_time(run: Run) -> None:
    invoice = item("RE-1", "2026-05-04")
    lines = []
    for notice in nights(run, [invoice], date(2026, 5, 1), 120):
        amount = str(notice.total).removesuffix(" EUR")
        lines.append(
            f"{notice.run_date} {notice.stage:<14} {notice.channel:<6} until {notice.deadline or '-'!s:<11} {amount}"
        )
    assert lines == LADDER.strip().splitlines()


def nights(
    run: Run,
    items: Sequence[OpenItem],
    first: date,
    count: int,
    **changed: Any,
) -> list[Notice]:
    """Run night after night, sending at once whatever is not held."""
    history: defaultdict[str, list[SentStage]] = defaultdict(list)
    last: dict[tuple[str, str], date] = {}
    notices = []
    for day in (first + timedelta(days=n) for n in range(count)):
        facts = {
            (one.debtor_number, one.currency): replace(
                clear(day, one.currency), last_notice_on=last.get((one.debtor_number, one.currency))
            )
            for one in items
        }
        made = plan(
            run_date=day,
            items=items,
            debtors={number: replace(SHOP, number=number) for number in {one.debtor_number for one in items}},
            history=history,
            procedure=run.procedure,
            settings=replace(SETTINGS, **changed),
            rates=run.rates,
            facts=facts,
        )
        for notice in made.notices:
            if notice.held_because:
                continue
            notices.append(notice)
            last[notice.debtor.number, notice.total.currency] = day
            for one in notice.items:
                history[one.item_id].append(
                    SentStage(stage=one.stage, sent_on=day, deadline=notice.deadline, channel=notice.channel)
                )
    return notices


def test_the_interest_on_the_second_letter_is_explained_to_the_day(run: Run) -> None:
    invoice = item("RE-1", "2026-05-04", 100000)
    history = {
        invoice.item_id: [
            sent("reminder", "2026-05-11", "2026-05-18", Channel.EMAIL),
            sent("call", "2026-05-19", "2026-05-26", Channel.CALL),
            sent("first_dunning", "2026-05-27", "2026-06-08"),
        ]
    }
    (notice,) = run(invoice, day=date(2026, 6, 10), history=history).notices
    (listed,) = notice.items
    # In default since the day after the reminder's deadline: 19 May to 10 June are 23 days at 1.27 + 9 points.
    (segment,) = listed.interest_segments
    assert (segment.first_day, segment.last_day, segment.days) == (date(2026, 5, 19), date(2026, 6, 10), 23)
    assert listed.interest == Money(647, "EUR")  # 1000 x 10.27 % x 23/365 = 6.471
    assert notice.total == Money(100647, "EUR")
    assert notice.daily_interest == Money(28, "EUR")
    assert not notice.interest_provisional
    assert [(e.title, str(e.sent_on)) for e in notice.earlier] == [
        ("Zahlungserinnerung", "2026-05-11"),
        ("1. Mahnung", "2026-05-27"),
    ]
    assert notice.title == "2. Mahnung"
    assert notice.payments_considered_until == date(2026, 6, 9)


@pytest.mark.parametrize(
    ("debtor_type", "changed", "minor"),
    [
        (DebtorType.BUSINESS, {}, 647),  # 1000 x 10.27 % x 23/365
        (DebtorType.CONSUMER, {}, 395),  # 1000 x 6.27 % x 23/365
        (DebtorType.UNKNOWN, {}, 395),
        (DebtorType.CONSUMER, {"terms_are_contractual": True}, 636),  # from 5 May: 37 days
        (DebtorType.CONSUMER, {"deadline_postpones_default": False}, 498),  # from 13 May: 29 days
    ],
)
def test_who_pays_how_much_interest(run: Run, debtor_type: DebtorType, changed: dict[str, Any], minor: int) -> None:
    invoice = item("RE-1", "2026-05-04", 100000)
    history = {
        invoice.item_id: [
            sent("reminder", "2026-05-11", "2026-05-18", Channel.EMAIL),
            sent("first_dunning", "2026-05-27", "2026-06-08"),
        ]
    }
    debtors = [replace(SHOP, type=debtor_type)]
    (notice,) = run(invoice, day=date(2026, 6, 10), history=history, debtors=debtors, **changed).notices
    assert notice.items[0].interest == Money(minor, "EUR")


def test_every_item_keeps_its_own_stage_and_the_highest_sets_the_tone(run: Run) -> None:
    old, fresh, young = item("RE-1", "2026-03-02"), item("RE-2", "2026-05-04"), item("RE-3", "2026-05-11")
    history = {
        old.item_id: [
            sent("reminder", "2026-03-10", "2026-03-17", Channel.EMAIL),
            sent("call", "2026-03-20", "2026-03-27", Channel.CALL),
            sent("first_dunning", "2026-04-20", "2026-04-30"),
        ]
    }
    (notice,) = run(young, fresh, old, history=history).notices
    assert notice.stage == "second_dunning"
    assert [(i.document_number, i.stage, i.days_overdue, bool(i.interest)) for i in notice.items] == [
        ("RE-1", "second_dunning", 71, True),
        ("RE-2", "reminder", 8, False),
    ]
    assert notice.total == total([i.open + i.interest for i in notice.items], "EUR")


def test_days_overdue_count_from_the_due_date_as_printed_though_the_stage_waits_for_the_working_day(run: Run) -> None:
    holiday = item("RE-1", "2026-05-01")  # Labour Day, a Friday: payable until Monday 4 May
    assert run(holiday, day=date(2026, 5, 10)).notices == ()
    (notice,) = run(holiday, day=date(2026, 5, 11)).notices
    assert notice.items[0].days_overdue == 10


@pytest.mark.parametrize(
    ("day", "deadline"),
    [
        (date(2026, 5, 12), date(2026, 5, 19)),
        (date(2026, 5, 15), date(2026, 5, 22)),
        (date(2026, 5, 18), date(2026, 5, 26)),  # 25 May is Whit Monday
        (date(2026, 12, 18), date(2026, 12, 28)),  # 25 December is a holiday, then the weekend
    ],
)
def test_a_deadline_is_always_a_working_day(run: Run, day: date, deadline: date) -> None:
    (notice,) = run(item("RE-1", "2026-05-04"), day=day).notices
    assert notice.deadline == deadline


def test_credit_notes_and_paid_items_are_never_listed(run: Run) -> None:
    credit = item("GU-1", "2026-03-02", kind=ItemKind.CREDIT_NOTE)
    paid = item("RE-2", "2026-03-02", open_amount=Money(0, "EUR"))
    assert run(credit, paid).notices == ()


def test_credit_that_covers_everything_keeps_silent_and_less_credit_does_not(run: Run) -> None:
    invoice = item("RE-1", "2026-05-04")
    (covered,) = run(invoice, facts=replace(clear(), credit=Money(11900, "EUR"))).notices
    (less,) = run(invoice, facts=replace(clear(), credit=Money(5000, "EUR"))).notices
    assert [because.code for because in covered.held_because] == ["credit_covers_debt"]
    assert less.held_because == ()
    assert less.total == Money(11900, "EUR")


def test_a_disputed_item_is_left_out_and_the_rest_is_dunned(run: Run) -> None:
    disputed, clean = item("RE-1", "2026-05-04"), item("RE-2", "2026-05-04")
    made = run(disputed, clean, facts=replace(clear(), holds=(dispute(disputed),)))
    assert [(n.held_because, [i.document_number for i in n.items]) for n in made.notices] == [((), ["RE-2"])]
    assert [(out.document_number, [b.code for b in out.because]) for out in made.left_out] == [("RE-1", ["disputed"])]


def test_where_every_item_is_disputed_the_notice_is_held_and_says_so(run: Run) -> None:
    disputed = item("RE-1", "2026-05-04")
    made = run(disputed, facts=replace(clear(), holds=(dispute(disputed),)))
    (notice,) = made.notices
    assert [because.code for because in notice.held_because] == ["disputed"]
    assert [i.document_number for i in notice.items] == ["RE-1"]
    assert notice.stage == "reminder"
    assert made.left_out == ()


def test_a_left_out_item_does_not_set_the_tone(run: Run) -> None:
    disputed, fresh = item("RE-1", "2026-03-02"), item("RE-2", "2026-05-04")
    history = {disputed.item_id: [sent("first_dunning", "2026-04-01", "2026-04-13")]}
    (notice,) = run(disputed, fresh, history=history, facts=replace(clear(), holds=(dispute(disputed),))).notices
    assert notice.stage == "reminder"


def dispute(one: OpenItem) -> Hold:
    return Hold(
        hold_id="H1",
        debtor_number=one.debtor_number,
        item_id=one.item_id,
        reason=HoldReason.DISPUTE,
        owner="Frau Sommer",
        placed_on=date(2026, 5, 5),
    )


# e-mail, complete address, telephone -> channel of the reminder, the call and the final notice
REACH = [
    ("yes yes yes", "email call letter"),
    ("no yes yes", "letter call letter"),
    ("yes no yes", "email call held"),
    ("yes yes no", "email email letter"),
    ("no yes no", "letter letter letter"),
    ("no no yes", "held call held"),
    ("no no no", "held held held"),
]


@pytest.mark.parametrize(("known", "channels"), REACH)
def test_the_first_channel_that_reaches_the_debtor_is_used(run: Run, known: str, channels: str) -> None:
    email, address, phone = (word == "yes" for word in known.split())
    debtor = replace(
        SHOP,
        email=SHOP.email if email else "",
        postcode=SHOP.postcode if address else "",
        phone=SHOP.phone if phone else "",
    )
    history = [
        [],
        [sent("reminder", "2026-04-20", "2026-04-27")],
        [sent("second_dunning", "2026-04-20", "2026-04-30")],
    ]
    used = []
    for stages in history:
        invoice = item("RE-1", "2026-02-02")
        (notice,) = run(invoice, debtors=[debtor], history={invoice.item_id: stages}).notices
        held = [because.code for because in notice.held_because]
        assert held in ([], ["no_address"])
        used.append("held" if held else str(notice.channel))
    assert " ".join(used) == channels


def test_a_debtor_without_master_data_is_held_and_not_lost(run: Run) -> None:
    (notice,) = run(item("RE-1", "2026-05-04"), debtors=[]).notices
    assert notice.debtor == Debtor(number="10042", name="")
    assert [because.code for because in notice.held_because] == ["debtor_unknown"]


def test_bank_data_that_was_never_read_holds_the_notice(run: Run) -> None:
    (notice,) = run(item("RE-1", "2026-05-04"), facts=replace(clear(), accounts=())).notices
    assert [because.code for because in notice.held_because] == ["bank_data_stale"]
    assert notice.payments_considered_until == date.min


def test_the_hand_over_waits_for_a_person_and_nothing_follows_it(run: Run) -> None:
    invoice = item("RE-1", "2026-02-02")
    history = {invoice.item_id: [sent("final_notice", "2026-04-20", "2026-04-30")]}
    (notice,) = run(invoice, history=history).notices
    assert (notice.stage, notice.channel, notice.needs_release, notice.deadline) == (
        "agency",
        Channel.AGENCY,
        True,
        None,
    )
    history[invoice.item_id].append(sent("agency", "2026-05-05", channel=Channel.AGENCY))
    assert run(invoice, history=history).notices == ()


def test_currencies_are_dunned_apart_and_debtors_come_in_the_order_of_their_numbers(run: Run) -> None:
    items = [
        item("RE-3", "2026-05-04", debtor_number="20000"),
        item("RE-1", "2026-05-04"),
        item("RE-2", "2026-05-04", open_amount=Money(5000, "CHF"), amount=Money(5000, "CHF")),
    ]
    made = run(*items, debtors=[SHOP, replace(SHOP, number="20000")])
    assert [(n.debtor.number, str(n.total)) for n in made.notices] == [
        ("10042", "50,00 CHF"),
        ("10042", "119,00 EUR"),
        ("20000", "119,00 EUR"),
    ]


def test_one_letter_costs_one_fee_and_only_who_is_in_default_pays_it(run: Run) -> None:
    stages = tuple(replace(stage, fee_minor=120) for stage in run.procedure.stages)
    costly = replace(run.procedure, stages=stages)
    first, second = item("RE-1", "2026-05-04"), item("RE-2", "2026-05-04")
    (free,) = run(first, second, procedure=costly).notices
    assert [i.fee for i in free.items] == [None, None]
    (mailed,) = run(first, second, procedure=costly, terms_are_contractual=True).notices
    assert [i.fee for i in mailed.items] == [None, None]  # a mail costs no paper
    by_post = [replace(SHOP, email="")]
    (charged,) = run(first, second, procedure=costly, debtors=by_post, terms_are_contractual=True).notices
    assert [i.fee for i in charged.items] == [Money(120, "EUR"), None]
    assert charged.total == Money(2 * 11900 + 120, "EUR")


def test_interest_beyond_the_published_rates_is_marked(run: Run) -> None:
    invoice = item("RE-1", "2026-05-04")
    history = {invoice.item_id: [sent("first_dunning", "2026-06-01", "2026-06-11")]}
    (notice,) = run(invoice, day=date(2027, 1, 12), history=history).notices
    assert notice.interest_provisional


def test_a_claim_older_than_every_base_rate_is_held_as_time_barred(run: Run) -> None:
    ancient = item("RE-1", "2001-03-01")
    history = {ancient.item_id: [sent("first_dunning", "2001-06-01", "2001-06-11")]}
    (notice,) = run(ancient, history=history).notices
    assert [because.code for because in notice.held_because] == ["time_barred"]
    assert notice.items[0].interest_segments[0].first_day == date(2002, 1, 1)


def test_a_letter_in_english_has_english_titles(run: Run) -> None:
    invoice = item("RE-1", "2026-02-02")
    history = {invoice.item_id: [sent("reminder", "2026-03-02"), sent("first_dunning", "2026-04-20", "2026-04-30")]}
    (notice,) = run(invoice, history=history, debtors=[replace(SHOP, language="en")]).notices
    assert (notice.title, [earlier.title for earlier in notice.earlier]) == (
        "Second reminder",
        ["Payment reminder", "First reminder"],
    )


FAMILIAR = Choice(track="gentle", because="test", customers=frozenset({SHOP.number}))


def test_letters_may_be_separate_but_a_hand_over_is_one_for_each_debtor(run: Run) -> None:
    items = [item(f"RE-{n}", "2026-02-02") for n in range(1, 6)]
    history = {
        items[0].item_id: [sent("reminder", "2026-04-20", "2026-04-27")],
        items[1].item_id: [sent("reminder", "2026-04-20", "2026-04-27")],
        items[3].item_id: [sent("final_notice", "2026-04-20", "2026-04-30")],
        items[4].item_id: [sent("final_notice", "2026-04-20", "2026-04-30")],
    }
    said = {
        per: sorted(
            f"{notice.stage}: {' '.join(one.document_number for one in notice.items)}"
            for notice in run(*items, history=history, procedure=replace(run.procedure, one_letter_per=per)).notices
        )
        for per in LetterPer
    }
    assert said == {
        LetterPer.DEBTOR: ["agency: RE-1 RE-2 RE-3 RE-4 RE-5"],
        LetterPer.STAGE: ["agency: RE-4 RE-5", "call: RE-1 RE-2", "reminder: RE-3"],
        LetterPer.ITEM: ["agency: RE-4 RE-5", "call: RE-1", "call: RE-2", "reminder: RE-3"],
    }


def test_a_hand_over_asks_for_the_interest_of_all_that_is_in_default_and_for_unpaid_fees(run: Run) -> None:
    charged = replace(sent("final_notice", "2026-04-20", "2026-04-30"), fee_minor=250)
    ripe, lower, fresh = (item(f"RE-{n}", "2026-02-02", 100_000) for n in range(1, 4))
    history = {
        ripe.item_id: [sent("reminder", "2026-03-02", "2026-03-09"), charged],
        lower.item_id: [sent("reminder", "2026-04-20", "2026-04-27"), replace(charged, stage="reminder")],
    }
    settled = {
        lower.item_id: [
            SettledPart(day=date(2026, 5, 4), kind=AllocationKind.FEE, amount=Money(100, "EUR")),
        ]
    }
    debtor = replace(SHOP, type=DebtorType.CONSUMER)  # no 30 days: only a reminder puts it in default
    (notice,) = run(ripe, lower, fresh, history=history, settled=settled, debtors=[debtor]).notices
    assert (notice.stage, [one.stage for one in notice.items]) == ("agency", ["agency", "call", "reminder"])
    first_days = [one.interest_segments[0].first_day.isoformat() for one in notice.items if one.interest_segments]
    assert first_days == ["2026-03-10", "2026-04-28"]  # the third was never reminded of
    assert [one.fee for one in notice.items] == [Money(250, "EUR"), Money(150, "EUR"), None]
    assert notice.total == total((claim for one in notice.items for claim in one.claims), "EUR")
    assert notice.daily_interest is not None


def test_who_is_on_a_gentle_track_hears_later_and_less(run: Run) -> None:
    invoice = item("RE-1", "2026-05-04")
    choosing = Choosing(own=(FAMILIAR,))
    assert run(invoice, choosing=choosing).notices == ()
    (notice,) = run(invoice, day=date(2026, 5, 15), choosing=choosing).notices
    assert (notice.stage, notice.deadline) == ("reminder", date(2026, 5, 26))


def test_what_a_person_releases_for_one_item_a_person_releases_for_the_letter(run: Run) -> None:
    shy, plain = item("RE-1", "2026-02-02"), item("RE-2", "2026-02-02")
    history = {one.item_id: [sent("first_dunning", "2026-04-01", "2026-04-13")] for one in (shy, plain)}
    choosing = Choosing(own=(replace(FAMILIAR, track="protected", documents=frozenset({"RE-1"})),))
    (notice,) = run(shy, plain, history=history, choosing=choosing).notices
    assert (notice.stage, notice.needs_release) == ("final_notice", True)
    assert [one.stage for one in notice.items] == ["final_notice", "second_dunning"]


def test_the_gap_is_the_longest_of_the_tracks_on_the_letter(run: Run) -> None:
    invoice = item("RE-1", "2026-02-02")
    facts = replace(clear(), last_notice_on=date(2026, 5, 4))  # eight days ago
    assert run(invoice, facts=facts).notices[0].held_because == ()
    (gentle,) = run(invoice, facts=facts, choosing=Choosing(own=(FAMILIAR,))).notices
    assert [because.code for because in gentle.held_because] == ["too_recent"]


def test_a_broken_promise_is_followed_at_once_by_a_notice_that_names_it(run: Run) -> None:
    invoice = item("RE-1", "2026-05-04")
    history = {invoice.item_id: [sent("reminder", "2026-05-11", "2026-05-18", Channel.EMAIL)]}
    promise = replace(
        dispute(invoice),
        reason=HoldReason.PROMISE,
        note="alles bis 20. Mai",
        placed_on=date(2026, 5, 12),
        expires_on=date(2026, 5, 20),
    )

    def on(day: date) -> list[Notice]:
        facts = replace(clear(day), holds=(promise,), last_notice_on=date(2026, 5, 11))
        return list(run(invoice, day=day, history=history, facts=facts).notices)

    assert [because.code for because in on(date(2026, 5, 20))[0].held_because] == ["promised"]
    (notice,) = on(date(2026, 5, 21))
    assert (notice.stage, notice.held_because) == ("call", ())
    assert [(one.hold_id, one.note, one.names_a_broken_word) for one in notice.resumptions] == [
        ("H1", "alles bis 20. Mai", True)
    ]


def test_what_was_invoiced_after_a_broken_promise_has_its_own_time(run: Run) -> None:
    older, newer = item("RE-1", "2026-05-04"), item("RE-2", "2026-05-27")
    history = {older.item_id: [sent("reminder", "2026-05-11", "2026-05-18", Channel.EMAIL)]}
    promise = replace(
        dispute(older),
        item_id="",
        reason=HoldReason.PROMISE,
        placed_on=date(2026, 5, 12),
        expires_on=date(2026, 5, 28),
    )
    day = date(2026, 5, 29)
    facts = replace(clear(day), holds=(promise,))
    assert newer.document_date > promise.placed_on
    (notice,) = run(older, newer, day=day, history=history, facts=facts).notices
    assert [(one.document_number, one.stage) for one in notice.items] == [("RE-1", "call")]


def test_after_a_dispute_one_may_go_back_a_stage(run: Run) -> None:
    invoice = item("RE-1", "2026-03-02")
    history = {invoice.item_id: [sent("first_dunning", "2026-04-01", "2026-04-13")]}
    over = replace(dispute(invoice), placed_on=date(2026, 4, 15), expires_on=date(2026, 5, 8))
    for after, stage in ((None, "second_dunning"), (AfterHold.SOFTER, "first_dunning")):
        facts = replace(clear(), holds=(replace(over, after=after),))
        (notice,) = run(invoice, history=history, facts=facts).notices
        assert notice.stage == stage


portfolios = st.lists(
    st.builds(
        lambda number, debtor, due, minor: item(
            f"RE-{number}", str(date(2026, 1, 1) + timedelta(days=due)), minor, debtor_number=str(10000 + debtor)
        ),
        number=st.integers(min_value=1, max_value=99),
        debtor=st.integers(min_value=1, max_value=3),
        due=st.integers(min_value=0, max_value=90),
        minor=st.integers(min_value=1, max_value=100_000),
    ),
    max_size=8,
    unique_by=lambda one: one.item_id,
)


@settings(max_examples=15, deadline=None)
@given(items=portfolios)
def test_over_half_a_year_nobody_is_written_to_twice_in_a_week_and_no_stage_is_skipped(
    rates: BaseRates, procedure: Procedure, items: list[OpenItem]
) -> None:
    sent_notices = nights(Run(rates, procedure), items, date(2026, 1, 1), 180)
    days = defaultdict(list)
    stages = defaultdict(list)
    for notice in sent_notices:
        days[notice.debtor.number].append(notice.run_date)
        for one in notice.items:
            stages[one.item_id].append(one.stage)
    assert all((later - earlier).days >= 7 for dates in days.values() for earlier, later in pairwise(dates))
    names = [stage.name for stage in procedure.stages]
    assert all(climbed == names[: len(climbed)] for climbed in stages.values())


@settings(max_examples=60, deadline=None)
@given(items=portfolios, data=st.data(), day=st.integers(min_value=0, max_value=200))
def test_the_order_of_the_input_decides_nothing_and_planning_twice_gives_the_same(
    rates: BaseRates, procedure: Procedure, items: list[OpenItem], data: st.DataObject, day: int
) -> None:
    run = Run(rates, procedure)
    today = date(2026, 1, 1) + timedelta(days=day)
    names = [stage.name for stage in procedure.stages]
    history = {
        one.item_id: [
            SentStage(stage=name, sent_on=one.due_date + timedelta(days=10 * n), deadline=None, channel=Channel.EMAIL)
            for n, name in enumerate(names[: data.draw(st.integers(min_value=0, max_value=6))])
        ]
        for one in items
    }
    debtors = [replace(SHOP, number=str(10000 + n)) for n in (1, 2, 3)]
    made = run(*items, day=today, history=history, debtors=debtors)
    shuffled = data.draw(st.permutations(items))
    backwards = {item_id: stages[::-1] for item_id, stages in reversed(history.items())}
    assert run(*shuffled, day=today, history=backwards, debtors=debtors[::-1]) == made
    assert run(*items, day=today, history=history, debtors=debtors) == made
    for notice in made.notices:
        assert notice.total == total(
            (amount for i in notice.items for amount in (i.open, i.interest, i.fee or Money(0, "EUR"))), "EUR"
        )
        assert all(i.days_overdue > 0 for i in notice.items)
        assert notice.deadline is None or is_working_day(notice.deadline, BAVARIA)
