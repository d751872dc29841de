"""Public subsidies and aid (Zuschuss, Förderung)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from reconciliation.other_money.label import MoneyKind, OtherMoney
from reconciliation.other_money.phrases import phrases

if TYPE_CHECKING:
    from reconciliation.other_money.seen import Seen

NAMES: Final = phrases("""
    bafa; bundesamt fuer wirtschaft und ausfuhrkontrolle; kfw; kfw bankengruppe; investitionsbank*; nrw bank; l bank
    foerderbank*; arbeitsmarktservice; ams; aws austria wirtschaftsservice; innosuisse; wirtschaftsfoerderung*; isb
    ilb; ifb hamburg; wibank; lfa foerderbank; saechsische aufbaubank; thueringer aufbaubank
""")
TEXTS: Final = phrases("""
    zuschuss*; ueberbrueckungshilfe*; soforthilfe*; neustarthilfe; novemberhilfe; zuwendungsbescheid*; foerdermittel*
    eingliederungszuschuss; ausbildungspraemie; foerderbescheid*; innovationspraemie; bewilligungsbescheid*
""")


def label(seen: Seen) -> OtherMoney | None:
    """Go by the words of a subsidy from a public payer, or by a public bank that pays nothing else."""
    text = seen.by_text(MoneyKind.SUBSIDY)
    named = () if seen.private else seen.by_name(MoneyKind.SUBSIDY)
    if not seen.comes_in or not (named or text):
        return None
    says = f"a subsidy (Zuschuss) of {seen.who}"
    return seen.money(MoneyKind.SUBSIDY, incoming=says, outgoing=says, signs=(*named, *text))
