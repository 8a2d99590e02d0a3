"""What was asked in chat and is not answered yet, and who is connected to Slack."""

from alembic import op

from agent.store.schema import metadata

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    names = ("chat_inbox", "chat_lines")
    metadata.create_all(op.get_bind(), tables=[metadata.tables[name] for name in names])
