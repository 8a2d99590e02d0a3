"""What is kept of a model is the same bytes, however long its lists are and wherever they stand."""

from __future__ import annotations

import pytest
from pydantic import Field

from agent.in_parts import LONG, written_in_parts
from agent.workflow import frozen
from collectors.evidence import Model, canonical
from tests.sweeps.digests import digest


class Leaf(Model):
    text: str
    much: dict[str, float] = {}


class Branch(Model):
    zone: str
    leaves: tuple[Leaf, ...] = ()
    aside: Leaf | None = None


class Tree(Model):
    name: str = Field("", alias="_name")
    branches: tuple[Branch, ...] = ()
    after: tuple[Leaf, ...] = Field((), serialization_alias="Leaves")
    words: tuple[str, ...] = ()


def test_a_digest_is_written_as_everything_else_is_kept():
    one = digest("\u00e9 </script>")
    owners = tuple(row.model_copy(update={"changes": row.changes * (LONG + 1)}) for row in one.owners)
    long = one.model_copy(update={"changed": one.changed * (LONG + 1), "owners": owners})
    assert written_in_parts(long) == frozen.written(long)


def leaves(count: int) -> tuple[Leaf, ...]:
    return tuple(Leaf(text=f'{n} "é" </b>\u2028', much={"b": 0.5, "a": 1e300}) for n in range(count))


@pytest.mark.parametrize("inner", [0, 1, LONG + 1])
@pytest.mark.parametrize("outer", [0, 1, LONG, LONG + 1])
def test_long_lists_are_written_as_short_ones_are(inner: int, outer: int):
    branches = (Branch(zone="near"), *(Branch(zone=str(n), leaves=leaves(inner)) for n in range(3)))
    tree = Tree(_name="é", branches=branches, after=leaves(outer), words=("w",) * (LONG + 1))
    assert written_in_parts(tree) == canonical(tree.model_dump(mode="json", by_alias=True))
