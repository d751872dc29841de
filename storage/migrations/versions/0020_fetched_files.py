"""Statement files fetched by wire: what was taken from a folder elsewhere, so that it is taken once."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table; before, nothing was fetched."""
    op.create_table(
        "fetched_file",
        sa.Column("company_id", sa.String(length=64), nullable=False),
        sa.Column("fetch", sa.String(length=40), nullable=False),
        sa.Column("name_hash", sa.String(length=64), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("modified_at", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("company_id", "fetch", "name_hash", name=op.f("pk_fetched_file")),
    )


def downgrade() -> None:
    """Forget what was fetched: it is fetched once more, and known by its content."""
    op.drop_table("fetched_file")
