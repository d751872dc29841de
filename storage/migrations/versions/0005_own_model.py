"""The company's own model and its certificate, draws for audit, drift, and how payments look each night."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

APPEND_ONLY = ("own_model", "own_model_reset", "audit_draw", "audit_result", "drift", "drift_ended")


def upgrade() -> None:
    """Make the tables; decisions among them are never changed."""
    _table(
        "own_model",
        "model_id",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("weights", sa.Text(), nullable=False),
        sa.Column("decisions", sa.Integer(), nullable=False),
        sa.Column("labels", sa.Integer(), nullable=False),
        sa.Column("labels_seq", sa.BigInteger(), nullable=False),
        sa.Column("adapted_on", sa.Date(), nullable=False),
        sa.Column("threshold", sa.Float(), nullable=True),
        sa.Column("target", sa.Float(), nullable=True),
        sa.Column("confidence", sa.Float(), nullable=True),
        sa.Column("accepted", sa.Integer(), nullable=True),
        sa.Column("errors", sa.Integer(), nullable=True),
        sa.Column("bound", sa.Float(), nullable=True),
        sa.Column("sample", sa.String(), nullable=True),
    )
    _table(
        "own_model_reset",
        "reset_id",
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("reset_on", sa.Date(), nullable=False),
    )
    _table(
        "audit_draw",
        "draw_id",
        sa.Column("entry_id", sa.String(length=40), nullable=False),
        sa.Column("booked_seq", sa.BigInteger(), nullable=False),
        sa.Column("evidence_class", sa.String(), nullable=False),
        sa.Column("drawn_on", sa.Date(), nullable=False),
        _to("decision", "audit_draw", "booked_seq", "seq"),
    )
    _table(
        "audit_result",
        "draw_id",
        sa.Column("is_right", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("audited_on", sa.Date(), nullable=False),
        _to("audit_draw", "audit_result", "draw_id", "draw_id"),
    )
    _table(
        "drift",
        "drift_id",
        sa.Column("causes", sa.Text(), nullable=False),
        sa.Column("noticed_on", sa.Date(), nullable=False),
    )
    _table(
        "drift_ended",
        "drift_id",
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("is_usual_now", sa.Boolean(), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=False),
        _to("drift", "drift_ended", "drift_id", "drift_id"),
    )
    op.create_table(
        "evidence_mix",
        sa.Column("company_id", sa.String(length=64), nullable=False),
        sa.Column("run_date", sa.Date(), nullable=False),
        sa.Column("look", sa.String(length=40), nullable=False),
        sa.Column("payments", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("company_id", "run_date", "look", name=op.f("pk_evidence_mix")),
    )
    _guard()


def _table(name: str, key: str, *more: sa.schema.SchemaItem) -> None:
    op.create_table(
        name,
        sa.Column("company_id", sa.String(length=64), nullable=False),
        sa.Column(key, sa.String(length=40), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        *more,
        sa.PrimaryKeyConstraint("company_id", key, name=op.f(f"pk_{name}")),
        _to("decision", name, "seq", "seq"),
    )


def _to(table: str, name: str, source: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["company_id", source],
        [f"{table}.company_id", f"{table}.{target}"],
        name=op.f(f"fk_{name}_company_id_{source}"),
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
    for table in ("evidence_mix", *reversed(APPEND_ONLY)):
        op.drop_table(table)
