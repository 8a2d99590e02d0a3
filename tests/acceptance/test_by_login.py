"""What was signed by login counts where the gate lets it, rests on the product's seal, and is told for what it is."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from agent.deps import Deps
from agent.domain import Assurance, LoggedIn, SignOff, SignOffDecision
from agent.errors import NotVerified, Refused
from agent.service import signing
from agent.service.caller import Caller, logged_in
from agent.service.finishing import shown
from agent.service.permission import may_deploy, revoke
from agent.service.verification import verify
from agent.signing import house, keys, signoffs, statement
from agent.store import log
from tests import plain_yaml
from tests.acceptance.conftest import GATE, NOTES, SUBJECT, Desk, open_all
from tests.acceptance.prepared import Prepared

ISSUER = "https://login.acme.example"
SUBJECTS = {"mike.chen": "mike", "dana.ortiz": "dana"}


@pytest.fixture
def desk(prepared: Prepared, tmp_path: Path) -> Desk:
    """Two of the signers have a login in people.yaml, put there after the review was assessed."""
    made = prepared.copy(tmp_path)
    bind(made, lambda told: [told[p].update(logins=[row(s)]) for p, s in SUBJECTS.items()])
    return made


def row(subject: str, **more: str) -> dict[str, str]:
    return {"issuer": ISSUER, "subject": subject, **more}


def bind(desk: Desk, change: Callable[[dict], object]) -> None:  # type: ignore[type-arg]
    path = desk.overlay / "people.yaml"
    told = plain_yaml.load(path.read_text())
    change(told["people"])
    path.write_text(plain_yaml.dump(told))


def by_login(desk: Desk, person: str, roles: tuple[str, ...] | None = None) -> tuple[Deps, Caller]:
    deps = desk.deps(CLEARANCE_KEY="/nowhere")
    return deps, logged_in(deps, LoggedIn(issuer=ISSUER, subject=SUBJECTS[person], at=deps.clock()), roles)


def sign(desk: Desk, review: str, person: str, role: str, roles: tuple[str, ...] | None = None) -> signing.Signed:
    deps, who = by_login(desk, person, roles)
    open_all(deps, who, review)
    return signing.sign(deps, who, review, role, SignOffDecision.CLEARED, notes=NOTES, channel="page")


def test_a_set_that_was_signed_by_login_in_part_is_a_decision(desk: Desk, prepared: Prepared):
    """And any signer by login can take it back."""
    sign(desk, prepared.review, "mike.chen", "builder")
    desk.sign("morteza.moradi", "lead", prepared.review)
    sign(desk, prepared.review, "dana.ortiz", "second_approver")
    assert may_deploy(desk.deps(), SUBJECT, "1.0", GATE, sandbox=True).code == 0

    deps, who = by_login(desk, "dana.ortiz")
    revoke(deps, who, prepared.review, "the drill was not a drill")

    assert may_deploy(desk.deps(), SUBJECT, "1.0", GATE, sandbox=True).code == 20
    (entry,) = (e for e in log.entries(deps.engine, prepared.review) if e.event == "revoked")
    assert json.loads(str(entry.body))["subject"] == "dana"


def test_where_the_gate_asks_for_keys_a_login_signs_nothing(desk: Desk, prepared: Prepared):
    """Neither when it is given nor when it is counted."""
    deps, who = by_login(desk, "mike.chen")
    strict = _keys_only(shown(deps, prepared.review))

    with pytest.raises(Refused, match="must be known by key at least, and this is oidc only"):
        signing.check(deps, strict, who, "builder", SignOffDecision.BLOCKED, "three words here", {}, "")


def _keys_only(state):  # type: ignore[no-untyped-def]
    signers = tuple(one.model_copy(update={"least_assurance": Assurance.KEY}) for one in state.gate.signers)
    return replace(state, gate=state.gate.model_copy(update={"signers": signers}))


def test_roles_that_the_provider_vouches_for_stand_in_place_of_those_of_people_yaml(desk: Desk, prepared: Prepared):
    with pytest.raises(Refused, match="Mike Chen does not hold the role builder"):
        sign(desk, prepared.review, "mike.chen", "builder", roles=("sponsor",))
    with pytest.raises(Refused, match="does not hold the role lead"):
        sign(desk, prepared.review, "mike.chen", "lead", roles=("lead",))
    assert sign(desk, prepared.review, "mike.chen", "builder", roles=("builder",)).missing


def test_whoever_is_logged_in_makes_no_statement(desk: Desk):
    """A statement is its author's own, and needs their key."""
    _, who = by_login(desk, "mike.chen")

    with pytest.raises(Refused, match="a statement needs its author's own key"):
        _ = who.key


