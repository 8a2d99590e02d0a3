"""github.file: the text of one file as its last commit left it, whole, or the reason why not."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from agent.domain import Outcome
from agent.probes.runbook import runbook_exists
from collectors.asking import conversation
from collectors.documents import LARGEST
from collectors.documents import FileAsk as LocalAsk
from collectors.documents import file as local_file
from collectors.evidence import GapReason, resolve, sha256
from collectors.github.check import check
from collectors.github.client import ALLOWED, access_of
from collectors.github.facts import FileAsk, GitHubFileFacts
from collectors.github.file import file
from collectors.http import NotAllowed
from collectors.sandbox.faults import Fault
from tests.collectors.failures import long_enough
from tests.collectors.optional_place import FAILURES, assert_pointers_lead_to_values, evidence_of, gap_of

REPOSITORY = "acme/finance-agents"
RUNBOOK = FileAsk(path=f"{REPOSITORY}/docs/runbook.md")
CONTENTS = f"/repos/{REPOSITORY}/contents/docs/runbook.md"
COMMITS = f"/repos/{REPOSITORY}/commits"


def facts_of(answer: object) -> GitHubFileFacts:
    facts = evidence_of(answer).facts
    assert isinstance(facts, GitHubFileFacts)
    return facts


def ask(path: str, ref: str | None = None) -> FileAsk:
    return FileAsk(path=f"{REPOSITORY}/{path}", ref=ref)


def content_with(**fields: Any):
    """An edit of the file in GitHub's answer; ... removes a field."""

    def edit(body: Any) -> Any:
        for name, value in fields.items():
            body.pop(name, None)
            if value is not ...:
                body[name] = value
        return body

    return {CONTENTS: edit}


@pytest.mark.parametrize("world", ["as-written", "put-right"])
def test_the_runbook_has_the_digest_that_the_same_text_has_in_a_folder(place, world):
    """So answers about the runbook count wherever it is read from."""
    here = place(world)
    answer = file(here.conn, [RUNBOOK])[0]
    facts = facts_of(answer)
    at_home = replace(here.conn, documents=here.world.overlay / "documents")
    local = evidence_of(local_file(at_home, [LocalAsk(path="runbook.md")])[0])
    assert facts.digest.value == local.facts.digest.value  # type: ignore[attr-defined]
    assert facts.changed.value == datetime.fromisoformat("2026-06-05T15:42:00-04:00")
    assert_pointers_lead_to_values(answer)


def test_the_text_is_kept_and_the_link_leads_to_exactly_this_commit(place):
    answer = evidence_of(file(place().conn, [RUNBOOK])[0])
    text = resolve(answer.body, "/file/text")
    assert isinstance(text, str)
    assert "sha256:" + sha256(text.encode()) == facts_of(answer).digest.value
    assert facts_of(answer).commit.value in answer.link


def test_the_rule_about_the_runbook_takes_these_facts_as_they_are(place):
    assert runbook_exists(facts_of(file(place().conn, [RUNBOOK])[0])).outcome is Outcome.PASS


def test_the_content_is_asked_for_at_the_commit_that_last_changed_it(place):
    """The branch may move on between the two questions; text and time still belong together."""
    here = place()
    commit = facts_of(file(here.conn, [RUNBOOK])[0]).commit.value
    assert here.asked() == [("GET", COMMITS), ("GET", CONTENTS)]
    assert here.faults.seen[1].one("ref") == commit
    assert here.faults.seen[0].headers["x-github-api-version"] == "2022-11-28"


def test_the_version_of_the_api_is_asked_for(place):
    """Without it GitHub answers in whichever version is its default by then."""
    here = place()
    file(here.conn, [RUNBOOK])
    assert {asked.headers.get("x-github-api-version") for asked in here.faults.seen} == {"2022-11-28"}


def test_a_ref_names_an_older_text(place):
    old = facts_of(file(place().conn, [ask("docs/runbook.md", "first-draft")])[0])
    assert old.digest.value == "sha256:" + sha256(b"# Runbook (draft)\n")
    assert old.changed.value == datetime.fromisoformat("2026-05-04T11:20:00-04:00")


def test_a_file_of_more_than_a_megabyte_is_read_as_raw_bytes_and_its_text_left_out(place):
    here = place()
    answer = evidence_of(file(here.conn, [ask("logs/drill.txt")])[0])
    assert facts_of(answer).size.value == 1_500_000
    assert "text" not in answer.body["file"]  # type: ignore[operator]
    assert str(LARGEST) in answer.completeness.note
    assert here.faults.seen[-1].headers["accept"] == "application/vnd.github.raw+json"


def test_raw_bytes_that_are_cut_are_malformed_and_not_a_shorter_file(place):
    here = place()
    here.faults.set(Fault(kind="truncate", path=".*/contents/logs/.*", after=1))
    gap = gap_of(file(here.conn, [ask("logs/drill.txt")])[0], GapReason.MALFORMED)
    assert "git's blob" in gap.what


