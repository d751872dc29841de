"""The company's own rules about money that is not ours to match, and their end."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

APPEND_ONLY = ("company_rule", "company_rule_revoked")


def upgrade() -> None:
    """Make both tables; like every decision, their rows are never changed."""
    op.create_table(
        "company_rule",
        sa.Column("company_id", sa.String(length=64), nullable=False),
        sa.Column("rule_id", sa.String(length=40), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("effect", sa.String(), nullable=False),
        sa.Column("payer_account", sa.Text(), nullable=False),
        sa.Column("payer_name", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("transaction_code", sa.Text(), nullable=False),
        sa.Column("minimum_minor", sa.BigInteger(), nullable=True),
        sa.Column("maximum_minor", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("direction", sa.String(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("added_on", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("company_id", "rule_id", name=op.f("pk_company_rule")),
        sa.ForeignKeyConstraint(
            ["company_id", "seq"],
            ["decision.company_id", "decision.seq"],
            name=op.f("fk_company_rule_company_id_seq"),
        ),
    )
    op.create_table(
        "company_rule_revoked",
        sa.Column("company_id", sa.String(length=64), nullable=False),
        sa.Column("rule_id", sa.String(length=40), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("revoked_on", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("company_id", "rule_id", name=op.f("pk_company_rule_revoked")),
        sa.ForeignKeyConstraint(
            ["company_id", "seq"],
            ["decision.company_id", "decision.seq"],
            name=op.f("fk_company_rule_revoked_company_id_seq"),
        ),
        sa.ForeignKeyConstraint(
            ["company_id", "rule_id"],
            ["company_rule.company_id", "company_rule.rule_id"],
            name=op.f("fk_company_rule_revoked_company_id_rule_id"),
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
    op.drop_table("company_rule_revoked")
    op.drop_table("company_rule")
