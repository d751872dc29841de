"""What people said against the learned and the proposed: revoked payers, rejected bookings."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

APPEND_ONLY = ("payer_revocation", "rejection")


def upgrade() -> None:
    """Make both tables; like every decision, their rows are never changed."""
    op.create_table(
        "payer_revocation",
        sa.Column("company_id", sa.String(length=64), nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("payer", sa.Text(), nullable=False),
        sa.Column("debtor_number", sa.String(), nullable=False),
        sa.Column("revoked", sa.Boolean(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("decided_on", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("company_id", "seq", name=op.f("pk_payer_revocation")),
        sa.ForeignKeyConstraint(
            ["company_id", "seq"],
            ["decision.company_id", "decision.seq"],
            name=op.f("fk_payer_revocation_company_id_seq"),
        ),
    )
    op.create_table(
        "rejection",
        sa.Column("company_id", sa.String(length=64), nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("entry_id", sa.String(length=40), nullable=False),
        sa.Column("rejected", sa.Boolean(), nullable=False),
        sa.Column("item_ids", sa.Text(), nullable=False),
        sa.Column("debtor_numbers", sa.Text(), nullable=False),
        sa.Column("grounds", sa.Text(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("decided_on", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("company_id", "seq", name=op.f("pk_rejection")),
        sa.ForeignKeyConstraint(
            ["company_id", "seq"],
            ["decision.company_id", "decision.seq"],
            name=op.f("fk_rejection_company_id_seq"),
        ),
        sa.ForeignKeyConstraint(
            ["company_id", "entry_id"],
            ["statement_entry.company_id", "statement_entry.entry_id"],
            name=op.f("fk_rejection_company_id_entry_id"),
        ),
    )
    _guard()


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
    op.drop_table("rejection")
    op.drop_table("payer_revocation")