@pytest.mark.parametrize("fields", [{"content": None}, {"content": ""}, {"encoding": "gzip"}, {"encoding": "none"}])
def test_what_the_json_does_not_carry_is_read_as_raw_bytes(place, fields):
    whole, other = (file(place(edits=content_with(**fields) if n else {}).conn, [RUNBOOK])[0] for n in (0, 1))
    assert facts_of(whole).digest.value == facts_of(other).digest.value


def test_a_file_that_github_does_not_serve_is_named_so(place):
    edits = content_with(size=100_000_001, content="", encoding="none")
    gap = gap_of(file(place(edits=edits).conn, [RUNBOOK])[0], GapReason.MALFORMED)
    assert "100 MB" in gap.what


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("docs", "is a directory"),
        ("docs/outside.md", "symlink"),
        ("shared", "submodule"),
        ("logs/model.bin", "Git LFS"),
    ],
)
def test_what_is_no_plain_file_is_malformed_and_says_what_it_is(place, path, why):
    gap = gap_of(file(place().conn, [ask(path)])[0], GapReason.MALFORMED)
    assert why in gap.what


def test_a_link_inside_the_repository_is_followed(place):
    facts = facts_of(file(place().conn, [ask("docs/current.md", "first-draft")])[0])
    assert facts.digest.value == "sha256:" + sha256(b"# Runbook (draft)\n")


@pytest.mark.parametrize(
    "wanted",
    [
        ask("docs/none.md"),
        ask("old/notes.md"),
        ask("docs/runbook.md", "no-such-branch"),
        FileAsk(path="acme/private/runbook.md"),
        FileAsk(path="acme/empty/runbook.md"),
    ],
)
def test_what_does_not_exist_or_may_not_be_seen_is_gone(place, wanted):
    gap_of(file(place().conn, [wanted])[0], GapReason.GONE)


def test_not_found_says_that_the_token_may_not_see_it(place):
    gap = gap_of(file(place().conn, [FileAsk(path="acme/private/runbook.md")])[0], GapReason.GONE)
    assert "the token may not see it" in gap.what
    assert "Contents: read" in gap.scope


@pytest.mark.parametrize(
    "path",
    ["", "runbook.md", "acme/finance-agents", "acme/x/../y", "acme/x//y", "a b/c/d", "acme/x/y?ref=z", "acme/x/y#z"],
)
def test_a_path_that_is_none_is_not_asked_for(place, path):
    here = place()
    gap_of(file(here.conn, [FileAsk(path=path)])[0], GapReason.GONE)
    assert here.asked() == []


@pytest.mark.parametrize(
    "fields",
    [
        {"content": "not base64!"}, {"content": "eHl6"}, {"size": 3}, {"size": "7"}, {"sha": ...},
        {"sha": "0" * 40}, {"type": ...}, {"type": "blob"},
    ],
)  # fmt: skip
def test_content_that_contradicts_itself_is_malformed(place, fields):
    gap_of(file(place(edits=content_with(**fields)).conn, [RUNBOOK])[0], GapReason.MALFORMED)


@pytest.mark.parametrize(
    "commits",
    [
        {}, [7], [{"sha": "main"}], [{"sha": "a" * 40, "commit": {"committer": {}}}],
        [{"sha": "../../x", "commit": {"committer": {"date": "2026-06-05T19:42:00Z"}}}],
        [{"sha": "a" * 40, "commit": {"committer": {"date": "2026-06-05T19:42:00"}}}],
        [{"sha": "a" * 40, "commit": {"committer": None}}],
    ],
)  # fmt: skip
def test_a_commit_without_id_or_time_is_malformed(place, commits):
    gap_of(file(place(edits={COMMITS: lambda _: commits}).conn, [RUNBOOK])[0], GapReason.MALFORMED)


def test_bytes_that_are_no_text_are_malformed(place):
    def bytes_in(world: Any) -> None:
        world["repositories"][REPOSITORY]["commits"][1]["puts"]["docs/runbook.md"] = {"text": "caf\u00e9"}

    here = place(data=bytes_in)
    assert facts_of(file(here.conn, [RUNBOOK])[0]).size.value == 5
    broken = b"caf\xe9"
    blob = hashlib.sha1(b"blob 4\0" + broken).hexdigest()
    edits = content_with(content=base64.b64encode(broken).decode(), size=4, sha=blob)
    gap = gap_of(file(place(edits=edits).conn, [RUNBOOK])[0], GapReason.MALFORMED)
    assert "UTF-8" in gap.what


@pytest.mark.parametrize(
    ("headers", "told"),
    [
        ({"x-ratelimit-remaining": "0", "x-ratelimit-reset": "1781280000"}, "2026-06-12T16:00:00"),
        ({"retry-after": "90"}, "90 s"),
    ],
)
def test_a_limit_hides_behind_403_and_is_told_from_a_missing_right(place, headers, told):
    here = place()
    here.faults.set(Fault(kind="status", status=403, headers=headers))
    gap = gap_of(file(here.conn, [RUNBOOK])[0], GapReason.THROTTLED)
    assert told in gap.what


