"""Health insurers, pension, accident and unemployment insurance (Sozialversicherung)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from reconciliation.other_money.label import MoneyKind, OtherMoney
from reconciliation.other_money.phrases import phrases

if TYPE_CHECKING:
    from reconciliation.other_money.seen import Seen

NAMES: Final = phrases("""
    aok; techniker krankenkasse; tk; barmer; barmer gek; dak; ikk; bkk; knappschaft*; minijob zentrale
    minijobzentrale; kkh; hek; hkk; krankenkasse*; ersatzkasse*; mobil krankenkasse; viactiv*; sbk siemens bkk
    betriebskrankenkasse*; innungskrankenkasse*; pronova; svlfg; unfallkasse*; berufsgenossenschaft*
    bg bau; bg etem; bg verkehr; bg rci; bghw; bgw; bghm; bgn; vbg; bundesagentur fuer arbeit; agentur fuer arbeit
    deutsche rentenversicherung*; rentenversicherung*; drv; soka bau; ulak; kuenstlersozialkasse
    oegk; oesterreichische gesundheitskasse; gesundheitskasse*; svs; auva; buak; pensionsversicherungsanstalt
    ausgleichskasse*; ahv; suva; sva; svazurich; pensionskasse*; familienausgleichskasse*
""")
TEXTS: Final = phrases("""
    sv beitraege; sv beitrag; sozialversicherung*; gesamtsozialversicherung* | social security contributions
    beitragsnachweis*; betriebsnummer* | social security contributions
    erstattung aag; aag; u1; u2; umlage; u1 u2 | sick or maternity pay (Umlage U1/U2)
    lohnfortzahlung; entgeltfortzahlung; mutterschaftsgeld | sick or maternity pay (Umlage U1/U2)
    kurzarbeitergeld; kug | short-time allowance (Kurzarbeitergeld)
    bg beitrag; unfallversicherung* | accident insurance
""")


def label(seen: Seen) -> OtherMoney | None:
    """Go by the insurer's name; health insurers are customers, too, and then name an invoice."""
    named = () if seen.private else seen.by_name(MoneyKind.SOCIAL_INSURANCE)
    purpose = seen.by_purpose("SSBE", "BENE", "GOVI", "HLTI")
    if not (named or purpose):
        return None
    what = seen.meaning(MoneyKind.SOCIAL_INSURANCE, "contributions (Sozialversicherung)")
    return seen.money(
        MoneyKind.SOCIAL_INSURANCE,
        incoming=f"a refund of {what} by {seen.who}",
        outgoing=f"a payment of {what} to {seen.who}",
        signs=(*named, *purpose, *seen.by_text(MoneyKind.SOCIAL_INSURANCE)),
    )
