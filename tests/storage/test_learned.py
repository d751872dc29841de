"""Revocations and rejections are decisions: dated, signed, in the log, and taken back by later ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reconciliation.rejections import Ground, Rejection, Subject
from reconciliation.revocations import PayerKind, Revocation
from storage.database import reading, transaction
from storage.decisions import broken_links, head
from storage.learned import load_revocations, revoke_payer
from storage.rejections import load_rejections, save_rejection, withdraw_rejections
from storage.statements import load_entries
from tests.storage.given import AUTHOR, BAKERY, COMPANY, RUN_DATE, a_full_life

if TYPE_CHECKING:
    from sqlalchemy import Engine


def test_the_last_word_on_a_pair_counts_however_the_payer_is_written(engine: Engine) -> None:
    spaced = " ".join(BAKERY[i : i + 4] for i in range(0, len(BAKERY), 4))
    with transaction(engine, COMPANY) as connection:
        for payer, revoked in ((BAKERY, True), (spaced, False), (BAKERY.lower(), True)):
            revoke_payer(
                connection,
                COMPANY,
                AUTHOR,
                kind=PayerKind.ACCOUNT,
                payer=payer,
                debtor_number="10001",
                why="moved",
                revoked=revoked,
            )
    with reading(engine) as connection:
        assert load_revocations(connection, COMPANY) == (
            Revocation(
                kind=PayerKind.ACCOUNT,
                payer=BAKERY.lower(),
                debtor_number="10001",
                revoked_on=RUN_DATE,
                who="test",
                why="moved",
            ),
        )
        assert load_revocations(connection, "other") == ()
        assert head(connection, COMPANY).seq == 3
        assert list(broken_links(connection, COMPANY)) == []


def test_a_rejection_is_kept_with_its_grounds_until_it_is_withdrawn(engine: Engine) -> None:
    subject = Subject(("list:invoice:RE-1", "list:invoice:RE-2"), ("10001",))
    grounds = (Ground("known_payer", "10001", 'das Konto der Bäckerei "Müller"'), Ground("payer_name", "10001", ""))
    with transaction(engine, COMPANY) as connection:
        a_full_life(connection, COMPANY)
        first, second, *_ = sorted(load_entries(connection, COMPANY))
        for entry_id in (first, second, first):
            save_rejection(connection, COMPANY, AUTHOR, entry_id=entry_id, subject=subject, grounds=grounds, why="no")
    kept = Rejection(entry_id=first, subject=subject, grounds=grounds, rejected_on=RUN_DATE, who="test", why="no")
    with reading(engine) as connection:
        standing = load_rejections(connection, COMPANY)
        assert standing.keys() == {first, second}
        assert standing[first] == (kept, kept)
    with transaction(engine, COMPANY) as connection:
        withdraw_rejections(connection, COMPANY, AUTHOR, first, "a slip")
        assert load_rejections(connection, COMPANY).keys() == {second}
        assert list(broken_links(connection, COMPANY)) == []
