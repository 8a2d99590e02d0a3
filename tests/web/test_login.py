"""Login by OpenID Connect: only whom the provider names and people.yaml knows, once, in the browser that began it."""

from __future__ import annotations

import http.client
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from joserfc.jwk import OctKey

from tests import plain_yaml
from tests.acceptance.conftest import NOTES, Desk, RunningWorld, desk_over
from tests.processes import LONGEST
from tests.web.conftest import Serve, Served
from tests.web.provider import CLIENT, SECRET, THEIRS, Idp, provider
from tests.web.test_door import Visitor

LOGINS = {"mike.chen": "mike", "morteza.moradi": "morteza", "dana.ortiz": "dana"}


@pytest.fixture(scope="module")
def idp() -> Iterator[Idp]:
    with provider() as found:
        yield found


@pytest.fixture(autouse=True)
def honest(idp: Idp) -> Iterator[None]:
    yield
    idp.honest()


def bind(desk: Desk, issuer: str, logins: dict[str, str]) -> None:
    """Their logins into people.yaml."""
    path = desk.overlay / "people.yaml"
    told = plain_yaml.load(path.read_text())
    for person, subject in logins.items():
        told["people"][person]["logins"] = [{"issuer": issuer, "subject": subject}]
    path.write_text(plain_yaml.dump(told))


def settings(issuer: str) -> dict[str, str]:
    return {
        "CLEARANCE_OIDC_ISSUER": issuer, "CLEARANCE_OIDC_CLIENT_ID": CLIENT, "CLEARANCE_OIDC_CLIENT_SECRET": SECRET,
        "CLEARANCE_KEY": "/nowhere",
    }  # fmt: skip


@pytest.fixture(scope="module")
def desk(put_right_world: RunningWorld, idp: Idp, tmp_path_factory: pytest.TempPathFactory) -> Desk:
    made = desk_over(put_right_world, tmp_path_factory.mktemp("login"))
    bind(made, idp.issuer, LOGINS)
    return made


@pytest.fixture(scope="module")
def review(desk: Desk) -> str:
    return desk.assess().review


@pytest.fixture(scope="module")
def page(desk: Desk, serve: Serve, idp: Idp) -> Served:
    """One page for all of them; it holds nobody's key."""
    return serve(desk, "everybody", **settings(idp.issuer))


class Browser(Visitor):
    """Keeps cookies as a browser does; `follow` stops at each redirect."""

    def __init__(self, page: Served) -> None:
        super().__init__(page)
        self.jar: dict[str, str] = {}

    def go(self, path: str) -> tuple[int, str, http.client.HTTPMessage]:
        self.cookie = "; ".join(f"{name}={value}" for name, value in self.jar.items())
        status, body, headers = self.ask("GET", path)
        for row in headers.get_all("set-cookie") or []:
            name, _, value = row.split(";")[0].partition("=")
            self.jar[name] = value
            if not value.strip('"'):
                del self.jar[name]
        self.cookie = "; ".join(f"{name}={value}" for name, value in self.jar.items())
        return status, body, headers

    def begin(self, to: str = "/") -> str:
        """Where the provider sends this browser back to."""
        status, body, headers = self.go(f"/login?to={to}")
        assert status == 303, body
        there = urlsplit(headers["location"])
        connection = http.client.HTTPConnection("127.0.0.1", there.port, timeout=LONGEST)
        connection.request("GET", f"{there.path}?{there.query}")
        answer = connection.getresponse()
        answer.read()
        connection.close()
        back = urlsplit(answer.headers["location"])
        return f"{back.path}?{back.query}"

    def log_in(self, to: str = "/") -> http.client.HTTPMessage:
        status, body, headers = self.go(self.begin(to))
        assert status == 303, body
        return headers


def test_who_logs_in_is_the_person_whose_login_people_yaml_knows(page: Served, review: str):
    """And lands where they wanted to go, in an address without code or state."""
    browser = Browser(page)
    assert f"/login?to=/reviews/{review}" in browser.go(f"/reviews/{review}")[1]

    headers = browser.log_in(f"/reviews/{review}")

    assert headers["location"] == f"/reviews/{review}"
    status, body, _ = browser.go(headers["location"])
    assert (status, "You are <strong>Mike Chen</strong>" in body) == (200, True)


