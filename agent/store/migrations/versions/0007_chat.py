"""Who asked in chat, what Slack delivered already, and the tokens of the HTTP API."""

from alembic import op

from agent.store.schema import metadata

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    names = ("chat_seen", "chat_threads", "tokens")
    metadata.create_all(op.get_bind(), tables=[metadata.tables[name] for name in names])
