"""What persons note of default (when it happened, agreed days and months), and where a notice was sent to."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns; of what was noted and sent before, nobody knows more."""
    op.add_column("case_decision", sa.Column("happened_on", sa.Date(), nullable=True))
    op.add_column("case_decision", sa.Column("days", sa.Integer(), nullable=True))
    op.add_column("case_decision", sa.Column("months", sa.Integer(), nullable=True))
    op.add_column("notice", sa.Column("sent_to", sa.Text(), nullable=True))


def downgrade() -> None:
    """Take the columns back."""
    op.drop_column("notice", "sent_to")
    for column in ("months", "days", "happened_on"):
        op.drop_column("case_decision", column)
