"""The first tables, exactly as agent/store/schema.py has them."""

from alembic import op

from agent.store.schema import metadata

revision = "0001"
down_revision = None


def upgrade() -> None:
    metadata.create_all(op.get_bind())
