"""The demo: both worlds of the worked example, from the first question to the signed report, on loopback only."""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter

from agent import settings
from agent.deps import Deps
from agent.domain import Decision, ReviewDocument, SignerNeeded, SignOffDecision
from agent.errors import ConfigError, Refused
from agent.service import permission, signing
from agent.service.assembly import assemble
from agent.service.assess import assess
from agent.service.caller import Caller
from agent.service.finishing import Shown, shown
from agent.service.opened import not_opened, opened
from agent.surfaces import difference_view, doctoring, item_view, review_view
from agent.surfaces.commands.assessing import code_of
from agent.surfaces.demo_processes import RunningWorld, start_worlds
from agent.surfaces.difference import difference
from agent.surfaces.terminal import Screen, picture_screen
from collectors.connections import is_loopback

MARK = ".clearance-demo"  # only a folder with this file in it is ever deleted
BEFORE, AFTER = "as-written", "put-right"
GATE = "pilot-to-prod"
SIGNERS = {"builder": "mike.chen", "lead": "morteza.moradi", "second_approver": "dana.ortiz"}
NOTES = {
    "4": "Demo signature: nobody read these guardrail events, they come from a made-up world",
    "7": "Demo signature: nobody spoke with the people on call, they do not exist",
    "9": "Demo signature: nobody watched this drill, the stand-ins computed it",
}
REPORT_LINES = 32


@dataclass
class Story:
    """What happened, so that the end can say whether all of it was right."""

    screen: Screen
    home: Path
    codes: dict[str, int] = field(default_factory=dict)
    reviews: dict[str, Shown] = field(default_factory=dict)
    declined: bool = False
    refused: str = ""

    def mistakes(self) -> Iterator[str]:
        wanted = {
            "as-written": 20,
            "put-right": 0,
            "may-deploy before": 50,
            "may-deploy after": 50 if self.declined else 0,
        }
        if not self.declined and "has not opened the evidence of items 4, 7, 9" not in self.refused:
            yield "nobody was refused who had opened nothing"
        for step, code in wanted.items():
            if self.codes.get(step) != code:
                yield f"{step} gave exit code {self.codes.get(step)}, and {code} was right"


def run(screen: Screen, home: Path, *, picture: Path | None = None, as_json: bool = False) -> int:
    """Play the demo in `home`. Exit code 0 when all went as it should, else 1 and why."""
    began = perf_counter()
    story = Story(screen, home)
    fresh(home)
    screen.heading("Starting the stand-ins of PagerDuty, LaunchDarkly, Datadog and AWS, on loopback")
    with start_worlds(home, (BEFORE, AFTER)) as (before, after):
        _as_written(story, before)
        deps = _put_right(story, after)
        _signing(story, deps, after)
        _leave_settings(home, after)
    if picture:
        draw(story, picture)
    return _end(story, perf_counter() - began, as_json)


def fresh(home: Path) -> None:
    """An empty folder with the demo's mark. ConfigError rather than delete what is no demo's."""
    if home.is_symlink() or (
        home.exists() and not (home / MARK).is_file() and (not home.is_dir() or any(home.iterdir()))
    ):
        raise ConfigError(
            f"{home}: was not made by the demo, so it is not deleted; move it away or run the demo elsewhere"
        )
    if home.exists():
        shutil.rmtree(home)
    home.mkdir(parents=True)
    (home / MARK).touch()


def _as_written(story: Story, world: RunningWorld) -> None:
    story.screen.heading(f"1. {world.title}")
    deps = deps_of(story, world)
    doctoring.sources(story.screen, doctoring.examine(deps))
    story.screen.heading("2. Assessing it as it was written down")
    state = _assessed(story, deps, world)
    review_view.show(story.screen, state)


def _put_right(story: Story, world: RunningWorld) -> Deps:
    story.screen.heading(f"3. {world.title}")
    deps = deps_of(story, world)
    state = _assessed(story, deps, world)
    review_view.head(story.screen, state.document)
    review_view.table(story.screen, state.document)
    review_view.reasons(story.screen, state.document)
    story.screen.heading("4. What changed")
    earlier = story.reviews[BEFORE].document
    difference_view.show(
        story.screen, earlier.review, state.document.review, difference(earlier, state.document), facts=False
    )  # fmt: skip
    return deps


def _assessed(story: Story, deps: Deps, world: RunningWorld) -> Shown:
    began = perf_counter()
    document = assess(deps, world.subject, GATE).document
    state = shown(deps, document.review)
    story.reviews[world.name] = state
    story.codes[world.name] = code_of(document, state.gate)
    story.screen.say(
        f"Assessed in {perf_counter() - began:.1f} s; exit code of the proposal: {story.codes[world.name]}"
    )
    return state


def _signing(story: Story, deps: Deps, world: RunningWorld) -> None:
    state = story.reviews[AFTER]
    story.screen.heading("5. May it be deployed?")
    _ask_permission(story, deps, state.document, "may-deploy before")
    story.screen.heading("6. Signing")
    if state.document.proposal is Decision.CLEARED:
        sign_all(story, world, state)
    story.screen.heading("7. May it be deployed now?")
    _ask_permission(story, deps, state.document, "may-deploy after")
    _report(story, deps, state.document.review)


def _ask_permission(story: Story, deps: Deps, document: ReviewDocument, step: str) -> None:
    story.screen.command(f"clearance may-deploy {document.subject}@{document.version} --gate {document.gate} --sandbox")
    answer = permission.may_deploy(deps, document.subject, document.version, document.gate, sandbox=True)
    story.codes[step] = answer.code
    story.screen.say(f"{answer.sentence} (exit code {answer.code})", indent=2)


