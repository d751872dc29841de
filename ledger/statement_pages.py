"""The pages of a statement (Blätter): each numbered page up to the last one must have come, in whatever file."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from datetime import timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from ledger.finding import Finding, Severity
from ledger.statement_days import ONE_DAY, Days, Span, cover, family, joined
from ledger.statement_missing import Missing

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

# A page as another one must find it: format, number of the statement, page, opening balance.
_Opening = tuple[str, str, int, int | None]

# Pages that are further apart belong to different statements that share a number.
_ONE_STATEMENT_WITHIN: Final = timedelta(days=7)


def missing_pages(spans: Sequence[Span]) -> tuple[Missing, ...]:
    """Find statements of one account and currency of which a page never came.

    Pages are told apart by format and number of the statement. Nothing is said where another format covers the days,
    or where the page that would follow came under another day.
    """
    paged: dict[tuple[str, str], list[Span]] = defaultdict(list)
    for span in spans:
        if span.statement.page:
            paged[family(span.statement), span.statement.number].append(span)
    if not paged:
        return ()
    known = _Known(spans)
    together = [pages for same_number in paged.values() for pages in _statements(same_number)]
    says_which_is_last = _formats_that_name_the_last_page(together)
    return tuple(
        missing
        for pages in together
        for missing in _missing_of(pages, known, family(pages[0].statement) in says_which_is_last)
    )


class _Known:
    """What came: which page opened with which balance, which days each format covers, when a balance was reached."""

    def __init__(self, spans: Sequence[Span]) -> None:
        self.ends = sorted({span.last for span in spans})
        self.first_by_end = {span.last: span.first for span in reversed(spans)}
        self.pages = {_opens(span) for span in spans if span.statement.page}
        self.closings = {span.statement.closing: span.last for span in reversed(spans)}
        covered: dict[str, list[Days]] = defaultdict(list)
        for span in spans:
            covered[family(span.statement)].append(span.days)
        self.covered = {name: joined(days) for name, days in covered.items()}

    def elsewhere(self, one: Span, days: Days) -> bool:
        """Whether statements of another format cover all these days."""
        return any(cover(runs, days) for name, runs in self.covered.items() if name != family(one.statement))

    def end_before(self, day: date) -> date | None:
        """Give the last day before this one on which a statement ended."""
        index = bisect_left(self.ends, day)
        return self.ends[index - 1] if index else None

    def end_after(self, day: date) -> date | None:
        """Give the first day after this one on which a statement ended."""
        index = bisect_right(self.ends, day)
        return self.ends[index] if index < len(self.ends) else None


def _opens(span: Span) -> _Opening:
    statement = span.statement
    opening = None if statement.opening is None else statement.opening.minor
    return family(statement), statement.number, _told_page(span, statement.page), opening


def _follows(span: Span) -> _Opening:
    """Name the page that must come after this one, as ``_opens`` does."""
    statement = span.statement
    closing = None if statement.closing is None else statement.closing.minor
    return family(statement), statement.number, _told_page(span, statement.page + 1), closing


def _told_page(span: Span, page: int) -> int:
    """Give the number of a page; 0 in MT940, where the pages of one file are one and named by the first of them."""
    return 0 if family(span.statement) == "MT940" else page


def _statements(pages: Sequence[Span]) -> Iterator[list[Span]]:
    """Put the pages that carry one number together, oldest statement first; a page that came twice counts once."""
    once = {
        (span.last, span.statement.page, span.statement.opening, span.statement.closing): span for span in pages
    }.values()
    together: list[Span] = []
    for span in sorted(once, key=lambda span: (span.last, span.statement.page)):
        if together and not _goes_on(together[-1], span):
            yield together
            together = []
        together.append(span)
    yield together


def _goes_on(page: Span, span: Span) -> bool:
    return (
        not page.statement.is_last_page
        and span.statement.page > page.statement.page
        and span.last - page.last <= _ONE_STATEMENT_WITHIN
    )


def _formats_that_name_the_last_page(statements: Sequence[Sequence[Span]]) -> set[str]:
    """Leave out the formats in which this bank hardly ever marks a page as the last one."""
    marked = Counter(family(pages[-1].statement) for pages in statements if pages[-1].statement.is_last_page)
    unmarked = Counter(family(pages[-1].statement) for pages in statements if not pages[-1].statement.is_last_page)
    return {name for name in marked | unmarked if unmarked[name] < 3 or unmarked[name] <= marked[name]}


def _missing_of(pages: Sequence[Span], known: _Known, says_which_is_last: bool) -> Iterator[Missing]:
    first, last = pages[0], pages[-1]
    # Some banks count on where others begin anew: only a balance nobody had before proves that a page is missing.
    before = known.end_before(first.last)
    if first.statement.page > 1 and before is not None and not _was_reached(first, known):
        numbers = (1, first.statement.page - 1)
        yield _missing(first, *numbers, after=before, before=first.last, resumes=first.last)
    for one, later in pairwise(pages):
        if later.statement.page > one.statement.page + 1 and not _came(one, later.last, known):
            numbers = (one.statement.page + 1, later.statement.page - 1)
            yield _missing(one, *numbers, after=one.last, before=later.last, resumes=later.last)
    if says_which_is_last and not last.statement.is_last_page and not _came(last, last.last, known):
        before = known.end_after(last.last) or last.last
        resumes = max(known.first_by_end[before], last.last)
        yield _missing(last, last.statement.page + 1, 0, after=last.last, before=before, resumes=resumes)


def _was_reached(page: Span, known: _Known) -> bool:
    reached = known.closings.get(page.statement.opening)
    return page.statement.opening is None or (reached is not None and reached <= page.last)


def _came(page: Span, until: date, known: _Known) -> bool:
    return _follows(page) in known.pages or known.elsewhere(page, Days(page.last, until))


def _missing(span: Span, first: int, last: int, *, after: date, before: date, resumes: date) -> Missing:
    """Build what is told of missing pages; ``last`` is 0 where nobody knows how many there are."""
    pages = (
        f"page {first}"
        if first == last
        else f"pages {first} to {last}"
        if last
        else f"page {first} and whatever follows"
    )
    statement = span.statement
    return Missing(
        after=after,
        before=before,
        resumes=max(resumes, after + ONE_DAY),
        where=f"within {span.title}: {pages}",
        finding=Finding(
            code="statement_pages_missing",
            severity=Severity.ERROR,
            place=statement.place,
            what=f"{pages} of {span.title} of {statement.account} never came",
            what_to_do="Fetch the whole statement again and put it into the inbox. Until then nobody is dunned.",
        ),
    )
