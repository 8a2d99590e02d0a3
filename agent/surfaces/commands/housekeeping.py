"""`doctor`, `keys show|new`, `db upgrade`: is everything there, and who am I?"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from agent.surfaces.options import AsJson

keys = typer.Typer(help="Your own signing key.", no_args_is_help=True, rich_markup_mode=None)
db = typer.Typer(help="The store.", no_args_is_help=True, rich_markup_mode=None)


def register(app: typer.Typer) -> None:
    app.command("doctor")(doctor)
    app.add_typer(keys, name="keys")
    app.add_typer(db, name="db")


def doctor(
    gate: Annotated[
        str | None, typer.Option("--gate", metavar="G", help="Only what this gate asks; default every gate.")
    ] = None,
    json: AsJson = False,
) -> int:
    """Ask every source whether it answers, which permissions are there, what it cannot know and what time it has.

    Says where each setting came from too (never a secret). Exit code 2 when a source that is configured or needed does
    not answer, or a permission that is needed is known to be missing; else 0."""
    from agent.surfaces import doctoring, opening
    from agent.surfaces.terminal import screen

    view = screen()
    found = doctoring.examine(opening.open_store(view), gate)
    if json:
        view.json(found.as_json())
    else:
        doctoring.show(view, found)
    return 0 if found.well else 2


@keys.command("show")
def show_key(json: AsJson = False) -> int:
    """Show your key (CLEARANCE_KEY, or key.pem in the home): its public part, and whose it is in people.yaml.

    And the fingerprint of the key that seals this home's reports, to hand to auditors by another way than those."""
    from agent.signing import keys as key_files
    from agent.signing.statement import own_keys
    from agent.surfaces import opening
    from agent.surfaces.terminal import screen

    own = opening.read_settings()
    seals = [key_files.fingerprint(public) for public in own_keys(own.home)]
    key = key_files.load(own.key_file)
    people = opening.configuration(own).people()
    person = people.by_key(key.public, own.clock()())
    told = {
        "file": str(own.key_file), "public": key.public, "fingerprint": key.fingerprint, "person": person,
        "roles": list(people.people[person].roles) if person else [],
        "seals": seals[0] if seals else None,
    }  # fmt: skip
    view = screen()
    if json:
        view.json(told)
        return 0
    whose = f"{people.name_of(person)} ({', '.join(told['roles'])})" if person else "nobody's in people.yaml"  # type: ignore[arg-type]
    view.say(f"{own.key_file}: {whose}\nfingerprint {key.fingerprint}\npublic {key.public}")
    sealed = f"by the key with the fingerprint {seals[0]}" if seals else "by a key that is made with the first of them"
    view.say(f"Reports of this home are sealed {sealed}")
    return 0


@keys.command("new")
def new_key(
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="FILE", help="Where to write it; default CLEARANCE_KEY or key.pem in the home."),
    ] = None,
    json: AsJson = False,
) -> int:
    """Make a key that only you can read, and say what to add to people.yaml. Never overwrites one."""
    from agent.signing import keys as key_files
    from agent.surfaces import opening
    from agent.surfaces.terminal import screen

    path = out or opening.read_settings().key_file
    key = key_files.make(path)
    view = screen()
    if json:
        view.json({"file": str(path), "public": key.public, "fingerprint": key.fingerprint})
        return 0
    view.say(f"Wrote {path}. Keep it to yourself; under your name in people.yaml add:")
    view.command(f"keys: [{{public: {key.public}}}]")
    return 0


@db.command("upgrade")
def upgrade(json: AsJson = False) -> int:
    """Bring the store's tables up to date. Every command does it too; fleets may want a step of its own."""
    from agent.store.database import HEAD, open_engine
    from agent.surfaces import opening
    from agent.surfaces.terminal import screen

    engine = open_engine(opening.read_settings().database_url)
    where = engine.url.render_as_string(hide_password=True)
    view = screen()
    if json:
        view.json({"database": where, "revision": HEAD})
    else:
        view.say(f"{where} is at revision {HEAD}")
    return 0
