"""Credit bureau readiness of a company's claims (Auskunftei): what storage knows, condition by condition."""

from __future__ import annotations

from typing import TYPE_CHECKING

from config.letter_texts import letter_texts
from dunning.credit_bureau import BureauFacts, WrittenReminder, checklist
from dunning.default import reminder_of
from dunning.hold import HoldReason
from dunning.limitation import limitation_end
from dunning.notice import Channel
from dunning.tone import names_bureau
from export.bureau import BureauLine
from export.letters.texts import LANGUAGES, written_language
from ledger.debtor import Debtor
from night.gate_facts import load_dunning_facts
from storage.facts import load_debtors

Text = tuple[str, str]  # the name of a letter text and its language

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from datetime import date

    from dunning.gate import GateFacts
    from ledger.open_item import OpenItem
    from night.gate_facts import DunningFacts
    from night.workplace import Workplace
    from storage.database import Connection


def bureau_lines(
    connection: Connection, work: Workplace, *, debtor_number: str = "", notice_since: date | None = None
) -> list[BureauLine]:
    """Check every open invoice that is overdue, of one debtor or of all, as of the day of ``work``.

    ``notice_since`` is the first day on which our own letter texts named a credit bureau as they do now; without it
    nobody can know what an earlier letter said.
    """
    facts = load_dunning_facts(connection, work)
    debtors = load_debtors(connection, work.company_id)
    naming = _naming(work)
    items = sorted(
        (
            stored.item
            for stored in facts.items
            if stored.item.is_invoice
            and stored.item.open_amount.minor > 0
            and stored.item.due_date < work.run_date
            and debtor_number in {"", stored.item.debtor_number}
        ),
        key=lambda item: (item.debtor_number, item.due_date, item.document_number),
    )
    lines = []
    for item in items:
        debtor = debtors.get(item.debtor_number) or Debtor(number=item.debtor_number, name="")
        reminders = tuple(_reminders(work, facts, item, debtor, naming, notice_since))
        lines.append(
            BureauLine(
                debtor_number=item.debtor_number,
                debtor_name=debtor.name,
                document_number=item.document_number,
                still_open=item.open_amount,
                day=work.run_date,
                conditions=checklist(_facts(work, facts, item, reminders), work.run_date),
            )
        )
    return lines


def _facts(
    work: Workplace, facts: DunningFacts, item: OpenItem, reminders: tuple[WrittenReminder, ...]
) -> BureauFacts:
    gate = facts.gate[item.debtor_number, item.currency]
    theirs = [hold for hold in gate.holds if hold.concerns_debtor or hold.item_id == item.item_id]
    # Settling a complaint does not undo that there was one; whether it was withdrawn, a person judges.
    disputed = [hold.placed_on for hold in theirs if hold.reason is HoldReason.DISPUTE]
    end = limitation_end(item.due_date, gate.law)
    return BureauFacts(
        due_date=item.due_date,
        reminders=reminders,
        disputed=bool(disputed),
        disputed_on=min(disputed, default=None),
        dispute_possible=_dispute_possible(item, gate),
        time_barred=work.run_date > max(end, gate.limitation_renewed.get(item.item_id, end)),
        in_insolvency=any(hold.reason is HoldReason.INSOLVENCY and hold.holds_on(work.run_date) for hold in theirs),
    )


def _dispute_possible(item: OpenItem, gate: GateFacts) -> str:
    if gate.unanswered_message_on is not None:
        return f"a message of {gate.unanswered_message_on} is unanswered and may dispute the claim"
    back = next((debit for debit in gate.returned_debits if debit.item_id == item.item_id), None)
    return f"the debit came back on {back.returned_on} ({back.reason}); ask why" if back else ""


def _reminders(
    work: Workplace,
    facts: DunningFacts,
    item: OpenItem,
    debtor: Debtor,
    naming: Collection[Text],
    notice_since: date | None,
) -> Iterator[WrittenReminder]:
    settings = work.company.dunning.for_engine(work.company.region)
    for sent in facts.history.get(item.item_id, ()):
        stage = work.procedure.stage(sent.stage)
        if stage is None or not stage.is_mahnung or sent.channel not in {Channel.EMAIL, Channel.LETTER}:
            continue
        receipt = reminder_of(sent, settings).receipt
        if receipt.received:
            named = (stage.template, written_language(debtor.language)) in naming
            yield WrittenReminder(
                received_on=receipt.day,
                # What today's text does not say, an earlier letter cannot be shown to have said.
                bureau_notice=named and (None if notice_since is None else sent.sent_on >= notice_since),
                proof=receipt.proof,
                title=f"{stage.title('de')} of {sent.sent_on}",
            )


def _naming(work: Workplace) -> frozenset[Text]:
    """Name the letter texts that mention a credit bureau today."""
    wording = letter_texts(work.office, work.company)
    named = set()
    for template, language in ((stage.template, one) for stage in work.procedure.stages for one in LANGUAGES):
        parts = wording(language).data["template"].get(template, {})
        paragraphs = [*parts.get("before", ()), *parts.get("after", ())]
        if any(names_bureau(paragraph["text"]) for paragraph in paragraphs):
            named.add((template, language))
    return frozenset(named)
