"""The report in words: sections with a sentence and a table, for the terminal and for mail alike."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from ledger.money import Money, german

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

_EXIT_WORDS: Final = {
    0: "All good; nobody is needed.",
    1: "Done; a person is needed.",
    3: "The night could not finish.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One part of the report: what it is about, the main sentence, and the details."""

    title: str
    says: str
    headers: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    left_out: int = 0  # rows that exist and are not shown
    alarming: bool = False


def sections(report: Mapping[str, Any], *, most_rows: int = 20) -> list[Section]:
    """Put a report into sections, in the order a person wants to know."""
    found = [
        _failures(report),
        _came_in(report),
        _accounts(report),
        _matched(report),
        _held_back(report),
        _audit(report),
        _waits(report, most_rows),
        _written(report, most_rows),
        _spared(report, most_rows),
        _receivables(report),
        _limitation(report, most_rows),
        _handed_over(report),
        _findings(report, most_rows),
    ]
    return [section for section in found if section is not None]


def subject_of(report: Mapping[str, Any]) -> str:
    """Give the subject of the report's mail: no names, no amounts."""
    words = _EXIT_WORDS[report["exit_code"]]
    return f"Kontorist {report['run_date']}: {words.rstrip('.')}"


def headline(report: Mapping[str, Any]) -> str:
    """Say in one line how the night was."""
    rehearsal = "Rehearsal, nothing was changed. " if report["rehearsal"] else ""
    return f"{rehearsal}{_EXIT_WORDS[report['exit_code']]}"


def report_text(report: Mapping[str, Any]) -> str:
    """Write the report as plain text."""
    lines = [f"{report['name']}, night of {report['run_date']}", headline(report), ""]
    for section in sections(report, most_rows=200):
        lines += [section.title, "-" * len(section.title), section.says]
        lines += [f"  {' | '.join(row)}" for row in section.rows]
        if section.left_out:
            lines.append(f"  and {section.left_out} more")
        lines.append("")
    return "\n".join(lines)


def amount(minor: int, currency: str) -> str:
    """Write an amount as the accountant reads it."""
    return f"{german(Money(minor, currency))} {currency}"


def _failures(report: Mapping[str, Any]) -> Section | None:
    if not report["failures"]:
        return None
    return Section(
        title="Failures",
        says="What did not work, and what waits because of it:",
        headers=("what",),
        rows=tuple((failure,) for failure in report["failures"]),
        alarming=True,
    )


def _came_in(report: Mapping[str, Any]) -> Section | None:
    pulled = report["pulled"]
    if pulled is None:
        return None
    files = pulled["files"]
    items = sum(source["items"] for source in pulled["sources"])
    debtors = sum(source["debtors"] for source in pulled["sources"])
    entries = sum(file["new_entries"] for file in files)
    became = _counted(file["became"] for file in files)
    return Section(
        title="What came in",
        says=(
            f"{items} open items, {debtors} debtors; {len(files)} statement files ({became or 'none'}) "
            f"with {entries} new entries."
        ),
    )


def _accounts(report: Mapping[str, Any]) -> Section | None:
    pulled = report["pulled"]
    if pulled is None or not pulled["accounts"]:
        return None
    return Section(
        title="Bank accounts",
        says="How far each account is known:",
        headers=("account", "read up to", "gaps"),
        rows=tuple(
            (account["iban"], account["read_up_to"] or "never", str(account["gaps"]) if account["gaps"] else "none")
            for account in pulled["accounts"]
        ),
        alarming=any(account["gaps"] or not account["read_up_to"] for account in pulled["accounts"]),
    )


def _matched(report: Mapping[str, Any]) -> Section | None:
    matched = report["reconciled"]
    if matched is None:
        return None
    sums = ", ".join(amount(minor, currency) for currency, minor in matched["booked_minor"].items())
    states = ", ".join(f"{count} {state}" for state, count in matched["by_state"].items())
    return Section(
        title="What was matched",
        says=(
            f"{matched['entries']} entries looked at: {states}. Booked: {sums or 'nothing'}."
            if matched["entries"]
            else "No entry waited for a decision."
        ),
        headers=("how", "entries"),
        rows=tuple((name.replace("_", " "), str(count)) for name, count in matched["by_class"].items()),
    )


def _held_back(report: Mapping[str, Any]) -> Section | None:
    matched = report["reconciled"]
    if matched is None or not matched.get("held_back"):
        return None
    return Section(
        title="Nothing was booked by probability alone",
        says="Only named classes of evidence booked without a person:",
        headers=("because",),
        rows=tuple((reason,) for reason in matched["held_back"]),
        alarming=True,
    )


def _audit(report: Mapping[str, Any]) -> Section | None:
    matched = report["reconciled"]
    if matched is None or not matched.get("audits_waiting"):
        return None
    waiting = matched["audits_waiting"]
    bookings = "1 automatic booking waits" if waiting == 1 else f"{waiting} automatic bookings wait"
    return Section(title="Audit (Stichprobe)", says=f"{bookings} for somebody to look at: run_sync.py audit")


def _waits(report: Mapping[str, Any], most_rows: int) -> Section | None:
    matched = report["reconciled"]
    if matched is None or not matched["waiting"]:
        return None
    waiting = sorted(matched["waiting"], key=lambda one: -abs(one["amount_minor"]))
    return Section(
        title="What waits for you",
        says=f"{len(waiting)} entries were not booked without you:",
        headers=("booked on", "amount", "payer", "best proposal", "why it waits"),
        rows=tuple(
            (
                one["booking_date"],
                amount(one["amount_minor"], one["currency"]),
                one["payer_name"],
                _best(one),
                one["reasons"][-1] if one["reasons"] else "",
            )
            for one in waiting[:most_rows]
        ),
        left_out=max(0, len(waiting) - most_rows),
    )


