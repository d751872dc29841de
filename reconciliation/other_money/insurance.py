"""Insurance companies (Versicherungen): premiums, refunds, claims."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from reconciliation.other_money.label import MoneyKind, OtherMoney
from reconciliation.other_money.phrases import phrases

if TYPE_CHECKING:
    from reconciliation.other_money.seen import Seen

# Companies, not their agents: a Versicherungsmakler or Versicherungsbüro is a customer like any other.
NAMES: Final = phrases("""
    allianz versicherung*; allianz lebensversicherung*; allianz private krankenversicherung*; allianz se
    axa versicherung*; axa konzern*; axa lebensversicherung*; ergo versicherung*; ergo direkt*; huk coburg*
    huk24; r v allgemeine; r v versicherung*; generali versicherung*; generali deutschland*; zurich insurance*
    zurich versicherung*; gothaer*; signal iduna*; debeka*; devk*; lvm versicherung*; provinzial versicherung*
    provinzial rheinland*; vhv allgemeine; vhv versicherung*; hdi versicherung*; hdi global*
    wuerttembergische versicherung*; nuernberger versicherung*; continentale*; barmenia*; alte leipziger*
    haftpflichtkasse*; uniqa*; wiener staedtische*; helvetia versicherung*; die mobiliar
    schweizerische mobiliar; baloise*; hallesche kranken*; arag se; arag allgemeine; roland rechtsschutz*
    euler hermes*; allianz trade; atradius*; coface*; versicherung ag; versicherungs ag; versicherung se
    versicherung vvag; versicherungs aktiengesellschaft; lebensversicherung*; krankenversicherung*
    versicherungsverein*; versicherungskammer*; sv sparkassenversicherung*; feuersozietaet*; rueckversicherung*
""")
TEXTS: Final = phrases("""
    schaden; schadennr; schadennummer; schadensnummer | a claim (Schaden)
    schadenregulierung; schadensregulierung; versicherungsschaden | a claim (Schaden)
    beitragserstattung*; praemienerstattung; beitragsrueckerstattung*; beitragsrueckgewaehr | a refund of premium
    versicherungsbeitrag*; versicherungspraemie*; praemie; kfz versicherung*; betriebshaftpflicht* | a premium
""")


def label(seen: Seen) -> OtherMoney | None:
    """Go by the company's name; the words of insurance alone are also written by those who insure nothing."""
    signs = seen.by_name(MoneyKind.INSURANCE) or seen.by_purpose("INSU", "LIFI")
    if not signs:
        return None
    what = seen.meaning(MoneyKind.INSURANCE, "")
    return seen.money(
        MoneyKind.INSURANCE,
        incoming=f"{what or 'money'} from the insurance company {seen.who}",
        outgoing=f"{what or 'a premium'} to the insurance company {seen.who}",
        signs=(*signs, *seen.by_text(MoneyKind.INSURANCE)),
    )
