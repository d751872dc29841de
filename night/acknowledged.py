"""What acknowledged a claim (Anerkenntnis): payments, offers and talks in storage that bear on its limitation."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from dunning.hold import HoldReason
from dunning.limitation import limitation_end
from dunning.limitation_watch import WatchedClaim, acknowledgements, expiry, hints
from dunning.principal import SettledPart
from storage.cases import load_successors
from storage.holds import load_all_holds
from storage.instalments import load_plans
from storage.matches import load_booked
from storage.promises import load_promises
from storage.statements import load_entries

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import date

    from dunning.countries import CountryLaw
    from dunning.hold import Hold
    from ledger.open_item import OpenItem
    from storage.database import Connection

Offers = dict[tuple[str, str], list["date"]]  # days, by debtor number and currency


def watched_claims(
    connection: Connection, company_id: str, items: Sequence[OpenItem], *, day: date, law: CountryLaw
) -> list[WatchedClaim]:
    """Give items with everything up to a day that bears on their limitation; nothing is read where there are none."""
    if not items:
        return []
    successors = load_successors(connection, company_id)
    parts = _parts(connection, company_id, {item.item_id for item in items})
    holds = _holds(connection, company_id, successors)
    offers, promises = _offers(connection, company_id, successors), _promises(connection, company_id, successors)
    found = []
    for item in items:
        debtor = successors.get(item.debtor_number, item.debtor_number)
        theirs = [hold for hold in holds.get(debtor, ()) if hold.concerns_debtor or hold.item_id == item.item_id]
        key = debtor, item.currency
        acts = acknowledgements(
            item,
            parts.get(item.item_id, ()),
            # Nobody acknowledges an invoice that was not written yet.
            [offered_on for offered_on in offers.get(key, ()) if offered_on >= item.document_date],
            disputed=any(hold.reason is HoldReason.DISPUTE for hold in theirs),
            day=day,
        )
        said = hints(item, theirs, promises.get(key, ()), day, law)
        found.append(WatchedClaim(item=item, acts=acts, hints=tuple(said)))
    return found


def renewed_limitations(
    connection: Connection, company_id: str, items: Sequence[OpenItem], *, day: date, law: CountryLaw
) -> dict[str, date]:
    """Give the last day of the items that would be time-barred by a day, had an acknowledgement not renewed it."""
    late = [item for item in items if item.is_invoice and day > limitation_end(item.due_date, law)]
    watched = watched_claims(connection, company_id, late, day=day, law=law)
    return {claim.item.item_id: expiry(claim, day, law).last_day for claim in watched if claim.acts}


def _parts(connection: Connection, company_id: str, wanted: Collection[str]) -> dict[str, list[SettledPart]]:
    booked = [one for one in load_booked(connection, company_id) if one.allocation.item_id in wanted]
    entries = load_entries(connection, company_id) if booked else {}
    parts: dict[str, list[SettledPart]] = defaultdict(list)
    for one in booked:
        allocation, entry = one.allocation, entries[one.entry_id]
        # The debtor acted no later than the bank did: the earlier day is the safe one.
        day = min(entry.booking_date, entry.value_date or entry.booking_date)
        parts[allocation.item_id].append(SettledPart(day=day, kind=allocation.kind, amount=allocation.amount))
    return parts


def _holds(connection: Connection, company_id: str, successors: Mapping[str, str]) -> dict[str, list[Hold]]:
    found: dict[str, list[Hold]] = defaultdict(list)
    for hold in load_all_holds(connection, company_id):
        found[successors.get(hold.debtor_number, hold.debtor_number)].append(hold)
    return found


def _offers(connection: Connection, company_id: str, successors: Mapping[str, str]) -> Offers:
    found: Offers = defaultdict(list)
    for one in load_plans(connection, company_id):
        number = successors.get(one.plan.debtor_number, one.plan.debtor_number)
        found[number, one.plan.claim.total.currency].append(one.plan.acknowledged_on)
    return found


def _promises(connection: Connection, company_id: str, successors: Mapping[str, str]) -> Offers:
    found: Offers = defaultdict(list)
    for one in load_promises(connection, company_id):
        number = successors.get(one.promise.debtor_number, one.promise.debtor_number)
        found[number, one.promise.amount.currency].append(one.promise.made_on)
    return found
