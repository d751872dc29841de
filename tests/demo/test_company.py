"""The demo company is believable, complete, and adds up to the cent."""

from __future__ import annotations

import csv
import json
import re
import tomllib
from collections import Counter, defaultdict
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from schwifty import BIC, IBAN, registry
from stdnum import iso11649

from demo.company import DemoSummary, write_demo
from demo.movement import PaymentClass
from demo.names import BANKS, OWN_BANKS
from ledger.calendar import is_bank_day
from ledger.errors import Refused


@pytest.fixture(scope="module")
def summary(tmp_path_factory: pytest.TempPathFactory) -> DemoSummary:
    return write_demo(tmp_path_factory.mktemp("demo"))


@pytest.fixture(scope="module")
def truth(summary: DemoSummary) -> list[dict[str, Any]]:
    lines = (summary.folder / "truth.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


@pytest.fixture(scope="module")
def items(summary: DemoSummary) -> dict[str, dict[str, str]]:
    return {row["document_number"]: row for row in table(summary.folder / "open_items.csv")}


def table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def files_of(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def minor(text: str) -> int:
    whole, cents = text.split(".")
    return int(whole) * 100 + int(cents)


def test_the_same_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one", "two"):
        write_demo(tmp_path / name, debtors=40, items=120, months=1)
    assert files_of(tmp_path / "one") == files_of(tmp_path / "two")


def test_another_seed_gives_another_company(tmp_path: Path) -> None:
    write_demo(tmp_path / "one", seed=1, debtors=40, items=120, months=1)
    write_demo(tmp_path / "two", seed=2, debtors=40, items=120, months=1)
    assert files_of(tmp_path / "one")["debtors.csv"] != files_of(tmp_path / "two")["debtors.csv"]


def test_the_company_has_the_size_that_was_asked_for(summary: DemoSummary, items: dict[str, dict[str, str]]) -> None:
    debtors = table(summary.folder / "debtors.csv")
    assert (summary.debtors, summary.items) == (300, 1200) == (len(debtors), len(items))
    assert summary.credit_notes == sum(row["kind"] == "credit_note" for row in items.values()) > 0
    assert {row["debtor_number"] for row in items.values()} <= {row["debtor_number"] for row in debtors}
    assert len({row["name"] for row in debtors}) == 300


def test_enough_stays_unpaid_for_the_dunning(summary: DemoSummary) -> None:
    assert 150 <= summary.unpaid <= 200
    assert 80 <= summary.overdue < summary.unpaid


def test_every_way_of_paying_occurs(summary: DemoSummary) -> None:
    assert set(summary.classes) == {str(each) for each in PaymentClass}
    assert sum(summary.classes.values()) == summary.payments
    assert summary.classes["exact"] > max(n for name, n in summary.classes.items() if name != "exact")


def test_there_is_one_file_per_account_and_bank_day(summary: DemoSummary) -> None:
    days = [date(2026, m, d) for m in (4, 5, 6) for d in range(1, 31) if is_bank_day(date(2026, m, d))]
    assert [p.name for p in sorted((summary.folder / "inbox/hausbank").iterdir())] == [
        f"{day}_camt053.xml" for day in days
    ]
    assert [p.name for p in sorted((summary.folder / "inbox/sparkasse").iterdir())] == [
        f"{day}_mt940.sta" for day in days
    ]
    assert summary.statements == 2 * len(days)


def test_the_configuration_names_what_was_written(summary: DemoSummary) -> None:
    text = (summary.folder / "kontorist.toml").read_text(encoding="utf-8")
    (company,) = tomllib.loads(text)["company"]
    assert text.startswith("# ")
    assert (company["id"], company["country"], company["state"]) == ("muster", "DE", "BY")
    wanted = "street postcode city phone email contact managing_directors register_court register_number vat_id seat"
    assert set(company["letterhead"]) == set(wanted.split())
    (source,) = company["source"]
    assert (summary.folder / source["open_items"]).is_file()
    assert (summary.folder / source["debtors"]).is_file()
    assert tuple(bank["iban"] for bank in company["bank"]) == summary.accounts
    assert all((summary.folder / bank["inbox"]).is_dir() for bank in company["bank"])
    assert all(BIC(bank["bic"]).is_valid for bank in company["bank"])


def test_the_configuration_is_accepted_by_the_house(summary: DemoSummary) -> None:
    from config.loading import load_office

    office = load_office(summary.folder / "kontorist.toml", house=Path(__file__).parents[2] / "config")
    assert office.settings.company[0].own_accounts == summary.accounts


def test_every_iban_has_right_check_digits_and_belongs_to_no_real_bank(
    summary: DemoSummary, truth: list[dict[str, Any]]
) -> None:
    of_debtors = {iban for row in table(summary.folder / "debtors.csv") for iban in row["ibans"].split(";") if iban}
    ibans = of_debtors | {line["payer_iban"] for line in truth if line["payer_iban"]} | set(summary.accounts)
    assert len(ibans) > 300
    real = {bank.bank_code for bank in registry.get_banks_by_country("DE")}
    for iban in ibans:
        assert IBAN(iban).bank_code not in real


def test_no_invented_bank_exists() -> None:
    real = {bank.bic for bank in registry.get_banks_by_country("DE")}
    assert not real & {bank.bic for bank in (*BANKS, *OWN_BANKS)}


def test_nothing_invented_can_reach_anybody(summary: DemoSummary) -> None:
    for row in table(summary.folder / "debtors.csv"):
        assert not row["email"] or row["email"].endswith(".example")
        assert not row["phone"] or re.fullmatch(r"\+49 89 99998 \d{3}", row["phone"])


def test_payment_references_are_valid(items: dict[str, dict[str, str]]) -> None:
    references = [row["payment_reference"] for row in items.values() if row["payment_reference"]]
    assert len(references) > 50
    assert all(iso11649.is_valid(reference) for reference in references)


def test_each_truth_can_be_found_on_the_statements_without_doubt(truth: list[dict[str, Any]]) -> None:
    keys = Counter(
        (t["account"], t["booking_date"], t["amount_minor"], t["end_to_end_id"], t["remittance"], t["payer_iban"])
        for t in truth
    )
    assert max(keys.values()) == 1


def test_every_allocation_adds_up_to_its_payment(truth: list[dict[str, Any]]) -> None:
    for line in truth:
        moved = sum(
            a["amount_minor"]
            for a in line["allocations"]
            if a["kind"] in {"payment", "on_account"} or (a["kind"] == "bank_charge" and not a["document_number"])
        )
        assert not line["allocations"] or moved == line["amount_minor"], line


def test_no_document_is_settled_beyond_its_open_amount(
    truth: list[dict[str, Any]], items: dict[str, dict[str, str]]
) -> None:
    settled: defaultdict[str, int] = defaultdict(int)
    for line in truth:
        for allocation in line["allocations"]:
            if allocation["document_number"]:
                settled[allocation["document_number"]] += allocation["amount_minor"]
    for number, amount in settled.items():
        sign = 1 if items[number]["kind"] == "invoice" else -1
        assert 0 <= sign * amount <= minor(items[number]["open_amount"]), number


def test_nobody_pays_an_invoice_before_it_was_written(
    truth: list[dict[str, Any]], items: dict[str, dict[str, str]]
) -> None:
    for line in truth:
        for allocation in line["allocations"]:
            if number := allocation["document_number"]:
                assert items[number]["document_date"] < line["booking_date"], line


def test_skonto_in_time_is_in_time_and_late_skonto_is_late(
    truth: list[dict[str, Any]], items: dict[str, dict[str, str]]
) -> None:
    for line in truth:
        if line["class"].startswith("skonto"):
            until = items[line["allocations"][0]["document_number"]]["skonto_until"]
            assert (line["booking_date"] <= until) == (line["class"] == "skonto_in_time")
            assert any(a["kind"] == "skonto" for a in line["allocations"]) == (line["class"] == "skonto_in_time")


def test_a_returned_debit_follows_its_collection(truth: list[dict[str, Any]]) -> None:
    collected = {t["end_to_end_id"]: t for t in truth if t["class"] == "direct_debit"}
    for back in (t for t in truth if t["class"] == "returned_debit"):
        collection = collected[back["end_to_end_id"]]
        charge = -back["allocations"][1]["amount_minor"]
        assert back["booking_date"] > collection["booking_date"]
        assert back["amount_minor"] == -collection["amount_minor"] - charge


def test_a_broken_number_is_really_broken(summary: DemoSummary, truth: list[dict[str, Any]]) -> None:
    statements = "".join(
        data.decode("utf-8") for name, data in files_of(summary.folder).items() if name.startswith("inbox")
    )
    broken = [t for t in truth if t["class"] == "broken"]
    for line in broken:
        assert line["allocations"][0]["document_number"] in line["remittance"]
        assert line["remittance"] not in statements


def test_a_statement_file_of_the_savings_bank_obeys_its_format(summary: DemoSummary) -> None:
    for path in (summary.folder / "inbox/sparkasse").iterdir():
        text = path.read_bytes().decode("ascii")
        for field in re.findall(r"(?ms)^:86:(.*?)(?=^:\d|^-)", text):
            lines = field.split("\r\n")[:-1]
            assert len(lines) <= 6
            assert all(len(line) <= 65 for line in lines)
            glued = "".join(lines)
            assert all(len(part) <= 27 for part in re.findall(r"\?(?:2\d|6[0-3]|3[23])([^?]*)", glued)), glued


def test_the_statements_read_back_to_the_truth(summary: DemoSummary, truth: list[dict[str, Any]]) -> None:
    from connectors.bank.account import same_account
    from connectors.bank.reading import read_statements
    from ledger.text import squeeze

    wanted = Counter(
        (
            t["account"],
            t["booking_date"],
            t["amount_minor"],
            t["end_to_end_id"],
            t["remittance_squeezed"],
            t["payer_iban"],
        )
        for t in truth
    )
    found: Counter[tuple[str, str, int, str, str, str]] = Counter()
    for iban, inbox in zip(summary.accounts, ("hausbank", "sparkasse"), strict=True):
        closing = None
        for path in sorted((summary.folder / "inbox" / inbox).iterdir()):
            reading = read_statements(path)
            assert not reading.findings
            (statement,) = reading.statements
            assert same_account(statement.account, iban)
            assert statement.adds_up()
            assert closing in {None, statement.opening}
            closing = statement.closing
            found.update(
                (
                    iban,
                    e.booking_date.isoformat(),
                    e.amount.minor,
                    e.end_to_end_id,
                    squeeze(e.remittance_glued),
                    e.payer_iban,
                )
                for e in statement.entries
            )
    assert found == wanted


def test_the_lists_read_back_without_a_finding(summary: DemoSummary) -> None:
    from connectors.accounting import FileSource

    pulled = FileSource(
        name="file", open_items=summary.folder / "open_items.csv", debtors=summary.folder / "debtors.csv"
    ).pull()
    assert (len(pulled.items), len(pulled.debtors), pulled.findings, pulled.complete) == (1200, 300, (), True)


def test_a_company_that_is_already_there_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "kontorist.toml").write_text("# mine", encoding="utf-8")
    with pytest.raises(Refused, match="already there"):
        write_demo(tmp_path)
    assert files_of(tmp_path) == {"kontorist.toml": b"# mine"}


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(Refused, match="cannot be written"):
        write_demo(tmp_path / "file", debtors=5, items=10, months=1)


@pytest.mark.parametrize(
    ("debtors", "items", "months", "until"),
    [
        (1, 1, 1, date(2026, 6, 30)),
        (5, 3, 1, date(2026, 6, 30)),
        (3, 60, 3, date(2027, 1, 31)),
        (30, 90, 2, date(2026, 3, 15)),
    ],
)
def test_companies_of_other_sizes_and_days_work_as_well(
    tmp_path: Path, debtors: int, items: int, months: int, until: date
) -> None:
    summary = write_demo(tmp_path, debtors=debtors, items=items, months=months, until=until)
    assert (summary.debtors, summary.items) == (debtors, items)
    assert summary.last_day <= until