def test_what_goes_to_the_provider_is_a_code_flow_with_state_nonce_and_pkce_and_no_secret(page: Served, idp: Idp):
    headers = Browser(page).go("/login")[2]
    asked = {name: values[0] for name, values in parse_qs(urlsplit(headers["location"]).query).items()}

    assert set(asked) == {
        "client_id", "response_type", "state", "nonce", "code_challenge", "code_challenge_method", "redirect_uri",
        "scope",
    }  # fmt: skip
    assert (asked["response_type"], asked["code_challenge_method"]) == ("code", "S256")
    assert asked["redirect_uri"] == f"{page.address}/login/back"
    assert {"HttpOnly", "SameSite=lax", "Path=/", "Max-Age=600"} <= set(headers["set-cookie"].split("; "))
    assert not any(SECRET in path for path in idp.heard)


@pytest.mark.parametrize(
    "to",
    ["//evil.example", "https://evil.example", "/\\evil.example", "/reviews/%0d%0aSet-Cookie:x", f"/{'a' * 99}!"],
)
def test_a_login_leads_nowhere_else(page: Served, to: str):
    """And nobody stops the page by asking for an address that takes for ever to look at."""
    assert Browser(page).log_in(to)["location"] == "/"


def refused(page: Served, browser: Browser, back: str) -> str:
    """The sentence of the refusal; nobody is logged in by it."""
    status, body, headers = browser.go(back)
    assert status == 403
    assert "location" not in headers
    assert browser.go("/")[0] == 401
    return body.split('role="status">')[1].split("</p>")[0]


def test_a_callback_works_once(page: Served):
    browser = Browser(page)
    back = browser.begin()
    browser.go(back)

    again = Browser(page)
    again.jar = dict(browser.jar)
    assert "used already" in browser.go(back)[1]
    assert "not begun in this browser" in refused(page, Browser(page), back)


def test_a_stolen_callback_is_worth_nothing_in_another_browser(page: Served, idp: Idp):
    """Neither without a login of its own, nor with one: whoever is sent a link is not logged in as its sender."""
    idp.tokens = 0
    back = Browser(page).begin()
    other = Browser(page)
    other.begin()

    assert "not begun in this browser" in refused(page, Browser(page), back)
    assert "not begun in this browser" in refused(page, other, back)
    assert idp.tokens == 0


def test_a_state_that_is_not_ours_is_refused(page: Served):
    browser = Browser(page)
    back = browser.begin()

    assert "not begun in this browser" in refused(page, browser, back.replace("state=", "state=x"))


NOW = int(time.time())
LIES: dict[str, tuple[dict[str, object], str]] = {
    "another nonce": ({"nonce": "x"}, "another login (nonce)"),
    "no nonce": ({"nonce": None}, "another login (nonce)"),
    "another audience": ({"aud": "other-page"}, "made for somebody else"),
    "several audiences": ({"aud": [CLIENT, "other-page"], "azp": CLIENT}, "made for somebody else"),
    "another party": ({"azp": "other-page"}, "made for somebody else (azp)"),
    "another issuer": ({"iss": "https://evil.example"}, "another provider (iss)"),
    "expired": ({"exp": NOW - 3600, "iat": NOW - 7200}, "has expired"),
    "no end": ({"exp": None}, "how long it holds (exp)"),
    "not yet": ({"iat": NOW + 3600}, "has not come yet"),
    "nobody": ({"sub": None}, "who it is (sub)"),
    "a number": ({"sub": 7}, "does not hold"),
    "another access token": ({"at_hash": "x"}, "another answer (at_hash)"),
}


@pytest.mark.parametrize("name", sorted(LIES))
def test_a_token_that_does_not_hold_logs_nobody_in(page: Served, idp: Idp, name: str):
    idp.claims, sentence = LIES[name]
    browser = Browser(page)

    assert sentence in refused(page, browser, browser.begin())


def test_a_token_that_the_provider_did_not_sign_logs_nobody_in(page: Served, idp: Idp):
    """Another key under the same name, no signature, and one made with the secret that we share."""
    secret = OctKey.import_key(SECRET.ljust(32, "."), {"kid": "one"})
    for header, key in (("RS256", THEIRS), ("none", THEIRS), ("HS256", secret)):
        idp.header, idp.key = {"alg": header, "kid": "one"}, key
        browser = Browser(page)

        assert "is not signed by" in refused(page, browser, browser.begin())


