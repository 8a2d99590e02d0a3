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
    subject: Annotated[
        str | None, typer.Option("--subject", metavar="S", help="Only what is asked about it; default every card.")
    ] = None,
    json: AsJson = False,
) -> int:
    """Ask every source whether it answers, which permissions are there, what it cannot know and what time it has.

    Where a permission hangs on a bucket, secret, role, repository or project, the first few on the cards are tried.
    Says where each setting came from too (never a secret). Exit code 2 when a source that is configured or needed does
    not answer, or a permission that is needed is known to be missing; else 0."""
    from agent.surfaces import doctoring, opening
    from agent.surfaces.terminal import screen

    view = screen()
    found = doctoring.examine(opening.open_store(view), gate, subject)
    if json:
        view.json(found.as_json())
    else:
        doctoring.show(view, found)
    return 0 if found.well else 2


@keys.command("show")
def show_key(json: AsJson = False) -> int:
    """Show your key (CLEARANCE_KEY, or key.pem in the home): its public part, and whose it is in people.yaml.

    And the fingerprint of the key that seals this home's reports, to hand to auditors by another way than those."""
    from agent.outward import seal
    from agent.signing import keys as key_files
    from agent.signing.house import House, own_keys
    from agent.surfaces import opening
    from agent.surfaces.terminal import screen

    own = opening.read_settings()
    outside = seal(own)
    sealing = House(own.home, outside).key(own.clock()()).public if outside else next(iter(own_keys(own.home)), None)
    fingerprint = key_files.fingerprint(sealing) if sealing else None
    key = key_files.load(own.key_file)
    people = opening.configuration(own).people()
    person = people.by_key(key.public, own.clock()())
    told = {
        "file": str(own.key_file), "public": key.public, "fingerprint": key.fingerprint, "person": person,
        "roles": list(people.people[person].roles) if person else [],
        "seals": fingerprint, "kms": outside.id if outside else None,
    }  # fmt: skip
    view = screen()
    if json:
        view.json(told)
        return 0
    whose = f"{people.name_of(person)} ({', '.join(told['roles'])})" if person else "nobody's in people.yaml"  # type: ignore[arg-type]
    view.say(f"{own.key_file}: {whose}\nfingerprint {key.fingerprint}\npublic {key.public}")
    sealed = f"by the key with the fingerprint {fingerprint}" if sealing else "by a key that is made with the first"
    view.say(f"Reports of this home are sealed {sealed}{f' (KMS key {outside.id})' if outside else ''}")
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
    """Bring the store's tables up to date, once however many run it.

    A file is brought up to date by every command; of PostgreSQL, every other command says when this one is due."""
    from agent.store.database import HEAD, open_engine
    from agent.surfaces import opening
    from agent.surfaces.terminal import screen

    engine = open_engine(opening.read_settings().database_url, upgrading=True)
    where = engine.url.render_as_string(hide_password=True)
    view = screen()
    if json:
        view.json({"database": where, "revision": HEAD})
    else:
        view.say(f"{where} is at revision {HEAD}")
    return 0