def _best(one: Mapping[str, Any]) -> str:
    if not one["best"]:
        return "none"
    return f"{', '.join(dict.fromkeys(one['best']))} ({one['probability']:.0%})"


def _written(report: Mapping[str, Any], most_rows: int) -> Section | None:
    dunned = report["dunned"]
    if dunned is None:
        return None
    written = dunned["written_to"]
    stages = _counted_map(dunned["by_stage"])
    return Section(
        title="Who was written to",
        says=f"{len(written)} debtors: {stages}." if written else "Nobody was written to.",
        headers=("debtor", "stage", "by", "total", "documents"),
        rows=tuple(_notice_row(notice) for notice in written[:most_rows]),
        left_out=max(0, len(written) - most_rows),
    )


def _spared(report: Mapping[str, Any], most_rows: int) -> Section | None:
    dunned = report["dunned"]
    if dunned is None or not dunned["spared"]:
        return None
    spared = dunned["spared"]
    return Section(
        title="Who was spared, and why",
        says=f"{len(spared)} debtors: {_counted_map(dunned['spared_because'])}.",
        headers=("debtor", "total", "why"),
        rows=tuple(
            (
                f"{notice['debtor_number']} {notice['name']}",
                amount(notice["total_minor"], notice["currency"]),
                _first_sentence(notice["because"]),
            )
            for notice in spared[:most_rows]
        ),
        left_out=max(0, len(spared) - most_rows),
    )


def _first_sentence(because: Sequence[Sequence[str]]) -> str:
    """Say the first reason in one sentence; the JSON report has them all."""
    code, sentence = because[0]
    first, dot, rest = sentence.partition(". ")
    more = len(because) > 1 or bool(rest and code == "payment_in_review")
    return f"{first.rstrip('.')}{dot.strip() or '.'}" + (" And more." if more else "")


def _notice_row(notice: Mapping[str, Any]) -> tuple[str, ...]:
    return (
        f"{notice['debtor_number']} {notice['name']}",
        notice["stage"].replace("_", " "),
        notice["channel"],
        amount(notice["total_minor"], notice["currency"]),
        _some(notice["items"]),
    )


def _receivables(report: Mapping[str, Any]) -> Section | None:
    rows = tuple(
        (bucket["days_overdue"], str(bucket["items"]), amount(bucket["open_minor"], stand["currency"]))
        for stand in report["receivables"]
        for bucket in stand["buckets"]
        if bucket["items"]
    )
    if not rows:
        return None
    return Section(
        title="How receivables stand",
        says="What is open after this night, by days overdue:",
        headers=("days overdue", "items", "total"),
        rows=rows,
    )


def _limitation(report: Mapping[str, Any], most_rows: int) -> Section | None:
    # Reports of older nights know nothing of it.
    expiring = report.get("limitation", [])
    if not expiring:
        return None
    urgencies = _counted(one["urgency"] for one in expiring)
    return Section(
        title="What is about to expire (Verjährung)",
        says=f"By urgency: {urgencies}. A reminder does not stop the time; `limitation` tells what does:",
        headers=("last day", "debtor", "document", "open", "urgency", "apply to a court by"),
        rows=tuple(
            (
                one["last_day"],
                f"{one['debtor_number']} {one['name']}",
                one["document_number"],
                amount(one["open_minor"], one["currency"]),
                one["urgency"],
                one["file_by"],
            )
            for one in expiring[:most_rows]
        ),
        left_out=max(0, len(expiring) - most_rows),
        alarming=any(one["urgency"] in {"soon", "now"} for one in expiring),
    )


def _handed_over(report: Mapping[str, Any]) -> Section | None:
    handed = report["handed_over"]
    if handed is None or not (handed["batches"] or handed["waiting"]):
        return None
    lines = sum(batch["lines"] for batch in handed["batches"])
    return Section(
        title="For the tax adviser",
        says=f"{len(handed['batches'])} DATEV batches with {lines} lines; {handed['waiting']} allocations wait.",
        headers=("batch", "lines"),
        rows=tuple((batch["file"], str(batch["lines"])) for batch in handed["batches"]),
    )


def _findings(report: Mapping[str, Any], most_rows: int) -> Section | None:
    findings = report["findings"]
    if not findings:
        return None
    return Section(
        title="Findings",
        says=f"{len(findings)} things in the data that somebody should know:",
        headers=("where", "what", "what to do"),
        rows=tuple((finding["place"], _what(finding), finding["what_to_do"]) for finding in findings[:most_rows]),
        left_out=max(0, len(findings) - most_rows),
        alarming=any(finding["severity"] == "error" for finding in findings),
    )


def _what(finding: Mapping[str, Any]) -> str:
    return f"{finding['what']} ({finding['excerpt']})" if finding["excerpt"] else str(finding["what"])


def _some(documents: Sequence[str]) -> str:
    return ", ".join(documents[:3]) + (f" and {len(documents) - 3} more" if len(documents) > 3 else "")


def _counted(words: Iterable[str]) -> str:
    counts: dict[str, int] = {}
    for word in words:
        counts[word] = counts.get(word, 0) + 1
    return _counted_map(counts)


def _counted_map(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {word.replace('_', ' ')}" for word, count in counts.items())
