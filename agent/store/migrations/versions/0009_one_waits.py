"""One row waits for a job in a thread; more is found by an index; PostgreSQL packs nothing that is packed already."""

from alembic import op

from agent.store.schema import ONE_WAITS, metadata

revision = "0009"
down_revision = "0008"

TWICE = """
delete from chat_threads where done_at = '' and thread <> '' and id not in
(select min(id) from chat_threads where done_at = '' and thread <> '' group by channel, thread, job)
"""


def upgrade() -> None:
    bind = op.get_bind()
    bind.exec_driver_sql(TWICE)
    bind.exec_driver_sql(ONE_WAITS)
    for table in ("chat_threads", "chat_seen", "reviews"):
        for index in sorted(metadata.tables[table].indexes, key=lambda one: str(one.name)):
            index.create(bind, checkfirst=True)
    if bind.dialect.name == "postgresql":
        bind.exec_driver_sql("alter table blobs alter column body set storage external")
