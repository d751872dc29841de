"""Why an accounting tool forbids to dun an item (Mahnsperre)."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing that is stored was forbidden."""
    op.add_column("open_item", sa.Column("dunning_block", sa.Text(), nullable=False, server_default=""))


def downgrade() -> None:
    """Forget it."""
    op.drop_column("open_item", "dunning_block")
