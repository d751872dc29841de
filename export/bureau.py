"""Credit-bureau readiness (§ 31 BDSG): a checked list per claim, which a dispute closes for good."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from export.tables.excel_safe import excel_safe

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from ledger.money import Money

_FOUR_WEEKS: Final = timedelta(weeks=4)

COLUMNS: Final = (
    "debtor_number",
    "document_number",
    "open",
    "currency",
    "two_written",
    "first_sent_on",
    "four_weeks_over",
    "notice_given_on",
    "undisputed",
    "received",
    "ready",
    "why_not",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenReminder:
    """A reminder in writing that was sent after the claim fell due, and did not come back."""

    sent_on: date
    names_bureau: bool  # it said that a bureau may be told, and that disputing prevents it


@dataclass(frozen=True, slots=True, kw_only=True)
class BureauFacts:
    """What the check asks for, of one claim."""

    debtor_number: str
    document_number: str
    due_date: date
    still_open: Money
    reminders: Sequence[WrittenReminder]
    ever_disputed: bool  # once is enough, even where the complaint was rejected
    came_back: bool  # a reminder was returned: who never got it cannot be reported


@dataclass(frozen=True, slots=True, kw_only=True)
class BureauCheck:
    """Each condition of § 31 (2) no. 4 BDSG, and whether all of them hold.

    It is the least frame; whether the interest in telling outweighs the debtor's (Art. 6 (1) (f) GDPR) a person
    decides each time. Nothing is ever reported from here.
    """

    facts: BureauFacts
    two_written: bool  # a) at least two reminders in writing after the due date
    first_sent_on: date | None
    four_weeks_over: bool  # b) the first at least four weeks ago
    notice_given_on: date | None  # c) told beforehand, with the first reminder at the earliest
    undisputed: bool  # d)
    received: bool

    @property
    def ready(self) -> bool:
        """Whether every condition holds."""
        return not self.why_not

    @property
    def why_not(self) -> tuple[str, ...]:
        """Every condition that does not hold, in words."""
        checks = (
            (self.undisputed, "the claim was disputed; it is never reported (§ 31 (2) no. 4 d BDSG)"),
            (self.two_written, "fewer than two written reminders after the due date"),
            (self.four_weeks_over, "the first reminder is not four weeks old"),
            (self.notice_given_on is not None, "the debtor was not told that a bureau may be informed"),
            (self.received, "a reminder came back; nobody can prove that it was received"),
            (self.facts.still_open.minor > 0, "nothing is open"),
        )
        return tuple(says for holds, says in checks if not holds)


def bureau_check(facts: BureauFacts, today: date) -> BureauCheck:
    """Check one claim; reminders on or before the due date count for nothing."""
    after_due = sorted((one for one in facts.reminders if one.sent_on > facts.due_date), key=lambda one: one.sent_on)
    first = after_due[0].sent_on if after_due else None
    return BureauCheck(
        facts=facts,
        two_written=len({one.sent_on for one in after_due}) >= 2,
        first_sent_on=first,
        four_weeks_over=first is not None and first + _FOUR_WEEKS <= today,
        notice_given_on=next((one.sent_on for one in after_due if one.names_bureau), None),
        undisputed=not facts.ever_disputed,
        received=not facts.came_back,
    )


def bureau_csv(checks: Iterable[BureauCheck]) -> bytes:
    """Write the list for a person to look at: UTF-8 with byte order mark, semicolons, yes and no."""
    table = io.StringIO()
    writer = csv.writer(table, delimiter=";", lineterminator="\r\n")
    writer.writerow(COLUMNS)
    writer.writerows([excel_safe(cell) for cell in _row(check)] for check in checks)
    return b"\xef\xbb\xbf" + table.getvalue().encode()


def _row(check: BureauCheck) -> tuple[str, ...]:
    facts = check.facts
    return (
        facts.debtor_number,
        facts.document_number,
        str(facts.still_open.decimal()).replace(".", ","),
        facts.still_open.currency,
        _yes(check.two_written),
        _day(check.first_sent_on),
        _yes(check.four_weeks_over),
        _day(check.notice_given_on),
        _yes(check.undisputed),
        _yes(check.received),
        _yes(check.ready),
        "; ".join(check.why_not),
    )


def _yes(holds: bool) -> str:
    return "yes" if holds else "no"


def _day(day: date | None) -> str:
    return day.isoformat() if day else ""
