"""How much of a document stands under which VAT rate, and what a Skonto took from each of them."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add both columns; of what is there already nothing is known, so they are empty."""
    op.add_column("open_item", sa.Column("tax_shares", sa.Text(), nullable=False, server_default=""))
    op.add_column("allocation", sa.Column("tax_parts", sa.Text(), nullable=False, server_default=""))


def downgrade() -> None:
    """Take the columns back."""
    op.drop_column("allocation", "tax_parts")
    op.drop_column("open_item", "tax_shares")
