"""A run goes on with what it made, and does not read it back: so what was written has to be just that."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field, replace

from langgraph.runtime import Runtime
from pydantic import BaseModel

from agent.domain import ReviewDocument
from agent.drafting.reader import Read
from agent.drafting.writer import Drafted
from agent.service.running import config_of, graph_of
from agent.workflow import frozen
from agent.workflow.draft import draft
from agent.workflow.follow import follow
from agent.workflow.frozen import Collected
from agent.workflow.judge import Judged, judge
from agent.workflow.plan import plan
from agent.workflow.planning import Plan
from agent.workflow.read import read
from agent.workflow.recall import Recall
from agent.workflow.verify import verify
from tests.acceptance.conftest import Desk


@dataclass
class Noted(Recall):
    """Notes what a run made itself."""

    made: dict[tuple[type[BaseModel], str], BaseModel] = field(default_factory=dict)

    def hold(self, key: Hashable, made: object) -> None:
        super().hold(key, made)
        if isinstance(key, tuple) and isinstance(made, BaseModel) and key[0] is type(made):
            self.made[type(made), key[1]] = made


def test_whatever_a_node_keeps_it_would_read_back_as_it_is(as_written: Desk):
    """With gaps in it: nobody may ask PagerDuty."""
    shown = as_written.assess("CLEARANCE_PAGERDUTY_TOKEN")
    deps, noted = as_written.deps("CLEARANCE_PAGERDUTY_TOKEN"), Noted()
    with graph_of(deps) as graph:
        state = graph.get_state(config_of(shown.review)).values
    begun = {name: value for name, value in state.items() if name != "followed"}
    for node, given in ((plan, begun), (follow, begun), (judge, state), (read, state), (draft, state), (verify, state)):
        node(given, Runtime(context=replace(deps, recall=noted)))

    assert {model for model, _ in noted.made} == {Plan, Collected, Judged, Read, Drafted, ReviewDocument}
    for (model, digest), made in noted.made.items():
        again = model.model_validate_json(deps.locker.get(digest))
        assert again == made
        assert frozen.written(again) == frozen.written(made)


def test_what_is_shown_is_what_the_store_holds(put_right: Desk):
    shown, deps = put_right.assess(), put_right.deps()

    assert shown == ReviewDocument.model_validate_json(deps.locker.get(deps.reviews.get(shown.review).document))


def test_a_run_that_is_over_holds_nothing():
    recall = Recall()
    recall.hold("a digest", "made here")
    before = recall.has("a digest"), recall.once("a digest", lambda: "read back")
    recall.forget()

    assert before == (True, "made here")
    assert recall.once("a digest", lambda: "read back") == "read back"
