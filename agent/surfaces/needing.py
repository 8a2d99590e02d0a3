"""What `doctor` says beyond reachability: the permissions that gates need, what sources cannot know, and the clocks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from agent.service.needs import Needed
from agent.surfaces.terminal import Screen
from collectors.connections import SourceCheck
from collectors.needs import DISCOVERS, sdk_key

HELD, MISSING, UNKNOWN, NO_SOURCE = "held", "missing", "known when asked", "not configured"
NOT_NEEDED = "not needed"
GLYPHS = {HELD: "✅", MISSING: "❌", UNKNOWN: "❔", NO_SOURCE: "➖", NOT_NEEDED: "➖"}
TOLERATED = 60.0  # seconds by which our clock and a source's may differ before it is worth a warning


@dataclass(frozen=True)
class Permission:
    """One permission that the requests of the gates need.

    `state`: held, missing, known when asked, not configured, not needed. `on` are the things that cards name on which
    it was tried, `said` what was answered about those that did not show it.
    """

    vendor: str
    permission: str
    state: str
    requests: tuple[str, ...]
    on: tuple[str, ...] = ()
    said: tuple[str, ...] = ()


def permissions(sources: Sequence[SourceCheck], asking: Needed) -> tuple[Permission, ...]:
    """Every permission with what the sources' checks showed of it, by source; nothing is asked for this."""
    return tuple(
        _permission(vendor, name, types, sources)
        for (vendor, name), types in sorted(asking.permissions().items(), key=lambda row: row[0][0])
    )


def _permission(vendor: str, name: str, types: Sequence[str], sources: Sequence[SourceCheck]) -> Permission:
    tried = [one for s in sources if s.vendor == vendor for one in s.tried if one.permission == name]
    needed = [one for one in tried if one.state != NOT_NEEDED]
    state = NOT_NEEDED if tried and not needed else _state(vendor, name, sources)
    return Permission(
        vendor, name, state, tuple(types), tuple(dict.fromkeys(one.about for one in needed)),
        tuple(f"{one.about}: {one.sentence}" for one in needed if one.sentence),
    )  # fmt: skip


def _state(vendor: str, name: str, sources: Sequence[SourceCheck]) -> str:
    told = [s for s in sources if s.vendor == vendor]
    names = {name, sdk_key("*")} if _is_sdk_key(name) else {name}
    if names & {one for s in told for one in s.held}:
        return HELD
    if names & {one for s in told for one in s.missing}:
        return MISSING
    if all(s.state == "not configured" for s in told):
        return NO_SOURCE
    unset = _is_sdk_key(name) and not {name.removeprefix(sdk_key("")), "*"} & {s.account for s in told}
    return MISSING if unset else UNKNOWN


def _is_sdk_key(name: str) -> bool:
    return name.startswith(sdk_key(""))


def blind_rows(sources: Sequence[SourceCheck], asking: Needed) -> list[dict[str, object]]:
    """What a source cannot know. `matters`: the subjects about which a gate asks just that."""
    return [
        {"vendor": s.vendor, **spot.model_dump(mode="json"), "matters": subjects}
        for s in sources
        for spot in s.blind
        for subjects in [sorted({one.subject for one in asking.before(spot.request, spot.since)})]
    ]


def clock_of(source: SourceCheck, clock_set: bool) -> dict[str, object]:
    """How far our clock is ahead of the source's, and what that means: "ok", "warning", "not judged", "not told"."""
    ahead = source.clock_ahead_s
    if ahead is None:
        return {"ahead_s": None, "state": "not told"}
    if clock_set:
        return {"ahead_s": None, "state": "not judged"}
    return {"ahead_s": ahead, "state": "warning" if abs(ahead) > TOLERATED else "ok"}


def show(
    screen: Screen, sources: Sequence[SourceCheck], asking: Needed, needed: Sequence[Permission], clock_set: bool
) -> None:
    _permissions(screen, asking, needed)
    blind = blind_rows(sources, asking)
    if blind:
        screen.heading("What cannot be seen")
    for row in blind:
        subjects = row["matters"]
        told = f"; a gate asks for it about {', '.join(subjects)}" if isinstance(subjects, list) and subjects else ""
        screen.say(f"{row['request']}: {row['sentence']}{told}", indent=2)
    screen.heading("Clocks")
    for line in _clocks(sources, clock_set):
        screen.say(line, indent=2)


def _permissions(screen: Screen, asking: Needed, needed: Sequence[Permission]) -> None:
    if needed:
        screen.heading(f"What the requests of {', '.join(asking.gates)} need, with the cards at hand")
        rows = [(p.vendor, p.permission, _standing(p), ", ".join(p.requests)) for p in needed]
        screen.table(("Source", "Permission", "State", "For"), rows)
    for one in needed:
        for sentence in one.said:
            screen.say(f"{GLYPHS[one.state]} {one.permission} on {sentence}", indent=2)
    for _, sentence in asking.unplanned:
        screen.say(f"❔ {sentence}")
    more = "; ".join(f"{vendor}: {', '.join(names)}" for vendor, names in DISCOVERS.items())
    screen.say(f"`clearance cards discover` alone lists with, besides these: {more}")


def _standing(one: Permission) -> str:
    return f"{GLYPHS[one.state]} {one.state}" + (f", on {', '.join(one.on)}" if one.on else "")


def _clocks(sources: Sequence[SourceCheck], clock_set: bool) -> Iterator[str]:
    if clock_set:
        yield "CLEARANCE_CLOCK is set, so the sources' clocks are not judged"
        return
    for one in sources:
        if clock_of(one, clock_set)["state"] == "warning" and one.clock_ahead_s is not None:
            way = "ahead of" if one.clock_ahead_s > 0 else "behind"
            yield f"⚠️ this machine is {abs(one.clock_ahead_s):.0f} s {way} {one.vendor}; set its clock (NTP)"
    told = sorted({s.vendor for s in sources if clock_of(s, clock_set)["state"] == "ok"})
    heard = {s.vendor for s in sources if s.clock_ahead_s is not None}
    untold = sorted({s.vendor for s in sources if s.state == "ok"} - heard)
    if told:
        yield f"within {TOLERATED:.0f} s of {', '.join(told)}"
    if untold:
        yield f"not told by {', '.join(untold)}"
    if not heard and not untold:
        yield "no source told its time"
