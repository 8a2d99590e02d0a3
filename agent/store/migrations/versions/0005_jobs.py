"""What workers are to do, which ticks of a schedule are done, what is left of limits, how old others' tables are."""

from alembic import op

from agent.store.schema import metadata

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    metadata.create_all(op.get_bind(), tables=[metadata.tables[name] for name in ("jobs", "ticks", "parts", "buckets")])