def sign_all(story: Story, world: RunningWorld, state: Shown) -> None:
    """Sign as each of the demo's people, with that person's demo key; on a terminal only what is agreed to."""
    asks = sys.stdin.isatty() and story.screen.out.is_terminal
    if not asks:
        story.screen.say(
            "There is no terminal to ask at, so the demo signs for its people, which it can in its own world only."
        )
    for row in state.missing:
        if asks and not _agreed(story, row):
            story.declined = True
            story.screen.say("Not signed; so nothing is permitted. Each person would sign with:", indent=2)
            story.screen.command(review_view.sign_command(state.document, row.role))
            return
        done = sign_as(story, world, state, row.role)
        left = f"; still to sign: {', '.join(done.missing)}" if done.missing else "; that was the last one"
        story.screen.say(f"✅ {done.signoff.name} signed as {row.title}{left}", indent=2)


def sign_as(story: Story, world: RunningWorld, state: Shown, role: str) -> signing.Signed:
    """Refused outside a loopback world: there, nobody signs for somebody else."""
    deps = deps_of(story, world, CLEARANCE_KEY=str(world.keys / f"{SIGNERS[role]}.pem"))
    if not all(is_loopback(url) for url in deps.settings.base_urls()):
        raise Refused("the demo signs for its people in its own world only, and a source here is a real one")
    who = signing.caller(deps)
    if not state.signed and not story.refused:
        story.refused = _refused_unseen(story, deps, who, state, role)
    _open(story, deps, who, state)
    return _sign(deps, who, state, role)


def _sign(deps: Deps, who: Caller, state: Shown, role: str) -> signing.Signed:
    return signing.sign(
        deps, who, state.document.review, role, SignOffDecision.CLEARED, notes=NOTES,
        digest=state.document.digest, channel="demo",
    )  # fmt: skip


def _refused_unseen(story: Story, deps: Deps, who: Caller, state: Shown, role: str) -> str:
    """What the first of them is told who would sign without having looked."""
    try:
        _sign(deps, who, state, role)
    except Refused as error:
        story.screen.say(f"❌ refused: {error}", indent=2)
        return str(error)
    raise Refused("a signature was taken from somebody who had opened nothing")


def _open(story: Story, deps: Deps, who: Caller, state: Shown) -> None:
    """Put the evidence of the items that ask for it before a person of the demo, who reads nothing."""
    review = state.document.review
    missing = not_opened(deps, review, who.person)
    for item in state.document.items:
        if item.number in missing:
            item_view.item_json(deps, state.document, item)
            opened(deps, review, item.number, who.person, "demo")
    numbers = ", ".join(map(str, missing))
    command = f"clearance reviews show {review} 4"
    story.screen.say(f"{who.name} opened the evidence of items {numbers} (`{command}` and so on)", indent=2)


def _agreed(story: Story, row: SignerNeeded) -> bool:
    name = SIGNERS[row.role]
    return input(f"  Sign as {row.title}, with the demo key of {name}? [y/N] ").strip().lower() in ("y", "yes")


def deps_of(story: Story, world: RunningWorld, **more: str) -> Deps:
    """The dependencies in one world: its settings and no others, whatever this shell has set."""
    own = {**world.settings, "CLEARANCE_HOME": str(story.home), **more}
    return assemble(settings.read(own), story.screen.progress())


def _report(story: Story, deps: Deps, review: str) -> None:
    bundle = deps.reviews.get(review).bundle
    if not bundle:
        return
    path = Path(bundle, "report.md")
    lines = path.read_text(encoding="utf-8").splitlines()
    story.screen.heading(f"8. The report: {path}")
    story.screen.say("\n".join(lines[:REPORT_LINES]), indent=2)
    if len(lines) > REPORT_LINES:
        story.screen.say(f"… and {len(lines) - REPORT_LINES} more lines", "dim", indent=2)


def _leave_settings(home: Path, world: RunningWorld) -> None:
    """So that `CLEARANCE_HOME=… clearance reviews list` works on what the demo leaves behind."""
    kept = {name: world.settings[name] for name in ("CLEARANCE_CONFIG", "CLEARANCE_CLOCK")}
    text = "".join(f"{name} = '{value}'\n" for name, value in kept.items())
    (home / "clearance.toml").write_text(text, encoding="utf-8")


def _end(story: Story, seconds: float, as_json: bool) -> int:
    wrong = list(story.mistakes())
    if as_json:
        story.screen.json({
            "home": str(story.home), "seconds": round(seconds, 1), "exit_codes": story.codes, "mistakes": wrong,
            "reviews": {name: state.document.review for name, state in story.reviews.items()},
        })  # fmt: skip
    story.screen.heading(f"The demo took {seconds:.0f} s. Look around in what it left:")
    story.screen.command(f"CLEARANCE_HOME={story.home} clearance reviews list")
    story.screen.command(f"CLEARANCE_HOME={story.home} clearance reviews show {story.reviews[AFTER].document.review} 9")
    for mistake in wrong:
        story.screen.error(f"the demo did not go as it should: {mistake}")
    return 1 if wrong else 0


def draw(story: Story, path: Path) -> None:
    """The result of this run as one picture."""
    screen = picture_screen(118)
    for name in (BEFORE, AFTER):
        document = story.reviews[name].document
        review_view.head(screen, document)
        review_view.table(screen, document)
        if document.reasons:
            review_view.reasons(screen, document)
    for step, code in story.codes.items():
        screen.say(f"{step}: exit code {code}", "bold")
    path.parent.mkdir(parents=True, exist_ok=True)
    svg = screen.out.export_svg(title="clearance demo")
    # Fonts from somebody's server would make the picture a beacon; without them the reader's own monospace is used.
    path.write_text(re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.DOTALL), encoding="utf-8")
