"""Pictures that came with feedback from the web chat."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    op.create_table(
        "desk_pictures",
        sa.Column("id", _KEY, primary_key=True),
        sa.Column(
            "feedback_id", sa.Integer, sa.ForeignKey("desk_feedback.id", ondelete="CASCADE"), nullable=False
        ),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("data", sa.LargeBinary, nullable=False),
        sa.UniqueConstraint("feedback_id", "digest", name="uq_desk_pictures_once"),
    )