def test_a_repository_that_moved_is_gone_and_not_followed(place):
    here = place()
    here.faults.set(Fault(kind="status", status=301, headers={"location": "https://api.github.com/repositories/1"}))
    gap_of(file(here.conn, [RUNBOOK])[0], GapReason.GONE)
    assert len(here.asked()) == 1


@pytest.mark.parametrize("path", [COMMITS, CONTENTS])
@pytest.mark.parametrize(("fault", "reason"), FAILURES)
def test_each_failure_has_its_name(place, path, fault, reason):
    here = place(timeout=long_enough(fault))
    here.faults.set(fault.model_copy(update={"path": path}))
    gap = gap_of(file(here.conn, [RUNBOOK])[0], reason)
    assert "GitHub" in gap.what
    assert path in gap.what


def test_a_wrong_token_is_denied_and_never_told(place):
    gap = gap_of(file(place().as_(token="ghp_wrong"), [RUNBOOK])[0], GapReason.DENIED)
    assert "ghp_wrong" not in gap.to_bytes().decode()


def test_without_a_token_nothing_is_asked(place):
    here = place()
    gap = gap_of(file(replace(here.conn, github=None), [RUNBOOK])[0], GapReason.NOT_CONFIGURED)
    assert "GITHUB_TOKEN" in gap.what
    assert here.asked() == []


def test_one_failing_question_leaves_the_others_alone(place):
    first, second = file(place().conn, [ask("none.md"), RUNBOOK])
    gap_of(first, GapReason.GONE)
    assert_pointers_lead_to_values(second)


def test_who_wrote_the_commit_is_not_kept(place):
    assert "acme.example" not in evidence_of(file(place().conn, [RUNBOOK])[0]).to_bytes().decode()


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("PUT", CONTENTS),
        ("DELETE", CONTENTS),
        ("GET", "/user"),
        ("POST", "/graphql"),
        ("GET", f"/repos/{REPOSITORY}/git/x"),
    ],
)
def test_whatever_is_not_on_the_list_is_not_sent(place, method, path):
    here = place()
    with conversation(here.conn, access_of(here.conn.github)) as asking, pytest.raises(NotAllowed):
        asking.http.request(method, path)
    assert here.asked() == []
    assert {rule.method for rule in ALLOWED} == {"GET"}


def test_the_check_tells_what_is_left_of_the_limit_and_a_wrong_token(place):
    here = place()
    assert check(here.conn).state == "ok"
    assert "4987 calls left" in check(here.conn).sentence
    assert check(here.as_(token="wrong")).state == "refused"
    assert check(replace(here.conn, github=None)).state == "not configured"
    here.faults.set(Fault(kind="refuse"))
    assert check(here.conn).state == "unreachable"


@pytest.mark.parametrize(("scopes", "held"), [("repo, read:org", True), ("public_repo", False), ("", False)])
def test_the_check_tells_what_an_older_token_may_read(place, scopes, held):
    """Which repositories a fine-grained token may read is known when one is asked for."""
    here = place()
    here.faults.set(Fault(kind="status", status=200, path="/rate_limit", headers={"x-oauth-scopes": scopes}, body="{}"))
    assert ("Contents: read" in check(here.conn).held) is held


@pytest.mark.parametrize(
    ("header", "scope"),
    [
        ("contents=read", "the permission Contents: read on the repository (contents=read)"),
        ("metadata=read,contents=read; admin=read", "(metadata=read,contents=read; admin=read)"),
        ("\u2028<b>", "the permission Contents: read on the repository"),
        ("", "the permission Contents: read on the repository"),
    ],
)
def test_a_fine_grained_token_that_is_refused_is_told_what_github_says_it_lacks(place, header, scope):
    here = place()
    here.faults.set(Fault(kind="status", status=403, headers={"x-accepted-github-permissions": header.strip("\u2028")}))

    gap = gap_of(file(here.conn, [RUNBOOK])[0], GapReason.DENIED)

    assert gap.scope.endswith(scope)
    assert gap.scope in gap.what


@pytest.mark.parametrize(
    ("said", "told"),
    [("2026-12-01 10:00:00 UTC", ", and it expires on 2026-12-01;"), ("soon", "; it needs"), ("", "; it needs")],
)
def test_the_check_tells_when_a_fine_grained_token_expires(place, said, told):
    """It names no scopes, so none is held for sure; which repositories it reads shows when one is asked for."""
    here = place()
    headers = {"github-authentication-token-expiration": said}
    here.faults.set(Fault(kind="status", status=200, path="/rate_limit", body="{}", headers=headers))

    found = check(here.conn)

    assert (found.state, found.held, found.missing) == ("ok", (), ())
    assert f"GitHub answers to the token{told}" in found.sentence
