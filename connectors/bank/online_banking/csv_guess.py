"""A mapping guessed from the column names of an unknown export (Spalten raten): for the preview, never at night."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from connectors.bank.online_banking.csv_mapping import Mapping
from connectors.bank.online_banking.csv_table import normalised

if TYPE_CHECKING:
    from collections import abc
    from collections.abc import Sequence

# What columns are called in German and English exports, the likeliest first, as they are compared.
_NAMES: Final[abc.Mapping[str, str]] = MappingProxyType(
    {
        "booking_date": "buchungstag buchungsdatum buchung bookingdate bookedon datecompleted completeddate "
        "datecompletedutc settlementdate transactiondate postingdate datum date",
        "value_date": "valutadatum wertstellungsdatum wertstellung wertstellungvaluta valuta wert valuedate",
        "amount": "betrag betrageur betragineur umsatz umsatzeur umsatzineur zahlungsbetrag netto amount amounteur "
        "totalamount paymentamount net",
        "debit": "soll solleur sollbetrag lastschrift belastung belastungen ausgang ausgaben debit debitamount "
        "paidout moneyout withdrawal",
        "credit": "haben habeneur habenbetrag gutschrift gutschriften eingang einnahmen credit creditamount paidin "
        "moneyin deposit",
        "sign": "sollhaben sh sollhabenkennzeichen vorzeichen debitcredit creditdebit drcr",
        "currency": "waehrung wkz kontowaehrung currency paymentcurrency",
        "balance": "saldonachbuchung saldo kontostand guthaben balance runningbalance balanceafter",
        "account": "auftragskonto ibanauftragskonto ibankontoinhaber kontoiban eigeneiban accountiban owniban",
        "payer_name": "auftraggeberempfaenger empfaengerauftraggeber beguenstigterauftraggeber "
        "auftraggeberbeguenstigter beguenstigterzahlungspflichtiger namezahlungsbeteiligter zahlungsbeteiligter "
        "gegenpartei gegenkontoinhaber senderempfaenger auftraggeber name partnername counterparty counterpartyname "
        "payer payername payee",
        "payer_iban": "kontonummeriban ibankontonummer ibanzahlungsbeteiligter gegenkonto gegenkontoiban iban "
        "partneriban counterpartyiban accountnumber",
        "payer_bic": "bicswiftcode bicswiftcodezahlungsbeteiligter bic bicblz counterpartybic",
        "purpose": "verwendungszweck verwendungszweck1 verwendungszweck2 verwendungszweck3 zweck "
        "vorgangverwendungszweck buchungsdetails beschreibung zahlungsreferenz nachricht betreff purpose description "
        "paymentreference reference details memo",
        "posting_text": "buchungstext umsatzart umsatztyp vorgang buchungsart transaktionsart typ type "
        "transactiontype",
        "references": "rechnungsnummer belegnummer invoicenumber invoiceid",
        "end_to_end_id": "kundenreferenzendtoend endtoendreferenz endtoendid endezuendereferenz kundenreferenz eref",
        "mandate_id": "mandatsreferenz mandatsref mandatereference mandateid",
        "creditor_id": "glaeubigerid glaeubigeridentifikationsnummer creditorid",
        "bank_reference": "transaktionscode transaktionsid bankreferenz transactionid id",
        "batch_reference": "sammlerreferenz",
    }
)


def guess(names: Sequence[str]) -> Mapping | None:
    """Guess what the columns are; None where no day and no amount of a booking can be told."""
    there = {normalised(name): name for name in reversed(names)}
    columns = {
        ours: found
        for ours, words in _NAMES.items()
        if (found := tuple(there[w] for w in words.split() if w in there))
    }
    if "amount" in columns or "sign" in columns:  # columns of Soll and Haben would only repeat it
        columns = {ours: theirs for ours, theirs in columns.items() if ours not in {"debit", "credit"}}
    elif not {"debit", "credit"} <= columns.keys():
        return None
    if "booking_date" not in columns or not ({"amount", "debit"} & columns.keys()):
        return None
    return Mapping(
        name="my bank",
        recognised_by=tuple(dict.fromkeys(name for name in names if not name.startswith("column "))),
        columns={ours: theirs if ours == "purpose" else theirs[:1] for ours, theirs in columns.items()},
        currency="" if "currency" in columns else "EUR",
    )
