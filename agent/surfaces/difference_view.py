"""What changed between two reviews, on the terminal."""

from __future__ import annotations

from agent.surfaces.difference import Difference
from agent.surfaces.terminal import Screen


def show(screen: Screen, before: str, after: str, changed: Difference, *, facts: bool = True) -> None:
    screen.heading(f"From {before} to {after}: {changed.proposal[0]} → {changed.proposal[1]}")
    if changed.verdicts:
        rows = [(row.item, row.title, row.before, row.after) for row in changed.verdicts]
        screen.table(("#", "Item or check", "Before", "After"), rows)
    for reason in changed.gone:
        screen.say(f"✅ gone ({reason.where}): {reason.text}", indent=2)
    for reason in changed.new:
        screen.say(f"❌ new ({reason.where}): {reason.text}", indent=2)
    if facts and changed.facts:
        screen.heading("Facts that changed")
        fact_rows = [
            (f.item, f.role.replace("_", " "), f.about, f.before or "-", f.after or "-") for f in changed.facts
        ]
        screen.table(("#", "Fact", "About", "Before", "After"), fact_rows)
    if not (changed.verdicts or changed.gone or changed.new or changed.facts):
        screen.say("Nothing that decides anything changed.")
