"""The first tables, as agent/store/schema.py has them."""

from alembic import op

from agent.store.schema import metadata

revision = "0001"
down_revision = None
FIRST = ("blobs", "answers", "reviews", "signoffs", "log", "registry", "statements")


def upgrade() -> None:
    metadata.create_all(op.get_bind(), tables=[metadata.tables[name] for name in FIRST])
