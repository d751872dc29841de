"""Tokens of tools: sealed, renewed by one while the others wait, and never lost half-way."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import select

from ledger.errors import Refused
from storage.database import reading, transaction
from storage.tables import OAUTH_TOKEN
from storage.tokens import SealedTokens, StoredTokens
from tests.storage.given import COMPANY

if TYPE_CHECKING:
    from sqlalchemy import Engine

KEY = Fernet.generate_key()


def store(engine: Engine, key: bytes = KEY, source: str = "xero") -> SealedTokens:
    """Give the tokens of a source."""
    return SealedTokens(engine=engine, company_id=COMPANY, source=source, key=key)


def test_tokens_come_back_as_they_were_and_age(engine: Engine) -> None:
    assert store(engine).load() is None
    store(engine).replace(lambda _: StoredTokens("access-one", "refresh-one", 1_000))
    found = store(engine).load()
    assert found is not None
    assert (found.access, found.refresh) == ("access-one", "refresh-one")
    assert 990 < found.seconds_left <= 1_000
    assert store(engine, source="bexio").load() is None


def test_nothing_lies_in_the_clear(engine: Engine) -> None:
    tokens = StoredTokens("access-one", "refresh-one", 1_000)
    store(engine).replace(lambda _: tokens)
    with reading(engine) as connection:
        sealed = connection.execute(select(OAUTH_TOKEN.c.sealed)).scalar_one()
    assert b"access-one" not in sealed
    assert "one" not in repr(tokens)
    assert KEY.decode() not in repr(store(engine))


@pytest.mark.parametrize(
    "key", [Fernet.generate_key(), b"", b"half-a-key", KEY[:-3]], ids=["another", "none", "no key", "cut off"]
)
def test_another_or_a_damaged_key_opens_nothing_and_says_what_to_do(engine: Engine, key: bytes) -> None:
    store(engine).replace(lambda _: StoredTokens("access-one", "refresh-one", 1_000))
    with pytest.raises(Refused, match=r"consent again|every consent"):
        store(engine, key).load()


def test_what_goes_wrong_while_renewing_leaves_the_old_tokens(engine: Engine) -> None:
    store(engine).replace(lambda _: StoredTokens("access-one", "refresh-one", 1_000))

    def crash(_: StoredTokens | None) -> StoredTokens:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        store(engine).replace(crash)
    found = store(engine).load()
    assert found is not None
    assert found.refresh == "refresh-one"


def test_two_who_renew_at_once_ask_once_and_use_the_same_token(engine: Engine) -> None:
    store(engine).replace(lambda _: StoredTokens("access-0", "refresh-0", 0))
    asked, used = [], []
    begun = threading.Barrier(2)

    def renew(old: StoredTokens | None) -> StoredTokens:
        assert old is not None
        if old.seconds_left > 60:  # another was quicker
            return old
        asked.append(old.refresh)
        return StoredTokens(f"access-{len(asked)}", f"refresh-{len(asked)}", 3_600)

    def work() -> None:
        begun.wait(5)
        used.append(store(engine).replace(renew).access)

    both = [threading.Thread(target=work) for _ in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join(20)
    assert (asked, used) == (["refresh-0"], ["access-1", "access-1"])


def test_on_a_server_a_night_that_decides_does_not_hold_up_who_renews(engine: Engine) -> None:
    if engine.dialect.name == "sqlite":
        pytest.skip("a SQLite file has one writer")
    with transaction(engine, COMPANY):
        assert store(engine).replace(lambda _: StoredTokens("a", "r", 1)).access == "a"


def test_who_only_looks_waits_for_nobody(engine: Engine) -> None:
    store(engine).replace(lambda _: StoredTokens("a", "r", 1_000))
    with transaction(engine, COMPANY):
        assert store(engine).load() is not None
