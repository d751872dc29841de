"""One reading of a tool: whatever moves meanwhile, no open document is lost and none is counted twice."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.accounting.capability import Capability
from connectors.accounting.document import Contact, Document, RemoteKey, Standing
from connectors.accounting.source import Known
from connectors.accounting.sync import ToolSource
from connectors.accounting.tool import Changes
from connectors.wire.paging import Page, by_offset, numbered
from ledger.debtor import Debtor
from ledger.errors import NotThere, Refused, Unavailable, Unreadable
from ledger.finding import Finding
from ledger.money import Money
from ledger.open_item import ItemKind, OpenItem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

ALL = frozenset({Capability.READS_CHANGES, Capability.READS_ONE_ITEM})
BROKEN = Finding(code="unreadable_document", place="here", what="x", what_to_do="y")


def key(number: int) -> RemoteKey:
    """Give the key of an invoice."""
    return RemoteKey("invoice", str(number))


def document(number: int, standing: Standing = Standing.OPEN, *, readable: bool = True) -> Document:
    """Write an invoice over as many cents as its number."""
    item = OpenItem(
        item_id=f"fake:invoice:{number}",
        document_number=f"RE-{number}",
        kind=ItemKind.INVOICE,
        debtor_number="",
        document_date=date(2026, 4, 1),
        due_date=date(2026, 5, 1),
        amount=Money(number, "EUR"),
        open_amount=Money(number if standing is Standing.OPEN else 0, "EUR"),
    )
    return Document(
        key=key(number),
        number=f"RE-{number}",
        standing=standing,
        item=item if readable else None,
        payload={"id": number},
        contact_id="7",
        findings=() if readable else (BROKEN,),
    )


def debtor(number: str) -> Debtor:
    """Write a debtor."""
    return Debtor(number=number, name="Huber GmbH")


@dataclass
class FakeTool:
    """A tool whose lists change while they are read: ``moves`` happen before each page that is asked for."""

    documents: dict[int, Document] = field(default_factory=dict)
    changed: list[int] = field(default_factory=list)
    customers: list[Contact] = field(default_factory=lambda: [Contact(remote_id="7", debtor=debtor("10001"))])
    moves: list[Callable[[FakeTool], None]] = field(default_factory=list)
    size: int = 3
    name: str = "fake"
    capabilities: frozenset[Capability] = ALL
    says_total: bool = True
    offsets: bool = False
    asked: list[RemoteKey] = field(default_factory=list)
    errors: dict[int, Exception] = field(default_factory=dict)
    clock: str = "2026-05-05"

    def invoices(self, *numbers: int) -> FakeTool:
        """Write open invoices."""
        self.documents |= {number: document(number) for number in numbers}
        return self

    def check(self) -> str:
        return "fake answers"

    def contacts(self) -> Iterator[Contact]:
        yield from self.customers

    def open_documents(self) -> Iterator[Document]:
        def ask(number: int) -> Page:
            if self.moves:
                self.moves.pop(0)(self)
            start = number if self.offsets else (number - 1) * self.size
            rows = [{"id": n} for n, one in sorted(self.documents.items()) if one.standing is Standing.OPEN]
            return Page(rows=rows[start : start + self.size], total=len(rows) if self.says_total else None)

        rows = (
            by_offset(ask, size=self.size, identity=lambda row: str(row["id"]))
            if self.offsets
            else numbered(ask, first=1, size=self.size, identity=lambda row: str(row["id"]))
        )
        for row in rows:
            yield self.documents.get(row["id"], document(row["id"]))

    def changed_documents(self, since: str) -> Changes:
        return Changes(documents=[self.documents[n] for n in self.changed] if since else (), cursor=self.clock)

    def document(self, wanted: RemoteKey) -> Document:
        self.asked.append(wanted)
        if (number := int(wanted.remote_id)) in self.errors:
            raise self.errors[number]
        if number not in self.documents:
            raise NotThere(f"{number} is not there")
        return self.documents[number]


def known(*numbers: int, cursor: str = "2026-05-04") -> Known:
    """Give what was open at the last reading."""
    return Known(open={key(n): f"fake:invoice:{n}" for n in numbers}, cursors={"changes": cursor} if cursor else {})


def numbers(items: Any) -> list[int]:
    """Name invoices by their numbers, in order."""
    return sorted(item.amount.minor for item in items)


def test_the_first_night_reads_everything() -> None:
    pulled = ToolSource(FakeTool().invoices(*range(1, 11))).pull()
    assert numbers(pulled.items) == list(range(1, 11))
    assert (pulled.complete, pulled.cursors, pulled.findings) == (True, {"changes": "2026-05-05"}, ())
    assert {item.debtor_number for item in pulled.items} == {"10001"}


def test_ten_thousand_documents_are_read_once_each() -> None:
    tool = FakeTool(size=1_000).invoices(*range(1, 10_001))
    pulled = ToolSource(tool).pull(known(*range(1, 10_001)))
    assert len(pulled.items) == 10_000
    assert len({item.item_id for item in pulled.items}) == 10_000
    assert (pulled.complete, tool.asked) == (True, [])


@pytest.mark.parametrize("offsets", [False, True])
def test_a_document_that_slips_past_while_pages_are_read_is_found(*, offsets: bool) -> None:
    def paid(tool: FakeTool) -> None:
        tool.documents[1] = document(1, Standing.SETTLED)

    tool = FakeTool(moves=[lambda _: None, paid], offsets=offsets).invoices(*range(1, 8))
    pulled = ToolSource(tool).pull()
    assert pulled.complete
    assert set(numbers(pulled.items)) >= set(range(2, 8))


def test_pages_that_never_stand_still_are_no_whole_list() -> None:
    def another(tool: FakeTool) -> None:
        tool.invoices(len(tool.documents) + 1)

    tool = FakeTool(moves=[another] * 100).invoices(*range(1, 8))
    pulled = ToolSource(tool).pull(known(*range(1, 8)))
    assert not pulled.complete
    assert set(numbers(pulled.items)) >= set(range(1, 8))


Move = tuple[str, int]


def _move(kind: str, number: int) -> Callable[[FakeTool], None]:
    def move(tool: FakeTool) -> None:
        if kind == "new":
            tool.invoices(number)
            tool.changed.append(number)
        elif number in tool.documents and number % 2:  # even ones stay open all the time
            standing = {"pay": Standing.SETTLED, "cancel": Standing.CANCELLED}.get(kind)
            if standing is None:
                del tool.documents[number]
                tool.changed = [one for one in tool.changed if one != number]
            else:
                tool.documents[number] = document(number, standing)
                tool.changed.append(number)

    return move


@settings(deadline=None, max_examples=120)
@given(
    before=st.sets(st.integers(10, 60), max_size=25),
    moves=st.lists(st.tuples(st.sampled_from(["new", "pay", "cancel", "delete"]), st.integers(1, 70)), max_size=30),
    size=st.integers(1, 6),
    says_total=st.booleans(),
    offsets=st.booleans(),
)
def test_whatever_moves_no_document_that_was_open_all_the_time_is_lost_or_counted_twice(
    *, before: set[int], moves: list[Move], size: int, says_total: bool, offsets: bool
) -> None:
    tool = FakeTool(
        size=size, says_total=says_total, offsets=offsets, moves=[_move(kind, number) for kind, number in moves]
    ).invoices(*before)
    pulled = ToolSource(tool).pull(known(*before))

    read = numbers(pulled.items)
    assert len(read) == len(set(read)), "counted twice"
    keys = [one.key for one in pulled.documents]
    assert len(keys) == len(set(keys)), "saved twice"
    assert {number for number in before if number % 2 == 0} <= set(read), "lost"
    assert {key(number) for number in before} <= {one.key for one in pulled.documents}, (
        "nobody asked what became of it"
    )
    assert not pulled.unclear


@pytest.mark.parametrize(
    ("becomes", "left"),
    [
        (Standing.SETTLED, []),
        (Standing.CANCELLED, [Standing.CANCELLED]),
        (Standing.WRITTEN_OFF, [Standing.WRITTEN_OFF]),
        (Standing.DRAFT, [Standing.DRAFT]),
        (None, [Standing.DELETED]),
    ],
)
def test_what_left_the_open_set_is_asked_for_by_its_id(becomes: Standing | None, left: list[Standing]) -> None:
    tool = FakeTool().invoices(1, 2)
    if becomes is None:
        del tool.documents[1]
    else:
        tool.documents[1] = document(1, becomes)
    pulled = ToolSource(tool).pull(known(1, 2))
    assert tool.asked == [key(1)]
    assert [one.standing for one in pulled.left] == left
    assert {one.key: one.standing for one in pulled.documents}[key(1)] is (becomes or Standing.DELETED)


def test_more_than_a_night_asks_for_waits_and_nobody_is_dunned_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("connectors.accounting.sync._LOOKED_AFTER", 3)
    tool = FakeTool()
    tool.documents = {number: document(number, Standing.SETTLED) for number in range(1, 6)}
    pulled = ToolSource(tool).pull(known(1, 2, 3, 4, 5))
    assert len(tool.asked) == 3
    assert pulled.unclear == {key(4), key(5)}
    assert [finding.code for finding in pulled.findings] == ["items_not_looked_after"]


@pytest.mark.parametrize("error", [Refused("403"), Unreadable("a web page")])
def test_a_document_the_tool_keeps_to_itself_stays_unclear_and_the_others_go_on(error: Exception) -> None:
    tool = FakeTool(errors={1: error}).invoices(3)
    pulled = ToolSource(tool).pull(known(1, 2, 3))
    assert (set(pulled.unclear), numbers(pulled.items)) == ({key(1)}, [3])
    assert [finding.place for finding in pulled.findings] == ["fake: invoice 1"]


@pytest.mark.parametrize("error", [Refused("401"), Unreadable("a web page")])
def test_a_tool_that_says_nothing_of_any_document_has_failed(error: Exception) -> None:
    tool = FakeTool(errors=dict.fromkeys(range(100), error))
    with pytest.raises(type(error)):
        ToolSource(tool).pull(known(*range(100)))
    assert len(tool.asked) < 30


def test_a_tool_that_is_down_in_the_middle_gives_nothing_at_all() -> None:
    def down(_: FakeTool) -> None:
        raise Unavailable("down")

    for at in range(4):
        tool = FakeTool(moves=[*([lambda _: None] * at), down]).invoices(*range(1, 12))
        with pytest.raises(Unavailable):
            ToolSource(tool).pull(known(1, 2))
        assert numbers(ToolSource(tool).pull(known(1, 2)).items) == list(range(1, 12))


def test_a_document_that_cannot_be_read_is_one_finding_and_still_there() -> None:
    tool = FakeTool().invoices(1, 2, 3)
    tool.documents[2] = document(2, readable=False)
    pulled = ToolSource(tool).pull(known(1, 2, 3))
    assert (numbers(pulled.items), len(pulled.documents)) == ([1, 3], 3)
    assert (pulled.findings, tool.asked, pulled.left) == ((BROKEN,), [], ())


def test_a_document_without_an_id_is_told_and_the_list_is_not_whole() -> None:
    tool = FakeTool().invoices(1, 2)
    tool.documents[2] = replace(document(2), key=RemoteKey("invoice", ""))
    pulled = ToolSource(tool).pull()
    assert (numbers(pulled.items), pulled.complete, len(pulled.findings)) == ([1], False, 1)


def test_what_changed_is_known_though_it_was_written_and_paid_in_between() -> None:
    tool = FakeTool(changed=[1, 2]).invoices(1)
    tool.documents[2] = document(2, Standing.SETTLED)
    pulled = ToolSource(tool).pull(known())
    assert {one.key: one.standing for one in pulled.documents} == {
        key(1): Standing.OPEN,
        key(2): Standing.SETTLED,
    }


@pytest.mark.parametrize(
    ("clock", "before", "after"),
    [("2026-05-05", "", "2026-05-05"), ("2026-05-03", "2026-05-04", "2026-05-03"), ("", "", ""), ("", "x", "")],
    ids=["first", "set back", "none", "none any more"],
)
def test_how_far_was_read_is_what_the_tool_says(clock: str, before: str, after: str) -> None:
    pulled = ToolSource(FakeTool(clock=clock).invoices(1)).pull(known(cursor=before))
    assert pulled.cursors == ({"changes": after} if after else {})


def test_changes_whose_pages_never_add_up_are_asked_for_from_the_same_place_again() -> None:
    class NeverWhole(FakeTool):
        def changed_documents(self, since: str) -> Changes:
            def ask(number: int) -> Page:
                return Page(rows=[{"id": number}] if number < 3 else [], total=9)

            rows = numbered(ask, first=1, size=1, identity=lambda row: str(row["id"]))
            return Changes(documents=(document(row["id"]) for row in rows), cursor="new")

    assert ToolSource(NeverWhole()).pull(known()).cursors == {"changes": "2026-05-04"}


CONTACTS: Mapping[str, tuple[list[Contact], str | None]] = {
    "by its number": ([Contact(remote_id="7", debtor=debtor("10001"))], "10001"),
    "not listed: by its id": ([], "7"),
    "listed twice": ([Contact(remote_id="7", debtor=debtor("10001"))] * 2, "10001"),
    "unreadable: stays as it was": ([Contact(remote_id="7", debtor=None, findings=(BROKEN,))], None),
}


@pytest.mark.parametrize(("customers", "number"), CONTACTS.values(), ids=CONTACTS)
def test_a_debtor_is_named_by_the_number_people_see(customers: list[Contact], number: str | None) -> None:
    pulled = ToolSource(FakeTool(customers=customers).invoices(1)).pull()
    assert [item.debtor_number for item in pulled.items] == ([number] if number else [])
    assert len(pulled.documents) == 1


def test_customers_that_come_and_go_all_the_time_stop_the_reading() -> None:
    @dataclass
    class Restless(FakeTool):
        times: int = 0
        restless: bool = True

        def contacts(self) -> Iterator[Contact]:
            self.times += self.restless

            def ask(_: int) -> Page:
                return Page(rows=[{"id": self.times}], total=2, more=False)

            for row in numbered(ask, first=1, size=1, identity=lambda row: str(row["id"])):
                yield Contact(remote_id=str(row["id"]), debtor=debtor(str(row["id"])))

    with pytest.raises(Unavailable, match="came or went"):
        ToolSource(Restless()).pull()
    assert len(ToolSource(Restless(restless=False)).pull().debtors) == 1, "nobody new: it counts otherwise"


def test_a_debtor_that_only_a_document_names_is_kept_and_the_list_wins() -> None:
    tool = FakeTool().invoices(1, 2)
    tool.documents[1] = replace(document(1), contact_id="99", debtor=debtor("x"))
    tool.documents[2] = replace(document(2), debtor=debtor("y"))
    assert sorted(one.number for one in ToolSource(tool).pull().debtors) == ["10001", "99"]


def test_reading_one_again_knows_what_was_deleted() -> None:
    tool = FakeTool().invoices(1)
    assert ToolSource(tool).reread(key(1)).standing is Standing.OPEN
    assert ToolSource(tool).reread(key(2)).standing is Standing.DELETED


def test_a_tool_that_cannot_be_asked_for_one_document_leaves_the_absent_in_peace() -> None:
    tool = FakeTool(capabilities=frozenset()).invoices(1)
    pulled = ToolSource(tool).pull(known(1, 2))
    assert (set(pulled.unclear), tool.asked) == ({key(2)}, [])
