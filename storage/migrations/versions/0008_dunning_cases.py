"""The life of a case: what follows a hold, insolvency, what persons noted, successors, messages of debtors."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

APPEND_ONLY = ("insolvency", "case_decision", "successor", "message", "message_answered")


def upgrade() -> None:
    """Add what later decisions need; a hold of before goes on as is usual for its reason."""
    op.add_column("hold", sa.Column("after", sa.String(), nullable=False, server_default=""))
    op.add_column("hold", sa.Column("since", sa.Date(), nullable=True))
    op.add_column("hold_lifted", sa.Column("broken", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("debtor", sa.Column("last_seen_on", sa.Date(), nullable=True))
    op.create_table(
        "insolvency",
        sa.Column("company_id", sa.String(length=64), nullable=False),
        sa.Column("hold_id", sa.String(length=40), nullable=False),
        sa.Column("court", sa.Text(), nullable=False),
        sa.Column("file_number", sa.Text(), nullable=False),
        sa.Column("administrator", sa.Text(), nullable=False),
        sa.Column("file_by", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("company_id", "hold_id", name=op.f("pk_insolvency")),
        sa.ForeignKeyConstraint(
            ["company_id", "hold_id"],
            ["hold.company_id", "hold.hold_id"],
            name=op.f("fk_insolvency_company_id_hold_id"),
        ),
    )
    op.create_table(
        "case_decision",
        *_decided("case_decision"),
        sa.Column("debtor_number", sa.String(), nullable=False),
        sa.Column("item_id", sa.String(length=200), nullable=False),
        sa.Column("decided", sa.String(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("decided_on", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("company_id", "seq", name=op.f("pk_case_decision")),
    )
    op.create_table(
        "successor",
        *_decided("successor"),
        sa.Column("debtor_number", sa.String(), nullable=False),
        sa.Column("successor_number", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("decided_on", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("company_id", "seq", name=op.f("pk_successor")),
    )
    op.create_table(
        "message",
        *_decided("message"),
        sa.Column("message_id", sa.String(length=40), nullable=False),
        sa.Column("debtor_number", sa.String(), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("company_id", "message_id", name=op.f("pk_message")),
    )
    op.create_table(
        "message_answered",
        *_decided("message_answered"),
        sa.Column("message_id", sa.String(length=40), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("answered_on", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("company_id", "message_id", name=op.f("pk_message_answered")),
        sa.ForeignKeyConstraint(
            ["company_id", "message_id"],
            ["message.company_id", "message.message_id"],
            name=op.f("fk_message_answered_company_id_message_id"),
        ),
    )
    _guard()


def _decided(table: str) -> tuple[sa.Column[int] | sa.Column[str] | sa.ForeignKeyConstraint, ...]:
    """Give what ties a row to the decision that made it."""
    return (
        sa.Column("company_id", sa.String(length=64), nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["company_id", "seq"],
            ["decision.company_id", "decision.seq"],
            name=op.f(f"fk_{table}_company_id_seq"),
        ),
    )


def _guard() -> None:
    for table in APPEND_ONLY:
        if op.get_bind().dialect.name == "sqlite":
            for action in ("UPDATE", "DELETE"):
                op.execute(
                    f"CREATE TRIGGER {table}_no_{action.lower()} BEFORE {action} ON {table} "
                    f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
                )
        else:
            op.execute(
                f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
                "FOR EACH STATEMENT EXECUTE FUNCTION kontorist_append_only()"
            )


def downgrade() -> None:
    """Take it all back, with the guards."""
    for table in ("message_answered", "message", "successor", "case_decision", "insolvency"):
        op.drop_table(table)
    op.drop_column("debtor", "last_seen_on")
    op.drop_column("hold_lifted", "broken")
    op.drop_column("hold", "since")
    op.drop_column("hold", "after")