FORGED: dict[str, Callable[[SignOff], SignOff]] = {
    "sealed by a stranger": lambda one: one,
    "another subject": lambda one: one.model_copy(update={"login": one.login.model_copy(update={"subject": "x"})}),  # type: ignore[union-attr]
    "no login at all": lambda one: one.model_copy(update={"login": None}),
    "called a key": lambda one: one.model_copy(update={"assurance": Assurance.KEY}),
    "another decision": lambda one: one.model_copy(update={"decision": SignOffDecision.BLOCKED}),
    "logged in later than it signed": lambda one: one,
}


@pytest.mark.parametrize("name", sorted(FORGED))
def test_a_sign_off_by_login_that_the_product_did_not_seal_counts_nowhere(
    desk: Desk, prepared: Prepared, tmp_path: Path, name: str
):
    deps, who = by_login(desk, "mike.chen")
    state, own = shown(deps, prepared.review), house.product_key(desk.home)
    key = keys.make(tmp_path / "stranger.pem") if name == "sealed by a stranger" else own
    assert who.login
    late = who.login.model_copy(update={"at": deps.clock().replace(year=2030)})
    good = signoffs.sign(
        key, review=prepared.review, role="builder", person="mike.chen", name="Mike Chen",
        digest=state.document.digest, decision=SignOffDecision.CLEARED, reason="", notes=NOTES, at=deps.clock(),
        channel="page", assurance=Assurance.OIDC, opened=dict.fromkeys(NOTES, deps.clock()),
        login=late if "later" in name else who.login,
    )  # fmt: skip

    deps.reviews.sign(FORGED[name](good), deps.clock(), lambda others: None)

    assert shown(deps, prepared.review).signed == ()


def test_a_login_that_was_withdrawn_before_it_signed_counts_no_more(desk: Desk, prepared: Prepared):
    """One that was withdrawn afterwards still does; one that is taken out of people.yaml does not."""
    sign(desk, prepared.review, "mike.chen", "builder")
    counted = lambda: len(shown(desk.deps(), prepared.review).signed)  # noqa: E731
    assert counted() == 1

    bind(desk, lambda told: told["mike.chen"].update(logins=[row("mike", revoked="2027-01-01T00:00:00Z")]))
    assert counted() == 1
    bind(desk, lambda told: told["mike.chen"].update(logins=[row("mike", revoked="2026-01-01T00:00:00Z")]))
    assert counted() == 0
    bind(desk, lambda told: told["mike.chen"].update(logins=[]))
    assert counted() == 0


def test_one_login_of_two_people_is_nobodys(desk: Desk, prepared: Prepared):
    """By the subject one, by the e-mail another."""
    bind(desk, lambda told: told["dana.ortiz"].update(logins=[{"issuer": ISSUER, "email": "m@acme.example"}]))
    deps = desk.deps()
    login = LoggedIn(issuer=ISSUER, subject="mike", email="m@acme.example", at=deps.clock())

    with pytest.raises(Refused, match=r"is nobody's in people\.yaml"):
        logged_in(deps, login)
    with pytest.raises(Refused, match=r"is nobody's in people\.yaml"):
        logged_in(deps, login.model_copy(update={"issuer": "https://evil.example", "email": ""}))


