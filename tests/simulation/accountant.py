"""The accountant of the simulated world: what she decides, answers, releases and notes on a working day."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Final

from dunning.call import Call, Dispute
from dunning.cause import Cause
from dunning.hold import HoldReason
from dunning.instalments import Offer
from dunning.promise import Promise
from ledger.money import Money
from night.outbox_desk import OutboxAnswer, answer_outbox, show_outbox
from night.talk import agree_plan, record_call
from review import cases, desk
from storage.cases import CaseDecision, Succession
from storage.database import transaction
from storage.holds import Insolvency, load_holds
from storage.messages import load_unanswered
from storage.outbox import EffectStatus
from tests.office import author
from tests.simulation.days import ONE_DAY, bank_day_after, is_working_day
from tests.simulation.house import Silence
from tests.simulation.papers import COMPANY
from tests.simulation.world import HEIRS, Habit, Wish

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from review.desk import Waiting
    from storage.database import Connection
    from storage.decisions import Author
    from tests.simulation.house import House
    from tests.simulation.world import Customer, Payment, Said, World

NAME: Final = "Frau Lechner"
# When the base rate of 2027 becomes known; its figure is invented.
PUBLISHED: Final = date(2026, 12, 22)
# So many broken promises buy silence for another one.
MOST_BROKEN: Final = 2


@dataclass(slots=True)
class Accountant:
    """Works by day, and knows who really paid; ``house.known`` keeps what she was told."""

    house: House
    _done: set[int] = field(default_factory=set)  # of what was said, in its order
    _broken_promises: Counter[str] = field(default_factory=Counter)

    def work(self, day: date, *, calm: bool) -> None:
        """Do what waits: decide payments, release letters, answer, note what was said."""
        if day == PUBLISHED:
            (self.house.folder / "base_rates_de.csv").write_text("2027-01-01,1.77\n", encoding="utf-8")
        if not is_working_day(day):
            return
        self._decide_payments(day, share=1 if calm else 0.5)
        self._answer_for_the_outbox(day)
        for number, said in enumerate(self.house.world.said):
            if number not in self._done and said.day <= day:
                self._done.add(number)
                self._note(day, said)

    def _decide_payments(self, day: date, share: float) -> None:
        truth = {payment.reference: payment for payment in self.house.world.payments}
        waiting = self.house.look(lambda connection: desk.queue(connection, COMPANY))
        for one in waiting:
            if self.house.luck.random() > share:
                continue
            payment = truth[one.entry.bank_reference]
            self.house.happened["decided"] += 1
            self._decide(day, _decided, one, payment, self.house.world)

    def _answer_for_the_outbox(self, day: date) -> None:
        received = {str(message["Message-ID"]) for _, message in self.house.server.received}
        for effect in self.house.look(lambda connection: show_outbox(connection, COMPANY)):
            if effect.status is EffectStatus.UNCERTAIN:
                number = effect.outbox_id.removeprefix("notice-").removeprefix("message-")
                arrived = any(identity.startswith(f"<{number}.") for identity in received)
                if effect.outbox_id.startswith("report"):
                    answer = OutboxAnswer.CANCEL
                else:
                    answer = OutboxAnswer.SENT if arrived else OutboxAnswer.AGAIN
                    self.house.happened[f"uncertain, {answer.value}"] += 1
            elif effect.needs_release and self.house.luck.random() < 0.5:
                answer = OutboxAnswer.RELEASE
                self.house.happened["released"] += 1
            else:
                continue
            self._decide(day, answer_outbox, effect.outbox_id, answer)

    def _note(self, day: date, said: Said) -> None:
        number, document = said.customer.number, said.document
        still_open = [
            one.number
            for one in self.house.world.invoices.values()
            if one.customer.number == number and one.issued < day and self.house.world.truly_open(one.number, day) > 0
        ]
        self.house.happened[said.wish.value] += 1
        match said.wish:
            case Wish.PROMISE if still_open:
                self._promise(day, said.customer, still_open)
            case Wish.PLAN if still_open:
                self._plan(day, said.customer, still_open)
            case Wish.DISPUTE if document in still_open:
                dispute = Dispute(document_number=document, reason="falsch geliefert")
                self._call(day, number, Cause.UNHAPPY, disputes=(dispute,))
                self._silent(day, number, "disputed", documents=[document])
            case Wish.DISPUTE_SETTLED:
                self._lift(day, number, document)
            case Wish.MESSAGE:
                self._decide(day, cases.message, debtor_number=number, received_on=day, said="?")
                self._silent(day, number, "message_unanswered")
            case Wish.ANSWER:
                self._decide(day, _answer_all, number)
                self._speak_again(day, number, "message_unanswered")
            case Wish.INSOLVENCY:
                court = Insolvency(court="AG München", file_number="1500 IN 1/26")
                self._hold(day, number, HoldReason.INSOLVENCY, insolvency=court, since=day)
                self._silent(day, number, "insolvency")
            case Wish.DEATH:
                self._hold(day, number, HoldReason.DECEASED)
                self._silent(day, number, "deceased")
            case Wish.HEIRS | Wish.MERGER:
                self._succeed(day, number, said.wish)
            case Wish.RETURN_CLARIFIED if document in still_open:
                self._decide(
                    day,
                    cases.note,
                    debtor_number=number,
                    document_number=document,
                    decided=CaseDecision.RETURN_CLARIFIED,
                    why="asked",
                )
                self.house.known.clarified[document] = day

    def _promise(self, day: date, customer: Customer, documents: list[str]) -> None:
        known = self.house.open_after_bookings()
        amount = sum(known[one] for one in documents)
        if any(
            one.why == "promised" and one.debtor == customer.number and (one.until or day) >= day
            for one in self.house.known.silences
        ):
            return
        pay_by = day + timedelta(days=self.house.luck.randint(5, 12))
        promise = Promise(
            debtor_number=customer.number,
            amount=Money(amount, "EUR"),
            pay_by=pay_by,
            made_on=day,
            owner=NAME,
        )
        self._call(day, customer.number, Cause.FORGOTTEN, promise=promise)
        keeps = customer.habit is Habit.KEEPS_WORD
        until = bank_day_after(pay_by, 3)
        # Whoever broke three promises buys no silence with the fourth.
        if self._broken_promises[customer.number] <= MOST_BROKEN:
            self._silent(day, customer.number, "promised", documents=documents, until=until, broken=not keeps)
        if keeps:
            for one in documents:
                self.house.world.pay(self.house.world.invoices[one], bank_day_after(pay_by, -1), known[one])
        else:
            self._broken_promises[customer.number] += 1

    def _plan(self, day: date, customer: Customer, documents: list[str]) -> None:
        if any(one.why == "instalments" and one.debtor == customer.number for one in self.house.known.silences):
            return
        amount = Money(-(-sum(self.house.open_after_bookings()[one] for one in documents) // 3), "EUR")
        offer = Offer(offered_on=day, offered_by="Mail", amount=amount, first_on=day + timedelta(days=14))
        nothing = Money(0, "EUR")
        work = self.house.workplace(day, NAME)
        with transaction(work.engine, COMPANY) as connection:
            _, plan = agree_plan(
                connection,
                work,
                customer.number,
                offer,
                interest=nothing,
                costs=nothing,
                default_clause=True,
                confirm=True,
            )
        due = [(one.due_on, one.amount.minor) for one in plan.instalments]
        if customer.habit is Habit.KEEPS_PLAN:
            self.house.world.pay_instalments(documents, due)
            self._silent(day, customer.number, "instalments", documents=documents)
        else:
            self.house.world.pay_instalments(documents, due[:1])
            until = due[-1][0] + timedelta(days=10)
            self._silent(day, customer.number, "instalments", documents=documents, until=until, broken=True)

    def _call(self, day: date, number: str, cause: Cause, **more: Any) -> None:
        work = self.house.workplace(day, NAME)
        with transaction(work.engine, COMPANY) as connection:
            call = Call(debtor_number=number, called_on=day, owner=NAME, cause=cause, **more)
            record_call(connection, work, call, confirm=True)

    def _hold(self, day: date, number: str, reason: HoldReason, **more: Any) -> None:
        self._decide(
            day,
            desk.hold,
            debtor_number=number,
            document_number="",
            reason=reason,
            note="",
            expires_on=None,
            **more,
        )

    def _lift(self, day: date, number: str, document: str) -> None:
        for row in self.house.look(lambda connection: load_holds(connection, COMPANY)):
            if row["debtor_number"] == number and document in row["item_id"]:
                self._decide(day, desk.lift, row["hold_id"])
        self._speak_again(day, number, "disputed", document)

    def _succeed(self, day: date, number: str, wish: Wish) -> None:
        heirs = wish is Wish.HEIRS
        successor = HEIRS if heirs else self.house.world.of_habit(Habit.PUNCTUAL)[0].number
        self._decide(
            day,
            cases.succeed,
            debtor_number=number,
            successor_number=successor,
            reason=Succession.HEIRS if heirs else Succession.MERGED,
            why="register",
        )
        self._speak_again(day, number, "deceased")
        self.house.known.answers_for[number] = successor, day

    def _silent(
        self,
        day: date,
        debtor: str,
        why: str,
        *,
        documents: Iterable[str] = (),
        until: date | None = None,
        broken: bool = False,
    ) -> None:
        self.house.known.silences.append(
            Silence(
                debtor=debtor,
                documents=frozenset(documents),
                why=why,
                since=day + ONE_DAY,
                until=until,
                broken=broken,
            )
        )

    def _speak_again(self, day: date, debtor: str, why: str, document: str = "") -> None:
        """End a silence: the night of that day is over already."""
        self.house.known.silences = [
            Silence(debtor=debtor, documents=one.documents, why=why, since=one.since, until=day)
            if (one.debtor, one.why, one.until) == (debtor, why, None) and (not document or document in one.documents)
            else one
            for one in self.house.known.silences
        ]

    def _decide(self, day: date, decision: Callable[..., object], *more: Any, **named: Any) -> None:
        with transaction(self.house.engine, COMPANY) as connection:
            decision(connection, COMPANY, author(day.isoformat(), NAME), *more, **named)


def _decided(
    connection: Connection, company_id: str, who: Author, waiting: Waiting, payment: Payment, world: World
) -> object:
    """Decide as the truth is: accept what is right, else say it by hand."""
    entry_id = waiting.entry.entry_id
    right = sorted(payment.parts)
    for number, proposal in enumerate(waiting.outcome.proposals, start=1):
        settled = sorted((a.document_number, a.amount.minor) for a in proposal.allocations if a.item_id)
        if right and settled == right:
            return desk.accept(connection, company_id, who, entry_id, number)
    if right:
        return desk.assign(connection, company_id, who, entry_id, right)
    owner = next(one for one in world.customers.values() if one.iban == payment.iban)
    return desk.put_on_account(connection, company_id, who, entry_id, owner.number)


def _answer_all(connection: Connection, company_id: str, who: Author, number: str) -> None:
    for message in load_unanswered(connection, company_id):
        if message.debtor_number == number:
            cases.answered(connection, company_id, who, message.message_id, "answered")
