"""Accounting tools over the wire: what they said word for word, how far they were read, turns and tokens."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables; what was stored before was readable and named when it was last seen."""
    op.add_column("open_item", sa.Column("unread", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("debtor", sa.Column("missing", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.execute(
        "UPDATE debtor SET missing = true WHERE last_seen_on < (SELECT max(other.last_seen_on) FROM debtor AS other "
        "WHERE other.company_id = debtor.company_id AND other.source = debtor.source)"
    )
    op.execute(
        "UPDATE open_item SET unread = true WHERE in_open_set AND last_seen_on < (SELECT read_on FROM source_read "
        "WHERE source_read.company_id = open_item.company_id AND source_read.source = open_item.source)"
    )
    op.create_table(
        "source_cursor",
        sa.Column("company_id", sa.String(length=64), nullable=False),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("stream", sa.String(length=200), nullable=False),
        sa.Column("cursor", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("company_id", "source", "stream", name=op.f("pk_source_cursor")),
    )
    op.create_table(
        "remote_document",
        sa.Column("company_id", sa.String(length=64), nullable=False),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=200), nullable=False),
        sa.Column("remote_id", sa.String(length=200), nullable=False),
        sa.Column("item_id", sa.String(length=200), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("standing", sa.String(), nullable=False),
        sa.Column("read_on", sa.Date(), nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("company_id", "source", "kind", "remote_id", name=op.f("pk_remote_document")),
    )
    op.create_table(
        "wire_turn",
        sa.Column("company_id", sa.String(length=64), nullable=False),
        sa.Column("credential", sa.String(length=64), nullable=False),
        sa.Column("free_at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("company_id", "credential", name=op.f("pk_wire_turn")),
    )
    op.create_table(
        "oauth_token",
        sa.Column("company_id", sa.String(length=64), nullable=False),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("company_id", "source", name=op.f("pk_oauth_token")),
    )


def downgrade() -> None:
    """Forget the tools."""
    for table in ("oauth_token", "wire_turn", "remote_document", "source_cursor"):
        op.drop_table(table)
    op.drop_column("debtor", "missing")
    op.drop_column("open_item", "unread")
