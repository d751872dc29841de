"""Deliveries: raw bytes in parts, what each statement said of each entry and where, totals and their payments."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_ENTRY_TEXTS = ("ultimate_own_name", "purpose_code", "batch_reference", "transaction_id", "exchange_rate")


def upgrade() -> None:
    """Bring the tables forward; what is stored keeps its meaning."""
    _raw_parts()
    _statements()
    for name in _ENTRY_TEXTS:
        op.add_column("statement_entry", sa.Column(name, sa.Text(), nullable=False, server_default=""))
    op.drop_index("ix_statement_entry_company_id_account_booking_date", "statement_entry")
    op.create_index(
        op.f("ix_statement_entry_company_id_account_amount_minor_booking_date"),
        "statement_entry",
        ["company_id", "account", "amount_minor", "booking_date"],
    )
    op.add_column("statement_line", sa.Column("booking_no", sa.Text(), nullable=False, server_default=""))
    op.add_column("statement_line", sa.Column("booked", sa.Boolean(), nullable=False, server_default=sa.true()))
    op.add_column("statement_line", sa.Column("place", sa.Text(), nullable=False, server_default=""))
    for column, source in (("booking_no", "booking_ref"), ("place", "place")):
        op.execute(
            f"UPDATE statement_line SET {column} = (SELECT e.{source} FROM statement_entry e "
            "WHERE e.company_id = statement_line.company_id AND e.entry_id = statement_line.entry_id)"
        )
    with op.batch_alter_table("statement_line") as line:
        for column in ("statement_id", "entry_id"):
            line.drop_constraint(f"fk_statement_line_company_id_{column}", type_="foreignkey")
    op.create_table(
        "batch_payment",
        sa.Column("company_id", sa.String(length=64), nullable=False),
        sa.Column("payment_id", sa.String(length=40), nullable=False),
        sa.Column("total_id", sa.String(length=40), nullable=False),
        sa.Column("total_stands", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("company_id", "payment_id", name=op.f("pk_batch_payment")),
        sa.ForeignKeyConstraint(
            ["company_id", "payment_id"],
            ["statement_entry.company_id", "statement_entry.entry_id"],
            name=op.f("fk_batch_payment_company_id_payment_id"),
        ),
        sa.ForeignKeyConstraint(
            ["company_id", "total_id"],
            ["statement_entry.company_id", "statement_entry.entry_id"],
            name=op.f("fk_batch_payment_company_id_total_id"),
        ),
    )
    op.create_index(op.f("ix_batch_payment_company_id_total_id"), "batch_payment", ["company_id", "total_id"])


def _raw_parts() -> None:
    op.create_table(
        "raw_part",
        sa.Column("company_id", sa.String(length=64), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("part_no", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("company_id", "sha256", "part_no", name=op.f("pk_raw_part")),
        sa.ForeignKeyConstraint(
            ["company_id", "sha256"],
            ["raw_file.company_id", "raw_file.sha256"],
            name=op.f("fk_raw_part_company_id_sha256"),
        ),
    )
    op.execute("INSERT INTO raw_part SELECT company_id, sha256, 0, content FROM raw_file")
    op.drop_column("raw_file", "content")
    if op.get_bind().dialect.name == "sqlite":
        for action in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER raw_part_no_{action.lower()} BEFORE {action} ON raw_part "
                "BEGIN SELECT RAISE(ABORT, 'raw_part is append-only'); END"
            )
        return
    op.execute(
        "CREATE TRIGGER raw_part_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON raw_part "
        "FOR EACH STATEMENT EXECUTE FUNCTION kontorist_append_only()"
    )


def _statements() -> None:
    op.add_column("statement", sa.Column("binding", sa.Boolean(), nullable=False, server_default=sa.true()))
    op.add_column("statement", sa.Column("period_from", sa.Date(), nullable=True))
    op.add_column("statement", sa.Column("period_to", sa.Date(), nullable=True))
    op.add_column("statement", sa.Column("page", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("statement", sa.Column("is_last_page", sa.Boolean(), nullable=False, server_default=sa.true()))
    op.add_column("statement", sa.Column("first_day", sa.Date(), nullable=True))
    op.add_column("statement", sa.Column("last_day", sa.Date(), nullable=True))
    op.add_column("statement", sa.Column("bookings", sa.Integer(), nullable=False, server_default="0"))
    op.create_index(op.f("ix_statement_company_id_sha256"), "statement", ["company_id", "sha256"])
    told = (
        "FROM statement_line l JOIN statement_entry e ON e.company_id = l.company_id AND e.entry_id = l.entry_id "
        "WHERE l.company_id = statement.company_id AND l.statement_id = statement.statement_id"
    )
    op.execute(
        f"UPDATE statement SET first_day = (SELECT min(e.booking_date) {told}), "
        f"last_day = (SELECT max(e.booking_date) {told}), "
        f"bookings = (SELECT count(DISTINCT coalesce(nullif(e.booking_ref, ''), e.entry_id)) {told})"
    )


def downgrade() -> None:
    """Take the tables back; files of more than one part do not fit into the old table."""
    op.drop_table("batch_payment")
    with op.batch_alter_table("statement_line") as line:
        for table, column in (("statement", "statement_id"), ("statement_entry", "entry_id")):
            line.create_foreign_key(
                f"fk_statement_line_company_id_{column}", table, ["company_id", column], ["company_id", column]
            )
    for column in ("booking_no", "booked", "place"):
        op.drop_column("statement_line", column)
    for column in _ENTRY_TEXTS:
        op.drop_column("statement_entry", column)
    op.drop_index(op.f("ix_statement_entry_company_id_account_amount_minor_booking_date"), "statement_entry")
    op.create_index(
        "ix_statement_entry_company_id_account_booking_date",
        "statement_entry",
        ["company_id", "account", "booking_date"],
    )
    op.drop_index(op.f("ix_statement_company_id_sha256"), "statement")
    for column in (
        "binding",
        "period_from",
        "period_to",
        "page",
        "is_last_page",
        "first_day",
        "last_day",
        "bookings",
    ):
        op.drop_column("statement", column)
    _raw_files_whole()


def _raw_files_whole() -> None:
    sqlite = op.get_bind().dialect.name == "sqlite"
    guard = "raw_file_no_update" if sqlite else "raw_file_append_only ON raw_file"
    op.add_column("raw_file", sa.Column("content", sa.LargeBinary(), nullable=True))
    op.execute(f"DROP TRIGGER {guard}")
    op.execute(
        "UPDATE raw_file SET content = (SELECT p.content FROM raw_part p "
        "WHERE p.company_id = raw_file.company_id AND p.sha256 = raw_file.sha256 AND p.part_no = 0)"
    )
    if sqlite:
        op.execute(
            "CREATE TRIGGER raw_file_no_update BEFORE UPDATE ON raw_file "
            "BEGIN SELECT RAISE(ABORT, 'raw_file is append-only'); END"
        )
    else:
        op.execute(
            "CREATE TRIGGER raw_file_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON raw_file "
            "FOR EACH STATEMENT EXECUTE FUNCTION kontorist_append_only()"
        )
    op.drop_table("raw_part")