@pytest.fixture
def bundle(desk: Desk, prepared: Prepared, tmp_path: Path) -> Path:
    sign(desk, prepared.review, "mike.chen", "builder")
    desk.sign("morteza.moradi", "lead", prepared.review)
    made = sign(desk, prepared.review, "dana.ortiz", "second_approver").bundle
    return Path(shutil.copytree(made, tmp_path / "bundle"))


def test_verify_says_what_kind_of_proof_each_sign_off_has(desk: Desk, bundle: Path):
    proofs = {one.role: one.proof for one in verify(bundle, desk.home).predicate.signoffs}

    assert proofs["builder"].startswith(f"logged in at {ISSUER} as 'mike'; no signature of their own")
    assert proofs["lead"].startswith("signed with their own key sha256:")


def resealed(desk: Desk, bundle: Path, change: Callable[[list[SignOff]], list[SignOff]]) -> None:
    """As somebody could write it who holds the product's key, and says of a sign-off what it is not."""
    review = json.loads((bundle / "review.json").read_text())
    held = verify(bundle, desk.home).predicate
    made = change([SignOff.model_validate(one) for one in review["signoffs"]])
    review["signoffs"] = [one.model_dump(mode="json") for one in made]
    files = {p.relative_to(bundle).as_posix(): p.read_bytes() for p in bundle.rglob("*") if p.is_file()}
    files.pop(statement.NAME)
    files["review.json"] = json.dumps(review).encode()
    people = desk.deps().configuration.people()
    own = house.product_key(desk.home)
    listed = tuple(statement._signed_by(one, [people], [own.public]) for one in made)
    about = held.model_copy(update={"signoffs": listed})
    (bundle / "review.json").write_bytes(files["review.json"])
    (bundle / statement.NAME).write_bytes(statement.sealed(files, about, own))


def test_a_login_that_passes_for_a_signature_of_ones_own_is_found(desk: Desk, bundle: Path):
    """Even where the product's own key says so."""

    def as_key(signed: list[SignOff]) -> list[SignOff]:
        return [signed[0].model_copy(update={"assurance": Assurance.KEY}), *signed[1:]]

    resealed(desk, bundle, as_key)

    with pytest.raises(NotVerified, match="says of itself that it is by key, and it is not"):
        verify(bundle, desk.home)


def test_a_login_that_the_products_key_did_not_vouch_for_is_found(desk: Desk, bundle: Path, tmp_path: Path):
    mine = keys.load(desk.keys / "morteza.moradi.pem")

    def by_a_person(signed: list[SignOff]) -> list[SignOff]:
        one = signed[0]
        other = signoffs.sign(
            mine, review=one.review, role=one.role, person=one.person, name=one.name, digest=one.digest,
            decision=one.decision, reason=one.reason, notes=one.notes, at=one.at, channel=one.channel,
            assurance=one.assurance, opened=dict(one.opened), login=one.login,
        )  # fmt: skip
        return [other, *signed[1:]]

    resealed(desk, bundle, by_a_person)

    with pytest.raises(NotVerified, match="none of the product's that you trust"):
        verify(bundle, desk.home)


def test_another_login_than_the_statement_lists_is_found(desk: Desk, bundle: Path):
    def other(signed: list[SignOff]) -> list[SignOff]:
        login = LoggedIn(issuer=ISSUER, subject="somebody", at=signed[0].at)
        return [signed[0].model_copy(update={"login": login}), *signed[1:]]

    resealed(desk, bundle, other)

    with pytest.raises(NotVerified, match="does not carry the product's seal"):
        verify(bundle, desk.home)


def test_the_same_person_signs_once_by_key_and_login(desk: Desk, prepared: Prepared):
    """They are one person, however they are known."""
    bind(desk, lambda told: told["morteza.moradi"].update(logins=[row("morteza")]))
    desk.sign("morteza.moradi", "lead", prepared.review)
    deps = desk.deps()
    who = logged_in(deps, LoggedIn(issuer=ISSUER, subject="morteza", at=deps.clock()))

    with pytest.raises(Refused, match="signed as lead at"):
        signing.sign(deps, who, prepared.review, "lead", SignOffDecision.CLEARED, notes=NOTES)
