"""The measures as tables in Markdown, and the lists that show what to improve."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from benchmarks.matching.measures import WRONG, Verdict, by_class, by_modifier, judge, measure, reliability

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from benchmarks.matching.measures import Judged, Measures
    from benchmarks.matching.replay import Played
    from ledger.allocation import Allocation
    from ledger.statement import StatementEntry

_HEADER = (
    "entries",
    "bookable",
    "booked alone",
    "wrong per 10,000",
    "at most (95 %)",
    "wait",
    "right first",
    "among three",
)
_SHOWN_OF_EACH = 6


def overview(runs: Mapping[str, Sequence[Judged]], title: str = "company") -> Iterator[str]:
    """Give one row for each kind of company and history, or for each rival, and how the wrong ones divide."""
    yield from _table(title, {name: measure(judged) for name, judged in runs.items()})
    yield ""
    yield _row((title, "automatic", *WRONG, "of it right though nobody could know", "bookable and ignored"))
    yield _row("---:" if n else "---" for n in range(len(WRONG) + 4))
    for name, judged in runs.items():
        m = measure(judged)
        lucky = sum(j.verdict is Verdict.RIGHT and not j.bookable for j in judged)
        yield _row((name, m.automatic, *(m.wrong[kind] for kind in WRONG), lucky, m.ignored_bookable))


def details(judged: Sequence[Judged]) -> Iterator[str]:
    """Give the tables by class and by modifier, and whether probabilities mean what they say."""
    yield from classes(judged)
    yield ""
    yield from modifiers(judged)
    yield ""
    yield from stated_and_true(judged)


def classes(judged: Iterable[Judged]) -> Iterator[str]:
    """Give one row for each payment class, the frequent ones first."""
    yield from _table("class", {_words(name): m for name, m in by_class(judged).items()})


def modifiers(judged: Iterable[Judged]) -> Iterator[str]:
    """Give one row for each circumstance that makes payments harder, the frequent ones first."""
    yield from _table("circumstance", {_words(name): m for name, m in by_modifier(judged).items()})


def stated_and_true(judged: Iterable[Judged]) -> Iterator[str]:
    """Give what was stated for first proposals beside how often they were right."""
    r = reliability(judged)
    yield _row(("stated", "proposals", "mean", "right"))
    yield _row(("---", "---:", "---:", "---:"))
    for number, one in enumerate(r.bins):
        if one is not None:
            name = f"{number * 10} to {number * 10 + 10} %"
            yield _row((name, f"{one.count:,}", f"{one.stated:.1%}", f"{one.right:.1%}"))
    yield ""
    yield f"Expected calibration error {r.expected_error:.3f}, Brier score {r.brier:.3f}."


def wrong(played: Played) -> Iterator[str]:
    """List every wrong automatic booking with its text, the truth and why it was booked."""
    entries = {entry.entry_id: entry for entry in played.entries}
    for j in judge(played):
        if j.verdict in WRONG:
            booked = played.later.get(j.entry_id, played.outcomes[j.entry_id])
            yield from _story(entries[j.entry_id], j, played)
            yield f"    booked  {_bookings(booked.allocations)}"
            yield from (f"    because {reason}" for reason in booked.reasons)


def review(played: Played) -> Iterator[str]:
    """List the bookable entries that wait, by the first reason for it, with the most frequent first."""
    entries = {entry.entry_id: entry for entry in played.entries}
    groups: defaultdict[str, list[Judged]] = defaultdict(list)
    for j in judge(played):
        if j.bookable and j.verdict in {Verdict.WAITS, Verdict.IGNORED}:
            groups[f"{j.payment_class}: {_pattern(j)}"].append(j)
    for name in sorted(groups, key=lambda name: (-len(groups[name]), name)):
        yield f"{len(groups[name])} x {name}"
        for j in groups[name][:_SHOWN_OF_EACH]:
            yield from _story(entries[j.entry_id], j, played)
            for proposal in played.outcomes[j.entry_id].proposals[:3]:
                yield f"    {proposal.probability:7.1%} {_bookings(proposal.allocations)}"
            yield from (f"    because {reason}" for reason in j.reasons)


def _table(title: str, rows: Mapping[str, Measures]) -> Iterator[str]:
    yield _row((title, *_HEADER))
    yield _row("---:" if n else "---" for n in range(len(_HEADER) + 1))
    for name, m in rows.items():
        waiting = m.waiting_ours
        yield _row(
            (
                name,
                f"{m.entries:,}",
                f"{m.bookable:,}",
                f"{m.automatic_rate:.1%}" if m.bookable else "–",
                f"{m.wrong_per_ten_thousand:.1f}" if m.automatic else "–",
                f"{m.wrong_at_most:.1f}" if m.automatic else "–",
                f"{m.review_rate:.1%}",
                f"{m.first / waiting:.1%}" if waiting else "–",
                f"{m.among_three / waiting:.1%}" if waiting else "–",
            )
        )


def _story(entry: StatementEntry, j: Judged, played: Played) -> Iterator[str]:
    truth = played.books.truth[j.entry_id]
    yield ""
    told = ", ".join((j.payment_class, *j.modifiers))
    yield f"  {j.entry_id} {entry.booking_date} {entry.amount} {told}: {j.verdict}"
    yield f"    payer   {entry.payer_name} | {entry.ultimate_name} | {entry.payer_iban}"
    yield f"    text    {entry.remittance}"
    if entry.references or entry.end_to_end_id:
        yield f"    refs    {' '.join((*entry.references, entry.end_to_end_id))}"
    yield f"    truth   {_bookings(truth.bookings) or 'none of ours'}"


def _bookings(allocations: Sequence[Allocation]) -> str:
    return "; ".join(
        f"{a.kind} {a.amount} {a.document_number or '-'} of {a.debtor_number or '-'}" for a in allocations
    )


def _pattern(j: Judged) -> str:
    """Give the first reason without what differs from entry to entry, so that equal reasons meet."""
    words = (j.reasons or ("no reason given",))[0].split()
    return " ".join("…" if any(c.isdigit() for c in word) or word[:1].isupper() else word for word in words)


def _words(name: str) -> str:
    return name.replace("_", " ")


def _row(cells: Iterable[object]) -> str:
    return f"| {' | '.join(map(str, cells))} |"
