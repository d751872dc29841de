"""How much of the lump sum (Verzugspauschale) a notice asked for on each of its items."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; no notice before asked for any."""
    op.add_column("notice_item", sa.Column("lump_sum_minor", sa.BigInteger(), nullable=False, server_default="0"))


def downgrade() -> None:
    """Take the column back."""
    op.drop_column("notice_item", "lump_sum_minor")
