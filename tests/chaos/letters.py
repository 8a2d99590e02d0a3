"""Random schedules of the outbox: events that ask for messages, deliverers that die, channels that are away or hang."""

from __future__ import annotations

import shutil
import socket
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from sqlalchemy import select

from agent.deps import Deps
from agent.errors import ClearanceError
from agent.holder import new_holder
from agent.outputs.telling.channel import Channels
from agent.outputs.telling.slack import Slack
from agent.service.assess import assess
from agent.service.outbox import deliver
from agent.store import outbox
from agent.store.schema import outbox as table
from collectors.sandbox.server import Running
from collectors.sandbox.slack_posts import SlackPosts
from collectors.way import Network
from tests.acceptance.conftest import GATE, SIGNERS, SUBJECT, Desk
from tests.acceptance.prepared import Hands, Prepared
from tests.chaos.process import KILLED, Process

counted: Counter[str] = Counter()
DEATHS = st.one_of(st.none(), st.integers(min_value=1, max_value=20))
NEEDED = ("slack", "console")
PATIENT = 120  # seconds: what Slack has taken is not to be told as lost because a machine is busy


class Letters(RuleBasedStateMachine):
    """`told`: rows that a deliverer said it had delivered."""

    def __init__(self, prepared: Prepared, folder: Path, posts: SlackPosts, running: Running) -> None:
        super().__init__()
        counted["schedules"] += 1
        self.folder = folder / str(counted["schedules"])
        self.desk: Desk = replace(prepared.desk, home=self.folder / "home", overlay=folder / "overlay")
        shutil.copytree(prepared.desk.home, self.desk.home)
        self.review, self.posts = prepared.review, posts
        deps = self.desk.deps()
        self.clock = Hands(deps.reviews.get(prepared.review).as_of)
        self.there = Slack("xoxb-posts", running.url, PATIENT, Network())
        self.deps: Deps = replace(deps, clock=self.clock)
        self.kills = 0
        posts.posted.clear()

    def begin(self, work: Callable[[Deps], object], dies: int | None) -> Process:
        self.deps.engine.dispose()  # no connection to SQLite outlives a fork

        def lives(progress: Callable[..., None]) -> None:
            work(replace(self.deps, holder=new_holder()))

        return Process(lives, ClearanceError, dies)

    def run(self, work: Callable[[Deps], object], dies: int | None) -> None:
        counted["steps"] += 1
        ended = self.begin(work, dies).end()
        counted[ended] += 1
        self.kills += ended == KILLED

    def through(self, slack: Slack, seconds: float) -> Channels:
        return Channels((slack,), seconds=seconds)

    @rule(dies=DEATHS)
    def deliver(self, dies: int | None) -> None:
        channels = self.through(self.there, PATIENT)
        self.run(lambda deps: deliver(replace(deps, channels=channels)), dies)

    @rule()
    def deliver_while_slack_is_away(self) -> None:
        channels = self.through(replace(self.there, base_url="http://127.0.0.1:9"), PATIENT)
        self.run(lambda deps: deliver(replace(deps, channels=channels)), None)

    @rule()
    def deliver_while_slack_hangs(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as server:
            url = f"http://127.0.0.1:{server.getsockname()[1]}"
            channels = self.through(replace(self.there, base_url=url), 0.05)
            self.run(lambda deps: deliver(replace(deps, channels=channels)), None)

    @rule(dies=DEATHS)
    def deliver_twice_at_once(self, dies: int | None) -> None:
        channels = self.through(self.there, PATIENT)
        begun = [self.begin(lambda deps: deliver(replace(deps, channels=channels)), one) for one in (dies, None)]
        self.kills += sum(process.end() == KILLED for process in begun)

    @rule(signer=st.sampled_from(SIGNERS), decision=st.sampled_from(["cleared", "more-evidence"]), dies=DEATHS)
    def something_happens(self, signer: tuple[str, str], decision: str, dies: int | None) -> None:
        """Somebody signs or sends it back: others need no reminder any more, or are to be told."""
        self.run(lambda deps: self.desk.sign(*signer, self.review, decision, reason="the notes are thin"), dies)

    @rule()
    def a_refresh(self) -> None:
        self.run(lambda deps: assess(deps, SUBJECT, GATE, new=True), None)

    @rule(minutes=st.sampled_from([1, 5, 90]))
    def time_passes(self, minutes: int) -> None:
        self.clock.go(minutes=minutes)

    def rows(self):  # type: ignore[no-untyped-def]
        with self.deps.engine.connect() as connection:
            return connection.execute(select(table).order_by(table.c.id)).all()

    @invariant()
    def what_is_done_was_sent_and_nothing_is_there_twice(self) -> None:
        rows = self.rows()
        sent = [row for row in rows if row.how == "slack"]
        assert len(self.posts.posted) >= len(sent), "a message is called told that nobody got"
        assert len(self.posts.posted) <= len(sent) + self.kills, "a message went out twice though nobody died"
        assert max(Counter((row.review, row.person, row.kind) for row in rows).values()) == 1

    def teardown(self) -> None:
        """Slack is back and half a day passes: all that is still true has been told, and nothing waits any more."""
        for _ in range(4):
            self.clock.go(hours=2)
            self.run(lambda deps: deliver(replace(deps, channels=self.through(self.there, PATIENT))), None)
        assert [*outbox.due(self.deps.engine, self.clock())] == outbox.undelivered(self.deps.engine) == []
        ended = [row for row in self.rows() if row.done_at]
        assert all(row.how in NEEDED or row.how.startswith("not needed: ") for row in ended)
        waiting = {row.person for row in ended if (row.review, row.kind) == (self.review, "waiting")}
        assert waiting == {person for person, _ in SIGNERS}
        counted["messages"] += sum(row.how == "slack" for row in ended)
        counted["sent twice"] += len(self.posts.posted) - sum(row.how == "slack" for row in ended)
        self.deps.engine.dispose()
        shutil.rmtree(self.folder)