def test_who_is_nobody_in_people_yaml_is_not_let_in(page: Served, idp: Idp):
    """By no claim: not by the id of a person, nor by an e-mail that people.yaml does not name."""
    idp.subject, idp.claims = "stranger", {"preferred_username": "mike.chen", "name": "Mike Chen"}
    browser = Browser(page)

    assert "is nobody&#39;s in people.yaml" in refused(page, browser, browser.begin())


def test_an_email_counts_only_where_the_provider_has_verified_it(page: Served, idp: Idp, desk: Desk):
    path = desk.overlay / "people.yaml"
    before = path.read_text()
    told = plain_yaml.load(before)
    told["people"]["mike.chen"]["logins"] = [{"issuer": idp.issuer, "email": "Mike@acme.example"}]
    path.write_text(plain_yaml.dump(told))
    try:
        for verified, let_in in ((True, True), (False, False), ("true", False), (None, False)):
            idp.claims = {"email": "mike@acme.example", "email_verified": verified}
            browser = Browser(page)
            browser.go(browser.begin())
            assert (browser.go("/")[0] == 200) is let_in
    finally:
        path.write_text(before)


def test_what_the_provider_says_when_it_sends_back_is_heard(page: Served, idp: Idp):
    """An error, in its own word if it is one; no code; and another provider's name (mix-up)."""
    for said, sentence in (
        ({"error": "access_denied"}, "did not let you in (access_denied)"),
        ({"error": "<script>"}, "did not let you in (no reason)"),
        ({"code": ""}, "did not let you in"),
        ({"code": "guessed"}, "did not take the code of this login (invalid_grant)"),
        ({"iss": "https://evil.example"}, "another provider than ours"),
    ):
        idp.sends_back = said
        browser = Browser(page)
        assert sentence in refused(page, browser, browser.begin())


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"issuer": "https://evil.example"}, "it says that it is"),
        ({"token_endpoint": "http://evil.example/token"}, "is not https://"),
        ({"jwks_uri": None}, "is not OpenID Connect"),
    ],
)
def test_a_provider_that_describes_itself_wrongly_is_not_asked(
    page: Served, idp: Idp, settings: dict[str, object], sentence: str
):
    idp.settings = settings
    status, body, _ = Browser(page).go("/login")

    assert (status, sentence in body) == (502, True)


def test_logging_in_gives_a_new_session_and_ends_the_old_one(page: Served):
    """What a browser brought with it never becomes a session (fixation)."""
    browser, planted = Browser(page), {f"clearance_{urlsplit(page.address).port}": "planted"}
    browser.jar |= planted
    browser.log_in()
    first = dict(browser.jar)
    assert first != planted
    browser.log_in()

    assert browser.go("/")[0] == 200
    browser.jar = first
    assert browser.go("/")[0] == 401


def test_logging_out_ends_the_session_of_this_browser_alone(page: Served):
    one, other = Browser(page), Browser(page)
    one.log_in()
    other.log_in()

    one.ask("POST", "/logout", {"csrf": one.token("/", "/logout")})

    assert (one.ask("GET", "/")[0], other.ask("GET", "/")[0]) == (401, 200)


def test_a_login_that_is_withdrawn_ends_at_the_next_look(page: Served, desk: Desk):
    browser, path = Browser(page), desk.overlay / "people.yaml"
    browser.log_in()
    before = path.read_text()
    path.write_text(before.replace("subject: mike", "subject: mike\n      revoked: 2026-01-01T00:00:00Z"))
    try:
        status, body, _ = browser.go("/")
    finally:
        path.write_text(before)

    assert (status, "is nobody&#39;s in people.yaml at this time" in body) == (409, True)


def test_a_form_of_another_site_or_of_another_session_signs_nothing(page: Served, desk: Desk, review: str):
    """The browser sends the cookie with links of others; forms need this page's origin and this session's token."""
    one, other = Browser(page), Browser(page)
    one.log_in()
    other.log_in()
    action = f"/reviews/{review}/sign"
    stolen = other.token(f"/reviews/{review}", action)

    assert one.ask("POST", action, {"csrf": stolen})[0] == 409
    assert one.ask("POST", action, {"csrf": stolen}, Origin="https://evil.example")[0] == 403
    assert desk.deps().reviews.signoffs(review) == []


