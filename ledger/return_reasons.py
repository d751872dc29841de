"""Why a payment came back or was rejected (Rückgabegrund): ISO codes in words, and what to do about it.

ISO 20022 External Code Sets, ExternalReturnReason1Code and ExternalStatusReason1Code; their German use: DK, Anlage 3
zum DFÜ-Abkommen, 2.2.4. The advice is for money that we collect.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


class ReturnReason(NamedTuple):
    """A code, what it means in German and in an English half-sentence, and what to do next."""

    code: str
    german: str
    what: str
    what_to_do: str


_BY_HAND: Final = "Read what the bank wrote and decide by hand."

# What to do, and the codes that call for it: code, German meaning | what happened.
_BY_ADVICE: Final = (
    (
        "Do not collect from this account again; ask the debtor for the right one, or for a transfer.",
        """
        AC01 IBAN falsch | the IBAN is wrong
        AC02 Konto des Zahlers ungültig | the debtor's account is not valid
        AC04 Konto aufgelöst | the account is closed
        AC05 Konto des Zahlers aufgelöst | the debtor's account is closed
        AG01 Lastschrift auf diesem Konto nicht möglich | the account does not allow such a payment
        BE06 Kunde unbekannt | the bank does not know this customer
        """,
    ),
    (
        "Do not collect again; ask the debtor for a transfer.",
        """
        AC06 Konto gesperrt | the account is blocked, for everything or for direct debits
        SL11 Nicht auf der Positivliste | we are not on the debtor's list of allowed creditors
        SL13 Höchstbetrag überschritten | it is more than the debtor's limit for direct debits
        SL14 Höchstzahl überschritten | it is one more than the debtor's limit of direct debits
        """,
    ),
    (
        "Collect by the core scheme, with a mandate for it, or ask for a transfer.",
        """
        AC13 Konto eines Verbrauchers | the debtor is a consumer, who cannot be debited as a business (B2B)
        """,
    ),
    (
        "Stop collecting, check the mandate with the debtor, and ask for a transfer.",
        """
        MD01 Kein gültiges Mandat | there is no valid mandate
        """,
    ),
    (
        "Correct the mandate data, then collect again.",
        """
        MD02 Mandatsdaten falsch | the mandate data are missing or wrong
        """,
    ),
    (
        "Ask the debtor what is wrong before you dun: this is a dispute, not a lack of money.",
        """
        MD06 Widerspruch des Zahlers | the debtor asked for the money back
        MS02 Vom Zahler zurückgewiesen | the debtor refused it without a reason
        SL12 Auf der Sperrliste | we are on the debtor's list of blocked creditors
        """,
    ),
    (
        "Ask the debtor to lift the block, or to transfer the amount.",
        """
        SL01 Sperre durch Dienst der Bank des Zahlers | a service that the debtor's bank offers has blocked it
        """,
    ),
    (
        "Stop collecting and dunning, and find out who the heirs are.",
        """
        MD07 Zahler verstorben | the debtor has died
        """,
    ),
    (
        # German banks tell neither a lack of money nor a death: for data protection both are MS03.
        "Remind the debtor, or collect once more when the account is likely to be covered.",
        """
        AM04 Keine Deckung | there is not enough money on the account
        MS03 Grund nicht angegeben | the debtor's bank gives no reason, which in Germany mostly means a lack of money
        """,
    ),
    (
        "Check your own run: it was probably sent twice. Do not dun the debtor for it.",
        """
        AM05 Doppelte Einreichung | it was sent twice
        DU01 Datei doppelt | a file with this identification was sent before
        DU02 Sammler doppelt | a batch with this identification was sent before
        DU03 Auftrag doppelt | the same payment was sent before
        DU04 Ende-zu-Ende-Referenz doppelt | the end-to-end identification was used before
        DU05 Auftragsreferenz doppelt | the instruction identification was used before
        RF01 Referenz nicht eindeutig | the reference of the payment was used before
        """,
    ),
    (
        "Correct your own data and send it again. The debtor has done nothing wrong.",
        """
        AC03 Konto des Empfängers ungültig | the creditor's account is not valid
        AC07 Konto des Empfängers aufgelöst | the creditor's account is closed
        AG02 Vorgangscode oder Sequenz falsch | the transaction code or the sequence type is wrong
        AG03 Zahlungsart nicht unterstützt | the bank does not support this kind of payment
        AM01 Betrag null | the amount is zero
        AM02 Betrag zu hoch | the amount is more than the bank allows
        AM03 Währung nicht zugelassen | the currency is not allowed
        AM06 Betrag zu niedrig | the amount is less than the bank allows
        AM09 Betrag falsch | the amount is not the one agreed
        AM10 Kontrollsumme falsch | the control sum is not the sum of the payments
        AM12 Betrag ungültig | the amount is missing or not valid
        AM18 Anzahl der Aufträge falsch | the number of payments is not the one stated
        BE04 Adresse des Empfängers fehlt | the creditor's address is missing or wrong
        BE05 Gläubiger-ID falsch | the creditor identifier is wrong
        CH11 Gläubiger-ID falsch | the creditor identifier is wrong
        CH16 Inhalt formal falsch | a field has a content that is not allowed there
        CH17 Feld nicht erlaubt | a field is not allowed there
        CH21 Pflichtfeld fehlt | a field that must be there is missing
        CURR Währung falsch | the currency of the payment is wrong
        FF01 Dateiformat falsch | the file is not in the format agreed
        FF05 Lastschriftart falsch | the scheme (core, B2B) is wrong
        RR03 Name oder Adresse des Empfängers fehlt | name or address of the creditor is missing
        """,
    ),
    (
        "Send it again with a date that the bank accepts. The debtor has done nothing wrong.",
        """
        CH03 Termin zu weit in der Zukunft | the date is too far ahead
        CH04 Termin zu weit in der Vergangenheit | the date is too long ago
        DT01 Datum ungültig | the date is not valid
        TM01 Nach Annahmeschluss | it came after the bank's cut-off time
        """,
    ),
    (
        "Complete name and address of the debtor and send it again.",
        """
        BE01 Name passt nicht zum Konto | name and account do not belong together
        BE07 Adresse des Zahlers fehlt | the debtor's address is missing or wrong
        RR01 Konto des Zahlers fehlt | account or identification of the debtor is missing
        RR02 Name oder Adresse des Zahlers fehlt | name or address of the debtor is missing
        """,
    ),
    (
        "Correct the debtor's bank (BIC), or send the IBAN alone, and collect again.",
        """
        CNOR Bank des Empfängers nicht erreichbar | the creditor's bank cannot be reached by this scheme
        DNOR Bank des Zahlers nicht erreichbar | the debtor's bank cannot be reached by this scheme
        RC01 BIC falsch | the BIC is wrong
        """,
    ),
    (
        "Send it again later: the way to the other bank was not open.",
        """
        AB05 Zeitüberschreitung | the other bank did not answer in time
        AB08 Bank nicht verfügbar | the other bank could not be reached
        ED05 Ausführung fehlgeschlagen | the settlement between the banks failed
        """,
    ),
    (
        _BY_HAND,
        """
        AM07 Betrag gesperrt | the amount is blocked by an authority
        ARDT Bereits zurückgegeben | the payment was returned before
        CUST Auf Wunsch des Kunden | a customer asked for it
        DS02 Auftrag storniert | somebody with the right to do so cancelled the order
        FOCR Nach Rückruf | it came back because it was recalled
        FR01 Betrugsverdacht | fraud is suspected
        FRAD Betrugsverdacht | the payment is reported as fraudulent
        NARR Siehe Text der Bank | the bank gives its reason as text
        NOAS Kunde hat nicht geantwortet | the customer did not answer
        NOOR Ursprüngliche Zahlung nicht erhalten | the bank never received the payment
        RR04 Rechtliche Gründe | a regulation stands against it
        """,
    ),
)


def _reasons() -> Iterator[ReturnReason]:
    for advice, rows in _BY_ADVICE:
        for row in rows.strip().splitlines():
            code_and_german, what = row.split(" | ")
            code, german = code_and_german.split(maxsplit=1)
            yield ReturnReason(code, german, what, advice)


REASONS: Final[Mapping[str, ReturnReason]] = MappingProxyType({reason.code: reason for reason in _reasons()})


def in_words(code: str, told: str = "") -> str:
    """Say what happened, with the code and its German meaning; an unknown code keeps the bank's own text."""
    reason = REASONS.get(code)
    if reason is None:
        return ", ".join(filter(None, (code, told))) or "the bank gives no reason"
    words = f"{reason.what} ({code}, {reason.german})"
    return f"{words}; the bank adds: {told}" if told else words


def what_to_do(code: str) -> str:
    """Say what receivables should do about a collection that came back for this reason."""
    reason = REASONS.get(code)
    return reason.what_to_do if reason else _BY_HAND
