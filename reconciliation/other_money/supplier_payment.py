"""Everything else that leaves our account: suppliers, leasing, telephone, power (Lieferanten, Lastschriften)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from reconciliation.other_money.label import By, MoneyKind, OtherMoney, Sign, Sureness
from reconciliation.other_money.phrases import phrases

if TYPE_CHECKING:
    from reconciliation.other_money.seen import Seen

NAMES: Final = phrases("""
    telekom*; vodafone*; telefonica*; o2; 1 1 telecom*; 1und1*; swisscom*; a1 telekom*; sunrise*; magenta | telephone
    stadtwerke*; e on*; eon; enbw*; vattenfall*; rwe; lichtblick*; eprimo*; mainova*; ewe | power and water
    wien energie; ewz | power and water
    leasing*; deutsche leasing*; volkswagen leasing*; mercedes benz leasing*; grenke*; alphabet fuhrpark* | leasing
    arval* | leasing
    rundfunk ard zdf dradio; ard zdf*; beitragsservice | broadcasting fee (Rundfunkbeitrag)
""")
GVC_COLLECTED: Final = ("104", "105", "106", "107", "195", "197", "PMNT/RDDT")


def label(seen: Seen) -> OtherMoney | None:
    """Take what goes out and is nothing else for our own payment, or for a debit by others."""
    if seen.comes_in:
        return None
    mention = seen.names.get(MoneyKind.SUPPLIER_PAYMENT)
    what = f" for {mention.meaning}" if mention else ""
    creditor = (Sign(By.CREDITOR_ID, seen.entry.creditor_id),) if seen.entry.creditor_id else ()
    collected = (*seen.by_code(*GVC_COLLECTED), *creditor)
    signs = (*collected, *seen.by_name(MoneyKind.SUPPLIER_PAYMENT)) or (Sign(By.DIRECTION, ""),)
    if collected:
        kind, says = MoneyKind.DIRECT_DEBIT_BY_OTHERS, f"a direct debit{what} by {seen.who}"
    else:
        kind, says = MoneyKind.SUPPLIER_PAYMENT, f"our own payment{what} to {seen.who}"
    return OtherMoney(kind=kind, says=says, sureness=Sureness.CERTAIN, signs=signs)
