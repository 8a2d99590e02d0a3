"""Of a review that waits the last checkpoint is kept, and it goes on from there."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any, TypedDict

import pytest
from langgraph.graph import END, START, StateGraph
from langgraph.types import Command, interrupt

from agent.store.sqlite_checkpoints import FileSaver


class State(TypedDict, total=False):
    first: str
    said: str


def first(state: State) -> State:
    return {"first": "done"}


def ask(state: State) -> State:
    return {"said": interrupt("what?")}


@pytest.fixture
def connection(tmp_path: Path) -> Any:
    found = sqlite3.connect(tmp_path / "checkpoints.db", check_same_thread=False)
    yield found
    found.close()


def counted(connection: sqlite3.Connection) -> dict[str, int]:
    return dict(connection.execute("select thread_id, count(*) from checkpoints group by thread_id").fetchall())


def test_pruned_to_its_last_checkpoint_a_thread_goes_on_and_others_keep_theirs(connection: sqlite3.Connection):
    graph = StateGraph(State).add_node(first).add_node(ask)
    graph = graph.add_edge(START, "first").add_edge("first", "ask").add_edge("ask", END)
    saver = FileSaver(connection)
    compiled = graph.compile(checkpointer=saver)
    one, other = ({"configurable": {"thread_id": name}} for name in ("one", "other"))
    for config in (one, other):
        compiled.invoke({}, config, durability="sync")
    before = counted(connection)
    saver.prune(["one"])

    assert counted(connection) == {"one": 1, "other": before["other"]}
    assert compiled.get_state(one).interrupts[0].value == "what?"
    assert compiled.invoke(Command(resume="go on"), one, durability="sync") == {"first": "done", "said": "go on"}


def test_nothing_else_can_be_asked_of_it(connection: sqlite3.Connection):
    with pytest.raises(ValueError, match="only the latest"):
        FileSaver(connection).prune(["one"], strategy="delete")
