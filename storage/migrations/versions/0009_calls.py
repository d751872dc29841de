"""What debtors said and agreed to: calls, promises, instalment plans; mails by their name, and bounces."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

APPEND_ONLY = (
    "call",
    "promise",
    "promise_ended",
    "instalment_plan",
    "instalment_plan_ended",
    "mail_message",
    "bounce",
)


def upgrade() -> None:
    """Make the tables; like every decision, their rows are never changed."""
    op.create_table(
        "call",
        sa.Column("company_id", sa.String(length=64), nullable=False),
        sa.Column("call_id", sa.String(length=40), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("debtor_number", sa.String(), nullable=False),
        sa.Column("called_on", sa.Date(), nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("spoke_to", sa.Text(), nullable=False),
        sa.Column("cause", sa.String(), nullable=False),
        sa.Column("disputes", sa.Text(), nullable=False),
        sa.Column("hold_ids", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("company_id", "call_id", name=op.f("pk_call")),
        sa.ForeignKeyConstraint(
            ["company_id", "seq"],
            ["decision.company_id", "decision.seq"],
            name=op.f("fk_call_company_id_seq"),
        ),
    )
    op.create_index(op.f("ix_call_company_id_debtor_number"), "call", ["company_id", "debtor_number"])
    op.create_table(
        "promise",
        sa.Column("company_id", sa.String(length=64), nullable=False),
        sa.Column("promise_id", sa.String(length=40), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("debtor_number", sa.String(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("made_on", sa.Date(), nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("hold_id", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("company_id", "promise_id", name=op.f("pk_promise")),
        sa.ForeignKeyConstraint(
            ["company_id", "seq"],
            ["decision.company_id", "decision.seq"],
            name=op.f("fk_promise_company_id_seq"),
        ),
    )
    op.create_table(
        "promise_ended",
        sa.Column("company_id", sa.String(length=64), nullable=False),
        sa.Column("promise_id", sa.String(length=40), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("company_id", "promise_id", name=op.f("pk_promise_ended")),
        sa.ForeignKeyConstraint(
            ["company_id", "promise_id"],
            ["promise.company_id", "promise.promise_id"],
            name=op.f("fk_promise_ended_company_id_promise_id"),
        ),
        sa.ForeignKeyConstraint(
            ["company_id", "seq"],
            ["decision.company_id", "decision.seq"],
            name=op.f("fk_promise_ended_company_id_seq"),
        ),
    )
    op.create_table(
        "instalment_plan",
        sa.Column("company_id", sa.String(length=64), nullable=False),
        sa.Column("plan_id", sa.String(length=40), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("debtor_number", sa.String(), nullable=False),
        sa.Column("agreed_on", sa.Date(), nullable=False),
        sa.Column("plan", sa.Text(), nullable=False),
        sa.Column("hold_id", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("company_id", "plan_id", name=op.f("pk_instalment_plan")),
        sa.ForeignKeyConstraint(
            ["company_id", "seq"],
            ["decision.company_id", "decision.seq"],
            name=op.f("fk_instalment_plan_company_id_seq"),
        ),
    )
    op.create_table(
        "instalment_plan_ended",
        sa.Column("company_id", sa.String(length=64), nullable=False),
        sa.Column("plan_id", sa.String(length=40), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("company_id", "plan_id", name=op.f("pk_instalment_plan_ended")),
        sa.ForeignKeyConstraint(
            ["company_id", "seq"],
            ["decision.company_id", "decision.seq"],
            name=op.f("fk_instalment_plan_ended_company_id_seq"),
        ),
        sa.ForeignKeyConstraint(
            ["company_id", "plan_id"],
            ["instalment_plan.company_id", "instalment_plan.plan_id"],
            name=op.f("fk_instalment_plan_ended_company_id_plan_id"),
        ),
    )
    op.create_table(
        "mail_message",
        sa.Column("company_id", sa.String(length=64), nullable=False),
        sa.Column("outbox_id", sa.String(length=80), nullable=False),
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("company_id", "outbox_id", name=op.f("pk_mail_message")),
        sa.ForeignKeyConstraint(
            ["company_id", "outbox_id"],
            ["outbox.company_id", "outbox.outbox_id"],
            name=op.f("fk_mail_message_company_id_outbox_id"),
        ),
    )
    op.create_table(
        "bounce",
        sa.Column("company_id", sa.String(length=64), nullable=False),
        sa.Column("bounce_id", sa.String(length=40), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("outbox_id", sa.String(), nullable=False),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("is_permanent", sa.Boolean(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("says", sa.Text(), nullable=False),
        sa.Column("bounced_on", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("company_id", "bounce_id", name=op.f("pk_bounce")),
        sa.ForeignKeyConstraint(
            ["company_id", "sha256"],
            ["document.company_id", "document.sha256"],
            name=op.f("fk_bounce_company_id_sha256"),
        ),
        sa.ForeignKeyConstraint(
            ["company_id", "seq"],
            ["decision.company_id", "decision.seq"],
            name=op.f("fk_bounce_company_id_seq"),
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
    op.drop_table("bounce")
    op.drop_table("mail_message")
    op.drop_table("instalment_plan_ended")
    op.drop_table("instalment_plan")
    op.drop_table("promise_ended")
    op.drop_table("promise")
    op.drop_table("call")
