"""What is known of the way of mails and letters to the debtor; which letters were printed in which file."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0009"
branch_labels = None
depends_on = None

APPEND_ONLY = ("receipt", "print_batch", "print_batch_letter", "print_batch_laid")

# Every letter an earlier version sent was laid out for printing on the same day; it is not printed once more.
_PRINTED_BEFORE = (
    "INSERT INTO print_batch_letter (company_id, outbox_id, batch_id, position) "
    "SELECT company_id, outbox_id, NULL, 0 FROM outbox "
    "WHERE kind = 'file' AND status = 'sent' AND path LIKE 'letters/%'"
)


def upgrade() -> None:
    """Make the tables; like every decision, their rows are never changed."""
    op.add_column("bounce", sa.Column("gave_up", sa.Boolean(), nullable=True))
    op.create_table(
        "receipt",
        sa.Column("company_id", sa.String(length=64), nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("outbox_id", sa.String(length=80), nullable=False),
        sa.Column("proof", sa.String(), nullable=False),
        sa.Column("happened_on", sa.Date(), nullable=False),
        sa.Column("happened_at", sa.String(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("company_id", "seq", name=op.f("pk_receipt")),
        _refers("receipt", "decision", "seq"),
        _refers("receipt", "outbox", "outbox_id"),
    )
    op.create_index(op.f("ix_receipt_company_id_outbox_id"), "receipt", ["company_id", "outbox_id"])
    op.create_table(
        "print_batch",
        sa.Column("company_id", sa.String(length=64), nullable=False),
        sa.Column("batch_id", sa.String(length=80), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("company_id", "batch_id", name=op.f("pk_print_batch")),
        _refers("print_batch", "decision", "seq"),
    )
    op.create_table(
        "print_batch_letter",
        sa.Column("company_id", sa.String(length=64), nullable=False),
        sa.Column("outbox_id", sa.String(length=80), nullable=False),
        sa.Column("batch_id", sa.String(length=80), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("company_id", "outbox_id", name=op.f("pk_print_batch_letter")),
        _refers("print_batch_letter", "outbox", "outbox_id"),
        _refers("print_batch_letter", "print_batch", "batch_id"),
    )
    op.create_table(
        "print_batch_laid",
        sa.Column("company_id", sa.String(length=64), nullable=False),
        sa.Column("batch_id", sa.String(length=80), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("company_id", "batch_id", name=op.f("pk_print_batch_laid")),
        _refers("print_batch_laid", "decision", "seq"),
        _refers("print_batch_laid", "print_batch", "batch_id"),
    )
    op.execute(_PRINTED_BEFORE)
    _guard()


def _refers(table: str, to: str, column: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["company_id", column], [f"{to}.company_id", f"{to}.{column}"], name=op.f(f"fk_{table}_company_id_{column}")
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
    """Take the tables back, with their guards."""
    op.drop_table("print_batch_laid")
    op.drop_table("print_batch_letter")
    op.drop_table("print_batch")
    op.drop_table("receipt")
    op.drop_column("bounce", "gave_up")
