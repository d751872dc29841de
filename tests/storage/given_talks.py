"""What debtors said and agreed to, to fill a database with."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from dunning.bounce import Bounce
from dunning.call import Call, Dispute, follow_up
from dunning.cause import Cause
from dunning.instalments import Claim, Offer, PlanState, instalment_plan
from dunning.promise import Promise, PromiseState
from dunning.receipt import Proof, ReceiptFact
from ledger.debtor import DebtorType
from ledger.money import Money
from storage.bounces import save_bounces
from storage.calls import save_call
from storage.decisions import Decided, append
from storage.instalments import end_plan, save_plan
from storage.outbox import Effect, EffectKind, enqueue
from storage.print_batches import note_laid, save_print_batch
from storage.promises import end_promise, load_promises
from storage.receipts import note_receipts
from tests.storage.given import AUTHOR, RUN_DATE

if TYPE_CHECKING:
    from sqlalchemy import Connection


def somebody_talks(connection: Connection, company_id: str) -> None:
    """A call with a promise and a complaint, a plan of instalments, both ended; a mail that came back."""
    promise = Promise(debtor_number="10001", amount=Money(100, "EUR"), pay_by=RUN_DATE, made_on=RUN_DATE)
    dispute = Dispute(reason="Die Ware war nass")
    call = Call(
        debtor_number="10001",
        called_on=RUN_DATE,
        owner="Frau Lechner",
        cause=Cause.UNHAPPY,
        promise=promise,
        disputes=(dispute,),
    )
    save_call(connection, company_id, AUTHOR, call, follow_up(call))
    (stored,) = load_promises(connection, company_id)
    end_promise(connection, company_id, AUTHOR, stored.promise.promise_id, PromiseState.KEPT)
    plan = instalment_plan(
        Offer(
            offered_on=RUN_DATE,
            offered_by="Frau Huber",
            amount=Money(100, "EUR"),
            first_on=RUN_DATE + timedelta(days=7),
        ),
        Claim(costs=Money(0, "EUR"), interest=Money(1, "EUR"), principal=Money(250, "EUR")),
        debtor_number="10001",
        debtor_type=DebtorType.BUSINESS,
        agreed_on=RUN_DATE,
    )
    plan_id = save_plan(connection, company_id, AUTHOR, plan, hold_id="")
    end_plan(connection, company_id, AUTHOR, plan_id, PlanState.PAID)
    (seq,) = append(connection, company_id, AUTHOR, [Decided("confirmation", {"outbox_id": "message-K-1"})])
    mail = Effect(
        outbox_id="message-K-1",
        kind=EffectKind.MAIL,
        name="K-1.eml",
        media_type="message/rfc822",
        content=b"mail K-1",
        message_id="<K-1@x.example>",
    )
    enqueue(connection, company_id, seq, [mail])
    bounce = Bounce(
        recipient="a@b.example",
        is_permanent=True,
        gave_up=True,
        status="5.1.1",
        says="no such user",
        message_id="<K-1@x.example>",
    )
    save_bounces(connection, company_id, AUTHOR, "back.eml", b"came back", [bounce])
    handed_over = ReceiptFact(proof=Proof.HANDED_OVER, on=RUN_DATE, at=AUTHOR.now, evidence="250 queued as 4711")
    note_receipts(connection, company_id, AUTHOR, [("message-K-1", handed_over)])
    save_print_batch(connection, company_id, AUTHOR, "Druckstapel_1", ["message-K-1"])
    note_laid(connection, company_id, AUTHOR, "Druckstapel_1")
