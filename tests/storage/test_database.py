"""What goes wrong with the database is said in words, with what to do; our own mistakes stay loud."""

from __future__ import annotations

import sqlite3
import threading
import time
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import insert, make_url, text
from sqlalchemy.exc import IntegrityError

from ledger.errors import ConnectorError, Refused, Unavailable
from storage.database import open_database, reading, transaction
from storage.decisions import Decided, append, broken_links, head
from storage.tables import SOURCE_READ
from tests.conftest import DATABASES
from tests.storage.given import AUTHOR, COMPANY, RUN_DATE

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Connection, Engine


def _said(url: str, base: Path, family: type[ConnectorError]) -> str:
    with pytest.raises(family) as refused:
        open_database(url, base=base)
    return str(refused.value)


def _note(connection: Connection, text: str = "") -> None:
    append(connection, COMPANY, AUTHOR, [Decided("note", {"text": text})])


def _note_where_nothing_can_be_written(connection: Connection) -> None:
    connection.exec_driver_sql("PRAGMA query_only = ON")
    _note(connection)


def _note_more_than_fits(connection: Connection) -> None:
    pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
    connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
    _note(connection, "x" * 100_000)


def _note_and_make_a_mistake(connection: Connection) -> None:
    _note(connection)
    raise ZeroDivisionError


def test_a_relative_path_begins_at_the_configuration(tmp_path: Path) -> None:
    open_database("sqlite:///kontorist.db", base=tmp_path).dispose()
    assert (tmp_path / "kontorist.db").is_file()


def test_opening_a_second_time_finds_everything_in_place(engine: Engine, database_url: str, tmp_path: Path) -> None:
    with transaction(engine, COMPANY) as connection:
        _note(connection)
    again = open_database(database_url, base=tmp_path)
    with reading(again) as connection:
        assert head(connection, COMPANY).seq == 1
    again.dispose()


@pytest.mark.parametrize(
    "url",
    [
        "",
        "kontorist.db",
        "oracle+nothing://x",
        "mysql://user@host/db",
        "postgresql+psycopg://user:secret@host:port/db",
        "sqlite:///kontorist.db?timeout=soon",
    ],
)
def test_a_url_that_cannot_be_used_is_refused_without_showing_a_password(url: str, tmp_path: Path) -> None:
    said = _said(url, tmp_path, Refused)
    assert said.startswith("database: the URL cannot be used: ")
    assert said.endswith("; write sqlite:///file.db or postgresql+psycopg://…")
    assert "secret" not in said


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / "kontorist.db").write_bytes(b"Belegnummer;Betrag\n" * 100)
    assert _said("sqlite:///kontorist.db", tmp_path, Refused) == (
        f"sqlite:///{tmp_path}/kontorist.db: this is not a database of Kontorist, or it is damaged "
        "(file is not a database)\n    Restore the last backup."
    )


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    assert _said("sqlite:///missing/kontorist.db", tmp_path, Refused) == (
        f"sqlite:///{tmp_path}/missing/kontorist.db: the database cannot be written (unable to open database file)\n"
        "    Give this user the right to write the file and its folder."
    )


def test_a_read_only_database_is_refused(tmp_path: Path) -> None:
    engine = open_database("sqlite:///kontorist.db", base=tmp_path)
    with (
        pytest.raises(Refused, match=r"cannot be written \(attempt to write a readonly database\)"),
        transaction(engine, COMPANY) as connection,
    ):
        _note_where_nothing_can_be_written(connection)
    engine.dispose()


def test_a_full_disk_undoes_the_step_and_says_so(tmp_path: Path) -> None:
    engine = open_database("sqlite:///kontorist.db", base=tmp_path)
    with pytest.raises(Refused) as refused, transaction(engine, COMPANY) as connection:
        _note_more_than_fits(connection)
    assert str(refused.value).endswith(
        "the disk is full (database or disk is full)\n"
        "    Nothing was lost: the step was undone. Make room and start again."
    )
    with reading(engine) as connection:
        assert head(connection, COMPANY).seq == 0
    engine.dispose()


