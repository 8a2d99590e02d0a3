"""What changed between two reviews, on the terminal."""

from __future__ import annotations

from agent.surfaces.difference import Difference, once
from agent.surfaces.terminal import Screen


def show(screen: Screen, before: str, after: str, changed: Difference, *, facts: bool = True) -> None:
    screen.heading(f"From {before} to {after}: {changed.proposal[0]} → {changed.proposal[1]}")
    if changed.verdicts:
        rows = [(row.item, row.title, row.before, row.after) for row in changed.verdicts]
        screen.table(("#", "Item or check", "Before", "After"), rows)
    for reason in once(changed.gone):
        screen.say(f"✅ gone ({reason.where}): {reason.text}", indent=2)
    for reason in once(changed.new):
        screen.say(f"❌ new ({reason.where}): {reason.text}", indent=2)
    if facts and changed.facts:
        screen.heading("Facts that changed")
        fact_rows = [
            (f.item, f.role.replace("_", " "), f.about, f.before or "-", f.after or "-") for f in changed.facts
        ]
        screen.table(("#", "Fact", "About", "Before", "After"), fact_rows)
    if facts and changed.evidence:
        screen.heading("Evidence that changed")
        seen = [(e.request_type, _short(e.gone), _short(e.new)) for e in changed.evidence]
        screen.table(("Request", "Only before", "Only after"), seen)
    for one in changed.uncounted:
        told = f"{one.name} signed {before} as {one.role.replace('_', ' ')}: {one.decision}"
        screen.say(f"✍ {told}; that counts for {before} only, not for {after}", indent=2)
    if not (changed.verdicts or changed.gone or changed.new or changed.facts):
        screen.say("Nothing that decides anything changed.")


def _short(digests: tuple[str, ...]) -> str:
    return ", ".join(digest[:12] for digest in digests) or "-"
