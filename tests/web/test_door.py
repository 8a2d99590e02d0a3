"""Who is let in: our host and origin only, one link once, one session, and forms that the page itself made."""

from __future__ import annotations

import http.client
import re
from urllib.parse import urlencode, urlsplit

import pytest

from tests.acceptance.conftest import NOTES, Desk
from tests.processes import LONGEST
from tests.web.conftest import Office, Served

Answer = tuple[int, str, http.client.HTTPMessage]


class Visitor:
    """Speaks plain HTTP to one page, with headers as it likes; `cookie` is what the page set."""

    def __init__(self, served: Served) -> None:
        self.host = urlsplit(served.address).netloc
        self.cookie = ""

    def ask(self, method: str, path: str, form: dict[str, str] | None = None, **headers: str) -> Answer:
        connection = http.client.HTTPConnection(self.host, timeout=LONGEST)
        own = {"Host": self.host, "Cookie": self.cookie}
        if form is not None:
            own |= {"Content-Type": "application/x-www-form-urlencoded", "Origin": f"http://{self.host}"}
        sent = {name.replace("_", "-"): value for name, value in {**own, **headers}.items() if value}
        connection.request(method, path, urlencode(form or {}) if form is not None else None, sent)
        answer = connection.getresponse()
        body = answer.read().decode()
        connection.close()
        return answer.status, body, answer.headers

    def enter(self, office: Office) -> http.client.HTTPMessage:
        status, _, headers = self.ask("GET", urlsplit(office.served.link()).path)
        assert status == 303
        self.cookie = headers["set-cookie"].split(";")[0]
        return headers

    def token(self, page: str, action: str) -> str:
        _, body, _ = self.ask("GET", page)
        found = re.search(rf'action="{re.escape(action)}".*?name="csrf" value="([0-9a-f]+)"', body, re.DOTALL)
        assert found
        return found[1]


@pytest.fixture
def visitor(office: Office) -> Visitor:
    """Somebody who is logged in as Mike Chen."""
    found = Visitor(office.served)
    found.enter(office)
    return found


@pytest.fixture
def review(office: Office) -> str:
    return office.review


def test_the_link_works_once_and_leaves_no_secret_in_the_address(office: Office):
    """A cookie that no script and no other site gets, and a redirect to an address without the token."""
    first, second = Visitor(office.served), Visitor(office.served)
    path = urlsplit(office.served.link()).path
    status, _, headers = first.ask("GET", path)
    first.cookie = headers["set-cookie"].split(";")[0]

    assert (status, headers["location"]) == (303, "/")
    assert {"HttpOnly", "SameSite=strict", "Path=/"} <= set(headers["set-cookie"].split("; "))
    assert second.ask("GET", path)[0] == 403
    assert "You are <strong>Mike Chen</strong>" in first.ask("GET", "/")[1]


def test_without_a_session_nothing_is_shown(office: Office, review: str):
    """Not the board, not a review, not one item, not a kill switch, and no form is taken."""
    visitor = Visitor(office.served)
    for path in ("/", f"/reviews/{review}", f"/reviews/{review}/items/4", "/switch/finance-invoice-recon"):
        status, body, _ = visitor.ask("GET", path)
        assert (status, "invoice" in body) == (401, False)

    visitor.cookie = "clearance_1=made-up"
    status, body, _ = visitor.ask("POST", f"/reviews/{review}/sign", {"role": "builder", "decision": "cleared"})
    assert status == 401
    assert "your session has ended. Nothing was done with the form that you sent." in body
    assert office.desk.deps().reviews.signoffs(review) == []


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1", "127.0.0.1:1", "localhost.evil.example", "[::1]:80"])
def test_a_name_that_was_rebound_to_us_is_not_heard(office: Office, host: str):
    """A page elsewhere that points its own name at this machine reads nothing."""
    visitor = Visitor(office.served)

    status, body, _ = visitor.ask("GET", "/", Host=host)
    assert status == 403
    assert "named another host" in body


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://localhost:1", ""])
def test_a_form_from_elsewhere_does_nothing(office: Office, visitor: Visitor, review: str, origin: str):
    """Even with the session's cookie and token."""
    action = f"/reviews/{review}/items/4/open"
    form, before = {"csrf": visitor.token(f"/reviews/{review}", action)}, _events(office.desk, review)

    status, body, _ = visitor.ask("POST", action, form, Origin=origin)
    assert status == 403
    assert "did not come from this page" in body
    assert _events(office.desk, review) == before


def test_a_form_with_a_wrong_token_or_one_of_another_form_does_nothing(office: Office, visitor: Visitor, review: str):
    """A token is good for the one form that it was made for."""
    page, action = f"/reviews/{review}", f"/reviews/{review}/items/4/open"
    other, before = visitor.token(page, f"/reviews/{review}/items/7/open"), _events(office.desk, review)

    for token in ("", "0" * 64, other):
        status, body, _ = visitor.ask("POST", action, {"csrf": token})
        assert (status, "older session; nothing was done" in body) == (409, True)
    assert _events(office.desk, review) == before