def test_the_page_says_no_secret(page: Served, desk: Desk):
    """Nor does its terminal, nor `doctor`, which says whether the provider answers."""
    done = desk.cli("doctor", **settings(desk_issuer(desk)))

    assert SECRET not in done.stdout + done.stderr
    assert f"OpenID Connect at {desk_issuer(desk)}: it answers" in done.stdout


def desk_issuer(desk: Desk) -> str:
    told = plain_yaml.load((desk.overlay / "people.yaml").read_text())
    issuer: str = told["people"]["dana.ortiz"]["logins"][0]["issuer"]
    return issuer


def signed_by(page: Served, idp: Idp, subject: str, review: str, role: str, digest: str) -> tuple[int, str]:
    idp.subject = subject
    browser = Browser(page)
    browser.log_in()
    here, action = f"/reviews/{review}", f"/reviews/{review}/sign"
    for number in NOTES:
        path = f"{here}/items/{number}/open"
        browser.ask("POST", path, {"csrf": browser.token(here, path)})
    notes = {f"note-{number}": text for number, text in NOTES.items()}
    form = {"csrf": browser.token(here, action), "role": role, "decision": "cleared", "digest": digest, **notes}
    return browser.ask("POST", action, form)[:2]


def test_roles_come_from_the_providers_claim_where_one_is_named(desk: Desk, serve: Serve, idp: Idp):
    """In place of those of people.yaml: none without the claim, and nothing that is no word."""
    review = desk.assess(new=True).review
    page = serve(desk, "by-claim", **settings(idp.issuer), CLEARANCE_OIDC_ROLES_CLAIM="groups")

    def signs(groups: object) -> tuple[int, str]:
        idp.claims = {"groups": groups}
        browser = Browser(page)
        browser.log_in()
        action, digest = f"/reviews/{review}/sign", desk.deps().reviews.get(review).digest
        form = {"role": "builder", "decision": "blocked", "reason": "I would rather wait", "digest": digest}
        return browser.ask("POST", action, {**form, "csrf": browser.token(f"/reviews/{review}", action)})[:2]

    for groups, told in (
        (None, "no role of this gate"),
        ({"builder": 1}, "no role of"),
        (["lead", 7], "you hold lead"),
    ):
        status, body = signs(groups)
        assert (status, told in body) == (409, True)
    assert signs(["builder"])[0] == 303


def test_who_is_logged_in_without_a_key_is_told_where_statements_are_made(page: Served, desk: Desk):
    """Instead of forms that would be refused; and that they sign by their login."""
    review = desk.assess(new=True).review
    browser = Browser(page)
    browser.log_in()
    body = browser.go(f"/reviews/{review}")[1]

    assert "/state" not in body
    assert "clearance attest finance-invoice-recon 9 --kind drill" in body
    assert "by your login at" in body
    quiz = browser.go("/quiz/finance-invoice-recon")[1]
    assert "Answers and marks need their author's own key" in quiz
    assert 'name="answer-kill"' not in quiz


def test_a_review_signed_by_login_is_reported_with_its_kind_of_proof(page: Served, desk: Desk, idp: Idp):
    """Two by login, one by their own key; each counts, and the bundle tells them apart."""
    review = desk.assess(new=True).review
    digest = desk.deps().reviews.get(review).digest
    assert signed_by(page, idp, "mike", review, "builder", digest)[0] == 303
    desk.sign("morteza.moradi", "lead", review)
    assert signed_by(page, idp, "dana", review, "second_approver", digest)[0] == 303

    one, lead, last = desk.deps().reviews.signoffs(review)
    assert [str(s.assurance) for s in (one, lead, last)] == ["oidc", "key", "oidc"]
    assert (one.login and (one.login.issuer, one.login.subject), one.channel) == ((idp.issuer, "mike"), "page")
    told = desk.cli("verify", str(bundle := Path(desk.deps().reviews.get(review).bundle))).stdout
    assert f"Mike Chen (builder): logged in at {idp.issuer} as 'mike'; no signature of their own" in told
    assert "Morteza Moradi (lead): signed with their own key sha256:" in told
    assert f"by login: cleared at {idp.issuer}" in (bundle / "report.md").read_text().replace("\\", "")