def test_a_database_locked_by_another_program_can_be_tried_again(tmp_path: Path) -> None:
    url = "sqlite:///kontorist.db?timeout=0.2"
    engine = open_database(url, base=tmp_path)
    other = sqlite3.connect(tmp_path / "kontorist.db", isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    with pytest.raises(Unavailable) as refused, transaction(engine, COMPANY) as connection:
        _note(connection)
    assert "the database is locked by another program (database is locked)\n" in str(refused.value)
    with reading(engine) as connection:  # whoever only reads is not held up
        assert head(connection, COMPANY).seq == 0
    other.execute("ROLLBACK")
    other.close()
    with transaction(engine, COMPANY) as connection:
        _note(connection)
    engine.dispose()


def test_a_database_server_that_does_not_answer_can_be_tried_again(tmp_path: Path) -> None:
    said = _said("postgresql+psycopg://user:secret@127.0.0.1:9/kontorist", tmp_path, Unavailable)
    assert said.startswith("postgresql+psycopg://user:***@127.0.0.1:9/kontorist: the database does not answer (")
    assert said.endswith("    Check that the server runs and that this machine may reach it.")
    assert "secret" not in said


@pytest.mark.parametrize("database_url", DATABASES[1:], indirect=True)
@pytest.mark.parametrize("wrong", ["database", "user"])
def test_a_server_that_does_not_let_us_in_needs_a_person(database_url: str, tmp_path: Path, wrong: str) -> None:
    right = make_url(database_url)
    url = right.set(database="nowhere") if wrong == "database" else right.set(username="nobody")
    said = _said(url.render_as_string(hide_password=False), tmp_path, Refused)
    assert "the database does not let us in (" in said
    assert said.endswith("    Check user, password and name of the database in the configuration.")


def test_a_database_of_a_newer_version_is_left_alone(engine: Engine, database_url: str, tmp_path: Path) -> None:
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    said = _said(database_url, tmp_path, Refused)
    assert "a newer version of Kontorist wrote this database" in said
    assert said.endswith("    Install that version; nothing was changed.")


def test_our_own_mistake_is_not_blamed_on_the_world(engine: Engine) -> None:
    row = {"company_id": COMPANY, "source": "list", "read_on": RUN_DATE, "complete": True}
    with pytest.raises(IntegrityError), transaction(engine, COMPANY) as connection:
        connection.execute(insert(SOURCE_READ), [row, row])


def test_what_fails_leaves_nothing_behind(engine: Engine) -> None:
    with pytest.raises(ZeroDivisionError), transaction(engine, COMPANY) as connection:
        _note_and_make_a_mistake(connection)
    with reading(engine) as connection:
        assert head(connection, COMPANY).seq == 0


def test_whoever_reads_sees_one_picture_while_others_decide(engine: Engine) -> None:
    """An audit that runs during a night must not see half of it."""
    with reading(engine) as connection:
        assert head(connection, COMPANY).seq == 0
        with transaction(engine, COMPANY) as deciding:
            _note(deciding)
        assert head(connection, COMPANY).seq == 0
    with reading(engine) as connection:
        assert head(connection, COMPANY).seq == 1


def test_two_who_decide_for_a_company_at_once_wait_for_each_other(engine: Engine) -> None:
    """Each reads how many decisions there are and writes the next; none is lost and none is doubled."""

    def decide() -> None:
        for _ in range(5):
            with transaction(engine, COMPANY) as connection:
                seen = head(connection, COMPANY).seq
                time.sleep(0.002)
                append(connection, COMPANY, AUTHOR, [Decided("note", {"seen": seen})])

    people = [threading.Thread(target=decide) for _ in range(3)]
    for person in people:
        person.start()
    for person in people:
        person.join()
    with reading(engine) as connection:
        assert head(connection, COMPANY).seq == 15
        assert list(broken_links(connection, COMPANY)) == []
        seen = connection.execute(text("SELECT payload FROM decision ORDER BY seq")).scalars().all()
    assert seen == [f'{{"seen":{number}}}' for number in range(15)]