def test_identity_never_comes_from_a_form(office: Office, visitor: Visitor, review: str):
    """Whatever names a form sends, it is the holder of the key who asks; and a role that is not theirs is refused."""
    page, action = f"/reviews/{review}", f"/reviews/{review}/sign"
    form = {
        "csrf": visitor.token(page, action), "digest": office.desk.deps().reviews.get(review).digest,
        "person": "morteza.moradi", "name": "Morteza Moradi", "role": "lead", "decision": "blocked",
        "reason": "I say that I am somebody else",
    }  # fmt: skip

    status, body, _ = visitor.ask("POST", action, form)
    assert status == 409
    assert "Mike Chen does not hold the role lead" in body
    assert office.desk.deps().reviews.signoffs(review) == []


def test_every_answer_tells_the_browser_to_be_strict(office: Office, visitor: Visitor):
    """No script but our own file, no frame, no type guessed, nothing kept in a cache."""
    for path in ("/", "/nowhere", "/static/htmx.min.js", "/static/report.css"):
        _, _, headers = visitor.ask("GET", path)
        assert "script-src 'self'; style-src 'self'" in headers["content-security-policy"]
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["cache-control"] == "no-store"
        assert headers["x-content-type-options"] == "nosniff"


def test_what_is_not_there_is_told_in_a_sentence(office: Office, visitor: Visitor, review: str):
    """An unknown review, item, subject or page; never a stack."""
    told = {
        "/reviews/rv-nothing": "there is no review",
        f"/reviews/{review}/items/77": "has no item 77",
        "/switch/nobody": "there is no card",
        "/elsewhere": "There is no such page here.",
        "/reviews/%3Cscript%3E": "&lt;script&gt;",
    }
    for path, sentence in told.items():
        status, body, _ = visitor.ask("GET", path)
        assert (status, sentence in body) == (404, True)


def test_a_form_that_is_too_long_is_not_read_to_its_end(office: Office, visitor: Visitor, review: str):

    assert visitor.ask("POST", f"/reviews/{review}/sign", {"reason": "x" * 200_000})[0] == 413


def test_logging_out_ends_the_session_and_a_new_link_stands_on_the_terminal_only(office: Office, visitor: Visitor):
    """The page itself never shows a link."""
    token = visitor.token("/", "/logout")

    visitor.ask("POST", "/logout", {"csrf": token})
    assert visitor.ask("GET", "/")[0] == 401
    status, body, _ = visitor.ask("POST", "/login", {})
    assert (status, "/login/" in body) == (200, False)
    assert visitor.ask("GET", urlsplit(office.served.printed_link()).path)[0] == 303


def test_a_key_that_is_nobodys_serves_nothing(office: Office):
    """Before a port is opened."""
    from agent.signing import keys

    keys.make(office.desk.keys / "stranger.pem")
    done = office.desk.cli("serve", "--port", "0", CLEARANCE_KEY=str(office.desk.keys / "stranger.pem"))

    assert done.returncode == 20
    assert "nobody's in people.yaml" in done.stderr


def test_signing_by_plain_http_needs_opened_evidence_and_the_digest_shown(
    office: Office, visitor: Visitor, review: str
):
    """Each refusal is a sentence on the page with what was typed; then the signature is there, once."""
    page, action = f"/reviews/{review}", f"/reviews/{review}/sign"
    notes = {f"note-{number}": text for number, text in NOTES.items()}
    digest = office.desk.deps().reviews.get(review).digest
    form = {"csrf": visitor.token(page, action), "role": "builder", "decision": "cleared", "digest": digest, **notes}

    refused = {
        "Mike Chen has not opened the evidence of items 4, 7, 9": form,
        "you meant to sign 000000000000": {**form, "digest": "0" * 64},
        "which digest it was shown with": {**form, "digest": ""},
        "choose what you decide": {**form, "decision": "sure"},
    }
    for sentence, one in refused.items():
        status, body, _ = visitor.ask("POST", action, one)
        assert status == 409
        if "meant" not in sentence:  # what is asked first is whether the evidence was opened
            assert sentence in body
        assert NOTES["4"] in body
    for number in NOTES:
        path = f"{page}/items/{number}/open"
        assert visitor.ask("POST", path, {"csrf": visitor.token(page, path)})[0] == 303
    assert "you meant to sign 000000000000" in visitor.ask("POST", action, {**form, "digest": "0" * 64})[1]

    assert visitor.ask("POST", action, form)[0] == 303
    status, body, _ = visitor.ask("POST", action, form)
    assert (status, "Mike Chen signed as builder at" in body) == (409, True)
    (one,) = office.desk.deps().reviews.signoffs(review)
    assert (one.person, one.channel, one.assurance, one.digest) == ("mike.chen", "page", "key", digest)


def _events(desk: Desk, review: str) -> list[str]:
    from agent.store import log

    return [str(entry.event) for entry in log.entries(desk.deps().engine, review)]
