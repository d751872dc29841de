"""The tax office pays back or is paid (Finanzamt, Steuern)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from reconciliation.other_money.label import MoneyKind, OtherMoney
from reconciliation.other_money.phrases import phrases

if TYPE_CHECKING:
    from reconciliation.other_money.seen import Seen

NAMES: Final = phrases("""
    finanzamt*; finanzaemter; finanzkasse*; fa oesterreich; bundeszentralamt fuer steuern; landesamt fuer steuern
    steueramt; kantonales steueramt; steuerverwaltung*; estv; eidg steuerverwaltung; eidgenoessische steuerverwaltung
    steuerkasse*; gemeindesteueramt*
""")
TEXTS: Final = phrases("""
    umsatzsteuer*; ust; ustva; ust va; mwst abrechnung; mehrwertsteuerabrechnung | VAT (Umsatzsteuer)
    lohnsteuer; lohnst; lst; lohnsteueranmeldung; lohnsteuer anmeldung | wage tax (Lohnsteuer)
    koerperschaftsteuer*; koerperschaftst; koerpst; kst | corporation tax (Körperschaftsteuer)
    gewerbesteuer*; gewst | trade tax (Gewerbesteuer)
    einkommensteuer*; est | income tax (Einkommensteuer)
    grundsteuer* | property tax (Grundsteuer)
    kfz steuer; kraftfahrzeugsteuer* | vehicle tax (Kfz-Steuer)
    verrechnungssteuer*; kapitalertragsteuer*; bauabzugsteuer* | withholding tax
    vergnuegungssteuer*; hundesteuer* | municipal tax
    direkte bundessteuer; staats und gemeindesteuer* | federal and cantonal tax
    abgabenkonto | the tax account (Abgabenkonto)
""")
# These offices have several errands; only with one of their own taxes in the text it is this one.
CASH_OFFICES: Final = phrases("""
    bundeskasse*; stadtkasse*; gemeindekasse*; kreiskasse*; landeshauptkasse*; landeskasse*; landesoberkasse*; stadt
    gemeinde; kassen und steueramt; steuer und stadtkasse; stadtverwaltung*; landeshauptstadt; magistrat
""")
CASH_OFFICE: Final = "cash_office"
_OF_CASH_OFFICES: Final = ("trade tax", "property tax", "vehicle tax", "municipal tax", "federal and cantonal tax")


def label(seen: Seen) -> OtherMoney | None:
    """Go by the tax office's name, or by a cash office together with a tax; a tax in a text alone says nothing."""
    what = seen.meaning(MoneyKind.TAX, "tax")
    named = () if seen.private else seen.by_name(MoneyKind.TAX)
    office = seen.by_name(CASH_OFFICE) if what.startswith(_OF_CASH_OFFICES) and not seen.private else ()
    purpose = seen.by_purpose("TAXS", "VATX", "WHLD", "INTX")
    if not (named or purpose or office):
        return None
    return seen.money(
        MoneyKind.TAX,
        incoming=f"a refund of {what} by {seen.who}",
        outgoing=f"a payment of {what} to {seen.who}",
        signs=(*(named or office), *purpose, *seen.by_text(MoneyKind.TAX)),
    )
