"""Hand over: what was booked since the last batch goes to the tax adviser as a DATEV batch (Buchungsstapel)."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from export.datev.accounts import skr03, skr04
from export.datev.batch import DatevSettings, datev_batches
from export.datev.check import check_delivery
from export.datev.posting import PostingFact, Reversal
from storage.decisions import Decided, append
from storage.facts import load_items
from storage.matches import load_all_booked
from storage.outbox import Effect, EffectKind, enqueue
from storage.postings import mark_posted, posted
from storage.statements import load_entries

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from export.datev.batch import DatevBatch
    from ledger.finding import Finding
    from ledger.open_item import ItemKind
    from ledger.statement import StatementEntry
    from night.workplace import Workplace
    from storage.database import Connection
    from storage.matches import Booked


@dataclass(slots=True, kw_only=True)
class HandedOver:
    """The batches of tonight, and what could not be handed over."""

    batches: list[DatevBatch] = field(default_factory=list)
    waiting: int = 0  # allocations that wait for an answer to their finding
    findings: list[Finding] = field(default_factory=list)


def hand_over(work: Workplace) -> HandedOver:
    """Write the batches and record, in one transaction, which allocation is in which."""
    handed = HandedOver()
    if not work.company.datev.enabled:
        return handed
    work.progress("DATEV", 0, 1)
    with work.step() as connection:
        done = posted(connection, work.company_id)
        waiting = _unposted(load_all_booked(connection, work.company_id), done)
        entries = load_entries(connection, work.company_id)
        kinds = {stored.item.item_id: stored.item.kind for stored in load_items(connection, work.company_id)}
        facts = [(booked, _fact(booked, entries[booked.entry_id], kinds)) for booked in waiting]
        settings = _settings(work)
        export = datev_batches(
            work.company_id,
            [fact for _, fact in facts],
            settings,
            created_at=work.author.now,
            first_batch_number=len(set(done.values())) + 1,
        )
        handed.findings.extend(export.findings)
        handed.waiting = len(export.unclear)
        for batch in export.batches:
            mistakes = check_delivery(batch, money_accounts=settings.chart.money_accounts)
            assert not mistakes, (batch.file_name, mistakes)
            inside = {id(fact) for fact in batch.facts}
            _record(connection, work, batch, [booked for booked, fact in facts if id(fact) in inside])
            handed.batches.append(batch)
    return handed


def _unposted(booked: Sequence[Booked], done: Mapping[str, str]) -> list[Booked]:
    """Give what the adviser does not have: new allocations, and reversals of what he has.

    What was taken back before it was handed over never existed for him, nor did its reversal.
    """
    reversed_ids = {b.reverses for b in booked if b.reverses}
    return [
        b
        for b in booked
        if b.allocation_id not in done and (b.reverses in done if b.reverses else b.allocation_id not in reversed_ids)
    ]


def _fact(booked: Booked, entry: StatementEntry, kinds: Mapping[str, ItemKind]) -> PostingFact:
    allocation = booked.allocation
    if booked.reverses:
        # A reversal repeats what it takes back, with the sign it had.
        allocation = -allocation
    return PostingFact(
        entry_id=booked.entry_id,
        booking_date=entry.booking_date,
        account=entry.account,
        allocation=allocation,
        item_kind=kinds.get(allocation.item_id),
        payer_name=entry.payer_name,
        payer_iban=entry.payer_iban,
        remittance=entry.remittance,
        end_to_end_id=entry.end_to_end_id,
        state=booked.state,
        is_reversal=bool(booked.reverses),
    )


def _settings(work: Workplace) -> DatevSettings:
    datev, company = work.company.datev, work.company
    chart = (skr03 if datev.chart == "SKR03" else skr04)(datev.account_length, company.own_accounts)
    own = {bank.iban: bank.datev_account for bank in company.bank if bank.datev_account is not None}
    return DatevSettings(
        chart=replace(chart, bank_accounts=own, skonto_accounts={**chart.skonto_accounts, **datev.skonto_accounts}),
        consultant_number=datev.consultant,
        client_number=datev.client,
        fiscal_year_start_month=datev.fiscal_year_start_month,
        initials=datev.dictation_code,
        debtor_accounts=datev.debtor_accounts,
        # Systems disagree on the side of a Generalumkehr line; a counter posting means the same to all of them.
        reversal=Reversal.COUNTER_POSTING,
    )


def _record(connection: Connection, work: Workplace, batch: DatevBatch, booked: Sequence[Booked]) -> None:
    payload = {
        "batch": batch.file_name,
        "lines": batch.line_count,
        "first_day": batch.first_day.isoformat(),
        "last_day": batch.last_day.isoformat(),
        "allocations": [b.allocation_id for b in booked],
    }
    (seq,) = append(connection, work.company_id, work.author, [Decided("datev_batch", payload)])
    mark_posted(connection, work.company_id, seq, {b.allocation_id: batch.file_name for b in booked})
    enqueue(
        connection,
        work.company_id,
        seq,
        [
            Effect(
                outbox_id=f"datev-{batch.file_name}",
                kind=EffectKind.FILE,
                name=batch.file_name,
                media_type="text/csv",
                content=batch.content,
                path=f"datev/{batch.file_name}",
            )
        ],
    )
