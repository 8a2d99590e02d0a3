"""Our tables. Times are ISO 8601 text in UTC, so that SQLite and PostgreSQL hold the same thing."""

from __future__ import annotations

from sqlalchemy import (
    DDL,
    Column,
    Double,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    event,
)

metadata = MetaData()

# Write-once bytes by the SHA-256 of themselves: evidence, gaps, gates, cards, plans, review documents, envelopes.
blobs = Table(
    "blobs", metadata,
    Column("digest", String(64), primary_key=True),
    Column("kind", String(20), nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("stored_at", String(40), nullable=False),
)  # fmt: skip

# Which answer a question had from a source, and when: where collect looks before it asks.
answers = Table(
    "answers", metadata,
    Column("id", Integer, primary_key=True),
    Column("request_key", String(64), nullable=False),
    Column("source_key", String(64), nullable=False),
    Column("collected_at", String(40), nullable=False),
    Column("digest", String(64), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("review", String(40), nullable=False),
    Index("answers_by_question", "request_key", "source_key", "id"),
)  # fmt: skip

reviews = Table(
    "reviews", metadata,
    Column("id", String(40), primary_key=True),
    Column("seq", Integer, nullable=False, unique=True),
    Column("subject", String(200), nullable=False),
    Column("version", String(100), nullable=False),
    Column("gate", String(100), nullable=False),
    Column("as_of", String(40), nullable=False),
    Column("started_at", String(40), nullable=False),
    Column("started_by", String(100), nullable=False, server_default=""),
    Column("rehearsal", Integer, nullable=False),
    Column("sandbox", Integer, nullable=False, server_default="1"),
    Column("graph_version", String(20), nullable=False),
    # running → signing → complete → reported; or superseded, returned (more evidence), revoked, failed
    Column("state", String(20), nullable=False),
    Column("document", String(64), nullable=False, server_default=""),
    Column("digest", String(64), nullable=False, server_default=""),
    Column("proposal", String(20), nullable=False, server_default=""),
    Column("decision", String(20), nullable=False, server_default=""),
    Column("supersedes", String(40), nullable=False, server_default=""),
    Column("ended_by", String(100), nullable=False, server_default=""),
    Column("bundle", Text, nullable=False, server_default=""),
    Column("lease_holder", String(200), nullable=False, server_default=""),
    Column("lease_until", String(40), nullable=False, server_default=""),
    Index("reviews_by_subject", "subject", "version", "gate", "seq"),
    Index("reviews_by_state", "state", "seq"),
)  # fmt: skip

signoffs = Table(
    "signoffs", metadata,
    Column("id", Integer, primary_key=True),
    Column("review", String(40), nullable=False),
    Column("role", String(40), nullable=False),
    Column("digest", String(64), nullable=False),
    Column("person", String(100), nullable=False),
    Column("at", String(40), nullable=False),
    Column("body", Text, nullable=False),
    UniqueConstraint("review", "role", "digest", name="one_signoff_a_role"),
)  # fmt: skip

# Append-only. `hash` chains the whole locker, `review_hash` the entries of one review: that chain goes into the bundle.
log = Table(
    "log", metadata,
    Column("seq", Integer, primary_key=True),
    Column("review", String(40), nullable=False),
    Column("at", String(40), nullable=False),
    Column("event", String(40), nullable=False),
    Column("body", Text, nullable=False),
    Column("review_hash", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
    Index("log_by_review", "review", "seq"),
)  # fmt: skip

registry = Table(
    "registry", metadata,
    Column("subject", String(200), primary_key=True),
    Column("version", String(100), primary_key=True),
    Column("gate", String(100), primary_key=True),
    Column("status", String(60), nullable=False),
    Column("decision", String(20), nullable=False),
    Column("launch", String(20), nullable=False),
    Column("valid_until", String(40), nullable=False, server_default=""),
    Column("review", String(40), nullable=False),
    Column("updated_at", String(40), nullable=False),
)  # fmt: skip

# Messages to people, put here by the transaction of the event that they tell of; `how` says through what they went.
outbox = Table(
    "outbox", metadata,
    Column("id", Integer, primary_key=True),
    Column("review", String(40), nullable=False),
    Column("person", String(100), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("about", Text, nullable=False),
    Column("due_at", String(40), nullable=False),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("error", Text, nullable=False, server_default=""),
    Column("claimed_until", String(40), nullable=False, server_default=""),
    Column("done_at", String(40), nullable=False, server_default=""),
    Column("how", String(200), nullable=False, server_default=""),
    UniqueConstraint("review", "person", "kind", name="each_is_told_once"),
    Index("outbox_by_due", "done_at", "due_at"),
)  # fmt: skip

statements = Table(
    "statements", metadata,
    Column("digest", String(64), primary_key=True),
    Column("subject", String(200), nullable=False),
    Column("made_at", String(40), nullable=False),
    Column("author", String(100), nullable=False),
    Index("statements_by_subject", "subject"),
)  # fmt: skip

# What each version of a gate or control was at its first use, by its digest among the blobs.
versions = Table(
    "versions", metadata,
    Column("kind", String(20), primary_key=True),
    Column("id", String(100), primary_key=True),
    Column("version", String(100), primary_key=True),
    Column("digest", String(64), nullable=False),
    Column("review", String(40), nullable=False),
    Column("at", String(40), nullable=False),
)  # fmt: skip

# A few words of each review's document, for lists of thousands. Made of the document and made again when it is missing;
# nothing is decided by it.
board = Table(
    "board", metadata,
    Column("review", String(40), primary_key=True),
    Column("digest", String(64), nullable=False),
    Column("name", Text, nullable=False),
    Column("launch", String(20), nullable=False),
    Column("blocks", Text, nullable=False),
    Column("unseen", Integer, nullable=False),
    Column("signers", Text, nullable=False),
    Column("ends", Text, nullable=False),
)  # fmt: skip

# A sweep, so that a killed one is gone on with. `key` is the digest of its order; `batches` what was handed to a
# model's vendor and is paid for; `cost` what was spent so far.
sweeps = Table(
    "sweeps", metadata,
    Column("id", String(40), primary_key=True),
    Column("seq", Integer, nullable=False, unique=True),
    Column("key", String(64), nullable=False),
    Column("body", Text, nullable=False),
    Column("as_of", String(40), nullable=False),
    Column("state", String(20), nullable=False),  # running → finished, or abandoned
    Column("ended_at", String(40), nullable=False, server_default=""),
    Column("digest", String(64), nullable=False, server_default=""),
    Column("batches", Text, nullable=False, server_default="{}"),
    Column("cost", Text, nullable=False, server_default="{}"),
    Column("lease_holder", String(200), nullable=False, server_default=""),
    Column("lease_until", String(40), nullable=False, server_default=""),
    Index("sweeps_by_key", "key", "seq"),
)  # fmt: skip

# What became of each subject in it: planned → reviewed, unchanged or failed (`note` says why).
sweep_rows = Table(
    "sweep_rows", metadata,
    Column("sweep", String(40), primary_key=True),
    Column("subject", String(200), primary_key=True),
    Column("gate", String(100), primary_key=True),
    Column("version", String(100), nullable=False, server_default=""),
    Column("state", String(20), nullable=False),
    Column("review", String(40), nullable=False, server_default=""),
    Column("note", Text, nullable=False, server_default=""),
    Column("about", Text, nullable=False, server_default="{}"),
    Index("sweep_rows_by_subject", "gate", "subject", "sweep"),
)  # fmt: skip

# Clearance's own switch, a row for each hand on it: "person", and "flag" where LaunchDarkly's was ever listened to.
# `position` "" = never heard; `seen_at`: when it was last known to be so; `trouble`: why it cannot be heard now.
switch = Table(
    "switch", metadata,
    Column("hand", String(20), primary_key=True),
    Column("position", String(10), nullable=False),
    Column("since", String(40), nullable=False),
    Column("seen_at", String(40), nullable=False),
    Column("by", String(200), nullable=False, server_default=""),
    Column("reason", Text, nullable=False, server_default=""),
    Column("trouble", Text, nullable=False, server_default=""),
)  # fmt: skip

# What workers are to do. An order that is unfinished is there once: whoever orders the same joins it.
jobs = Table(
    "jobs", metadata,
    Column("id", Integer, primary_key=True),
    Column("kind", String(20), nullable=False),
    Column("key", String(64), nullable=False),
    Column("lock", String(300), nullable=False),
    Column("priority", Integer, nullable=False),
    Column("body", Text, nullable=False),
    # queued → running → done or failed; running → queued again where it is to be tried again
    Column("state", String(20), nullable=False),
    Column("put_at", String(40), nullable=False),
    Column("due_at", String(40), nullable=False),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("holder", String(200), nullable=False, server_default=""),
    Column("lease_until", String(40), nullable=False, server_default=""),
    Column("ended_at", String(40), nullable=False, server_default=""),
    Column("outcome", Text, nullable=False, server_default=""),
    Column("said", Text, nullable=False, server_default=""),
    Index("jobs_by_state", "state", "priority", "id"),
)  # fmt: skip
ONE_UNFINISHED = """
create unique index if not exists one_unfinished_job_a_key on jobs ("key") where state in ('queued', 'running')
"""
# Words that both databases have: an Index over some rows would load all that SQLAlchemy knows of PostgreSQL, always.
event.listen(jobs, "after_create", DDL(ONE_UNFINISHED))  # type: ignore[no-untyped-call]

# Which instants of which schedule were swept, or passed over because no worker ran then: one sweep a tick.
ticks = Table(
    "ticks", metadata,
    Column("schedule", String(200), primary_key=True),
    Column("tick", String(40), primary_key=True),
    Column("job", Integer, nullable=False),
)  # fmt: skip

# At what version the tables of others are that live in this database.
parts = Table(
    "parts", metadata,
    Column("name", String(40), primary_key=True),
    Column("version", String(200), nullable=False),
)  # fmt: skip

# What Slack delivered and was taken: it sends again what it heard no answer to, to whichever process listens.
chat_seen = Table(
    "chat_seen", metadata,
    Column("key", String(200), primary_key=True),
    Column("at", String(40), nullable=False),
    Index("chat_seen_by_age", "at"),
)  # fmt: skip

# What somebody asked in chat, written down before Slack hears that it arrived; `text` is forgotten with the answer.
chat_inbox = Table(
    "chat_inbox", metadata,
    Column("key", String(200), primary_key=True),
    Column("kind", String(20), nullable=False),
    Column("channel", String(40), nullable=False),
    Column("thread", String(40), nullable=False),
    Column("member", String(40), nullable=False),
    Column("text", Text, nullable=False),
    Column("at", String(40), nullable=False),
    Column("held_until", String(40), nullable=False),
    Column("tries", Integer, nullable=False, server_default="1"),
    Column("done_at", String(40), nullable=False, server_default=""),
    Index("chat_inbox_by_end", "done_at", "held_until"),
)  # fmt: skip

# The connection that each process holds to Slack's Socket Mode: since when, when last seen, and what is wrong with it.
chat_lines = Table(
    "chat_lines", metadata,
    Column("holder", String(100), primary_key=True),
    Column("since", String(40), nullable=False),
    Column("seen_at", String(40), nullable=False),
    Column("trouble", Text, nullable=False),
    Column("at", String(40), nullable=False),
)  # fmt: skip

# Who asked in chat and waits for which job; `told` is what the thread was told last.
chat_threads = Table(
    "chat_threads", metadata,
    Column("id", Integer, primary_key=True),
    Column("channel", String(40), nullable=False),
    Column("thread", String(40), nullable=False),
    Column("person", String(100), nullable=False),
    Column("subject", String(200), nullable=False),
    Column("gate", String(100), nullable=False),
    Column("job", Integer, nullable=False),
    Column("asked_at", String(40), nullable=False),
    Column("told", String(20), nullable=False, server_default=""),
    Column("done_at", String(40), nullable=False, server_default=""),
    Index("chat_threads_by_place", "channel", "thread", "id"),
    Index("chat_threads_by_end", "done_at", "id"),
)  # fmt: skip
ONE_WAITS = """
create unique index if not exists one_waits_in_a_thread on chat_threads (channel, thread, job)
where done_at = '' and thread <> ''
"""
event.listen(chat_threads, "after_create", DDL(ONE_WAITS))  # type: ignore[no-untyped-call]

# Tokens of the HTTP API: the digest of each, never the token.
tokens = Table(
    "tokens", metadata,
    Column("id", String(20), primary_key=True),
    Column("name", String(100), nullable=False, unique=True),
    Column("digest", String(64), nullable=False),
    Column("scopes", String(100), nullable=False),
    Column("made_at", String(40), nullable=False),
    Column("made_by", String(100), nullable=False),
    Column("expires_at", String(40), nullable=False, server_default=""),
    Column("revoked_at", String(40), nullable=False, server_default=""),
)  # fmt: skip

# What all workers together have left of each vendor's limit. Times are seconds since 1970 by the database's own clock.
buckets = Table(
    "buckets", metadata,
    Column("key", String(300), primary_key=True),
    Column("tokens", Double, nullable=False),
    Column("at", Double, nullable=False),
    Column("held_until", Double, nullable=False, server_default="0"),
)  # fmt: skip
