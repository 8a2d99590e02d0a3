"""What a world says of LaunchDarkly, and its flags replayed event by event up to the world's clock."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from pydantic import AwareDatetime, JsonValue

from collectors.evidence import Model


class Member(Model):
    first: str
    last: str
    email: str


class Variation(Model):
    value: JsonValue
    name: str = ""


class Flag(Model):
    """`off_variation` and `fallthrough` are indexes into `variations`; `rollout` stands in place of `fallthrough`."""

    name: str
    description: str = ""
    created: AwareDatetime
    variations: tuple[Variation, ...]
    off_variation: int | None = None
    fallthrough: int = 0
    rollout: tuple[int, ...] = ()
    tags: tuple[str, ...] = ()
    archived: bool = False
    deprecated: bool = False


class Project(Model):
    """`environments`: display names by key."""

    environments: dict[str, str]
    flags: dict[str, Flag]


class Event(Model):
    """One entry of the audit log. Without `environment` the whole flag was edited.

    `by` is a member's id; `token` a service token's and `app` an integration's name. `edit` is the action of another
    change made at the same time (or alone), with `text` as its description; `rename` gives the flag a new name.
    """

    at: AwareDatetime
    project: str
    flag: str
    environment: str | None = None
    by: str | None = None
    token: str | None = None
    app: str | None = None
    turned: Literal["on", "off"] | None = None
    edit: str | None = None
    text: str = ""
    rename: str | None = None
    comment: str = ""


class LaunchDarklyWorld(Model):
    account: str
    token_name: str
    members: dict[str, Member]
    projects: dict[str, Project]
    events: tuple[Event, ...]


@dataclass(frozen=True)
class EnvironmentState:
    on: bool
    version: int
    modified: datetime


@dataclass(frozen=True)
class FlagState:
    """A flag after some event; every event makes a new one."""

    project: str
    key: str
    name: str
    flag: Flag
    version: int
    environments: dict[str, EnvironmentState]

    def after(self, event: Event) -> FlagState:
        touched = [event.environment] if event.environment else list(self.environments)
        changed = {key: _after(self.environments[key], event) for key in touched}
        environments = {**self.environments, **changed}
        return replace(self, name=event.rename or self.name, version=self.version + 1, environments=environments)


@dataclass(frozen=True)
class Entry:
    """One event with the flag before and after it. `number` counts from 1, oldest first."""

    number: int
    event: Event
    before: FlagState
    after: FlagState

    @property
    def id(self) -> str:
        return f"{int(self.event.at.timestamp()):08x}{self.number:016x}"

    @property
    def millis(self) -> int:
        return millis(self.event.at)


def millis(at: datetime) -> int:
    return round(at.timestamp() * 1000)


Flags = dict[tuple[str, str], FlagState]


def replay(world: LaunchDarklyWorld, clock: datetime) -> tuple[Flags, tuple[Entry, ...]]:
    """The flags as they are at `clock`, by (project, key), and the entries that led there, oldest first."""
    flags = {(state.project, state.key): state for state in _created(world)}
    entries: list[Entry] = []
    past = sorted((event for event in world.events if event.at <= clock), key=lambda event: event.at)
    for number, event in enumerate(past, 1):
        before = flags[event.project, event.flag]
        flags[event.project, event.flag] = before.after(event)
        entries.append(Entry(number, event, before, flags[event.project, event.flag]))
    return flags, tuple(entries)


def _created(world: LaunchDarklyWorld) -> Iterator[FlagState]:
    for project_key, project in world.projects.items():
        for key, flag in project.flags.items():
            first = EnvironmentState(on=False, version=1, modified=flag.created)
            yield FlagState(project_key, key, flag.name, flag, 1, dict.fromkeys(project.environments, first))


def _after(state: EnvironmentState, event: Event) -> EnvironmentState:
    on = state.on if event.turned is None else event.turned == "on"
    return EnvironmentState(on, state.version + 1, event.at)
