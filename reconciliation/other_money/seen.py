"""What was seen of an entry (Befund): its signs read once, for every kind of money to judge by."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from reconciliation.other_money.label import By, MoneyKind, OtherMoney, Sign, Sureness

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ledger.statement import StatementEntry
    from reconciliation.other_money.phrases import Mention
    from reconciliation.own_transfers import OwnTransfer


@dataclass(frozen=True, slots=True)
class Seen:
    """An entry with what its name and text mention, by topic; a topic is a kind of money, or a name of its own."""

    entry: StatementEntry
    names: Mapping[str, Mention]
    texts: Mapping[str, Mention]
    transfer: OwnTransfer | None = None
    private: bool = field(default=False)  # the name has a legal form, which no authority has

    @property
    def comes_in(self) -> bool:
        """Whether money came in, so that it may be a debtor's."""
        return self.entry.amount.minor > 0

    @property
    def who(self) -> str:
        """Give the other party as it may stand in a sentence."""
        return self.entry.payer_name.strip() or self.entry.payer_iban or "a party the bank does not name"

    def by_name(self, topic: str) -> tuple[Sign, ...]:
        """Give the sign in the name, if it mentions the topic."""
        return _signs(By.NAME, self.names.get(topic))

    def by_text(self, topic: str) -> tuple[Sign, ...]:
        """Give the sign in the text, if it mentions the topic."""
        return _signs(By.TEXT, self.texts.get(topic))

    def by_purpose(self, *codes: str) -> tuple[Sign, ...]:
        """Give the purpose code (ISO ExternalPurpose1Code) as a sign, if it is one of these."""
        code = self.entry.purpose_code
        return (Sign(By.PURPOSE_CODE, code),) if code in codes else ()

    def by_code(self, *codes: str) -> tuple[Sign, ...]:
        """Give the bank's transaction code as a sign, if it is or begins with one of these."""
        code = self.entry.transaction_code
        return (Sign(By.BANK_CODE, code),) if code and code.startswith(codes) else ()

    def by_kind(self) -> tuple[Sign, ...]:
        """Give what the bank says moved the money as a sign."""
        return (Sign(By.BANK_CODE, self.entry.transaction_code or self.entry.posting_text or self.entry.kind.value),)

    def meaning(self, topic: str, otherwise: str) -> str:
        """Say what the text says about a topic, or what is said where it is silent."""
        mention = self.texts.get(topic)
        return mention.meaning or otherwise if mention else otherwise

    def money(self, kind: MoneyKind, *, incoming: str, outgoing: str, signs: tuple[Sign, ...]) -> OtherMoney:
        """Label by names, texts and purposes: what goes out is certainly no payment to us, what comes in may be."""
        sureness = Sureness.PROBABLE if self.comes_in else Sureness.CERTAIN
        return OtherMoney(kind=kind, says=incoming if self.comes_in else outgoing, sureness=sureness, signs=signs)


def _signs(by: By, mention: Mention | None) -> tuple[Sign, ...]:
    return (Sign(by, mention.text, mention.span),) if mention else ()
