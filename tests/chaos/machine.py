"""Random schedules of signing, sending back, revoking, refreshing and dying, over one review that was assessed before.

Every step is a process of its own and dies by `kill -9` (see process.py); the one that looks on only reads.
"""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from agent.deps import Deps
from agent.domain import SignOffDecision
from agent.errors import ClearanceError
from agent.holder import new_holder
from agent.service import signing
from agent.service.assess import assess
from agent.service.caller import caller
from agent.service.finishing import finish
from agent.service.permission import may_deploy, revoke
from agent.service.verification import verify
from agent.store import log
from agent.store.reviews import ReviewRow
from tests.acceptance.conftest import GATE, NOTES, SIGNERS, SUBJECT, Desk, open_all
from tests.acceptance.prepared import Hands, Prepared
from tests.chaos.process import DONE, Process

ROLES = {role for _, role in SIGNERS}
REASON = "three words at least"
REFRESHES = 2  # a schedule: each is a whole assessment
DEATHS = st.one_of(st.none(), st.integers(min_value=1, max_value=80), st.integers(min_value=1, max_value=400))
counted: Counter[str] = Counter()

Work = Callable[[Deps], object]


class Schedule(RuleBasedStateMachine):
    """`acknowledged`: (review, role) whose signature a command reported as taken."""

    def __init__(self, prepared: Prepared, folder: Path) -> None:
        super().__init__()
        counted["schedules"] += 1
        self.folder = folder / str(counted["schedules"])
        self.desk: Desk = replace(prepared.desk, home=self.folder / "home")
        shutil.copytree(prepared.desk.home, self.desk.home)
        deps = self.desk.deps()
        self.clock = Hands(deps.reviews.get(prepared.review).as_of)
        self.deps: Deps = replace(deps, clock=self.clock)
        self.callers = {person: caller(deps, self.desk.keys / f"{person}.pem") for person, _ in SIGNERS}
        self.acknowledged: set[tuple[str, str]] = set()
        self.refreshes = 0

    def begin(self, work: Work, dies: int | None, here: bool = True) -> Process:
        """One process. `here`: its death can be seen from here; else it seems to have run on another machine."""
        counted["steps"] += 1
        elsewhere = f"elsewhere:x:1:1:1:{counted['steps']}"
        self.deps.engine.dispose()  # no connection to SQLite outlives a fork

        def lives(progress: Callable[..., None]) -> None:
            work(replace(self.deps, holder=new_holder() if here else elsewhere, progress=progress))

        return Process(lives, ClearanceError, dies)

    def end(self, process: Process) -> bool:
        """True when it lived to say that its work is done."""
        ended = process.end()
        counted[ended] += 1
        return ended == DONE

    def run(self, work: Work, dies: int | None, here: bool = True) -> bool:
        return self.end(self.begin(work, dies, here))

    def rows(self) -> list[ReviewRow]:
        return self.deps.reviews.all()

    @rule(
        signer=st.sampled_from(SIGNERS), latest=st.booleans(), dies=DEATHS, here=st.booleans(),
        decision=st.sampled_from(["cleared"] * 6 + ["blocked", "more-evidence"]),
    )  # fmt: skip
    def sign(self, signer: tuple[str, str], latest: bool, decision: str, dies: int | None, here: bool) -> None:
        review = self.rows()[-1 if latest else 0].id
        self.take_down(signer, review, self.run(self.signs(signer, review, decision), dies, here))

    def signs(self, signer: tuple[str, str], review: str, decision: str = "cleared") -> Work:
        person, role = signer

        def work(deps: Deps) -> None:
            open_all(deps, self.callers[person], review)
            given = SignOffDecision(decision)
            signing.sign(deps, self.callers[person], review, role, given, reason=REASON, notes=NOTES)

        return work

    def take_down(self, signer: tuple[str, str], review: str, taken: bool) -> None:
        if taken:
            self.acknowledged.add((review, signer[1]))

    @rule(dies=DEATHS, here=st.booleans())
    def everybody_signs(self, dies: int | None, here: bool) -> None:
        """All three, one after the other; the last of them may die over it."""
        review = self.rows()[-1].id
        for signer in SIGNERS:
            last = signer == SIGNERS[-1]
            self.take_down(signer, review, self.run(self.signs(signer, review), dies if last else None, here))

    @rule(deaths=st.tuples(DEATHS, DEATHS, DEATHS), here=st.booleans())
    def everybody_signs_at_once(self, deaths: tuple[int | None, int | None, int | None], here: bool) -> None:
        """Three processes side by side, each of which may die."""
        review = self.rows()[-1].id
        begun = [self.begin(self.signs(s, review), dies, here) for s, dies in zip(SIGNERS, deaths, strict=True)]
        for signer, taken in zip(SIGNERS, [self.end(process) for process in begun], strict=True):
            self.take_down(signer, review, taken)

    @rule(dies=DEATHS, here=st.booleans())
    def any_command(self, dies: int | None, here: bool) -> None:
        self.run(finish, dies, here)

    @rule(signer=st.sampled_from(SIGNERS), latest=st.booleans(), dies=DEATHS)
    def take_back(self, signer: tuple[str, str], latest: bool, dies: int | None) -> None:
        review = self.rows()[-1 if latest else 0].id
        self.run(lambda deps: revoke(deps, self.callers[signer[0]], review, REASON), dies)

    @precondition(lambda self: self.refreshes < REFRESHES)
    @rule(dies=DEATHS, here=st.booleans())
    def refresh(self, dies: int | None, here: bool) -> None:
        self.refreshes += 1
        self.run(lambda deps: assess(deps, SUBJECT, GATE, new=True), dies, here)

    @rule()
    def a_minute_passes(self) -> None:
        self.clock.go(seconds=61)

    @rule()
    def deploy(self) -> None:
        """Code 0 only for what three people signed as cleared, that stands, and that nobody decided on later."""
        code = may_deploy(self.deps, SUBJECT, "1.0", GATE, sandbox=True).code
        decided = [row for row in self.rows() if row.state in ("reported", "revoked")]
        stands = bool(decided) and decided[-1].state == "reported" and self.all_cleared(decided[-1].id)
        counted["deployed"] += code == 0
        assert code == (0 if stands else 20 if decided else 50)

    def all_cleared(self, review: str) -> bool:
        given = {one.role: one.decision for one in self.deps.reviews.signoffs(review)}
        return given == dict.fromkeys(ROLES, SignOffDecision.CLEARED)

    @invariant()
    def nothing_is_lost_or_doubled(self) -> None:
        for row in self.rows():
            events = Counter(entry.event for entry in log.entries(self.deps.engine, row.id))
            roles = [one.role for one in self.deps.reviews.signoffs(row.id)]
            assert len(set(roles)) == len(roles) == events["signed"]
            assert {role for review, role in self.acknowledged if review == row.id} <= set(roles)
            assert max(events[once] for once in ("assessed", "complete", "sealed", "published", "revoked")) <= 1

    @invariant()
    def every_report_has_its_full_set(self) -> None:
        for review in self.reported():
            given = {one.role: one.decision for one in self.deps.reviews.signoffs(review)}
            assert set(given) == ROLES
            assert SignOffDecision.MORE_EVIDENCE not in given.values()

    def reported(self) -> list[str]:
        """Reviews that have a bundle, once for each that there is."""
        bundles = (self.desk.home / "reports").glob("[!.]*/statement.dsse.json")
        return [path.parent.name.rsplit(f"{GATE}-", 1)[1] for path in bundles]

    def teardown(self) -> None:
        """A minute later any command writes what is due; each report is there once and verifies."""
        self.clock.go(seconds=61)
        assert self.run(finish, None)
        self.deploy()
        for row in self.rows():
            given = {one.role: one.decision for one in self.deps.reviews.signoffs(row.id)}
            whole = set(given) == ROLES and SignOffDecision.MORE_EVIDENCE not in given.values()
            due = whole and row.state != "superseded"
            assert (row.id in self.reported()) == (row.state in ("reported", "revoked")) >= due
        for path in (self.desk.home / "reports").glob("[!.]*/statement.dsse.json"):
            verify(path.parent, self.desk.home)
            counted["reports"] += 1
        self.deps.engine.dispose()
        shutil.rmtree(self.folder)
