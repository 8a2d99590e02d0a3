"""Reports in a folder or a bucket: each once, byte for byte that of the home, and only then is anything decided."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from agent.errors import StoreError
from agent.outputs.publish import read
from agent.outputs.publish_s3 import Bucket
from agent.service.finishing import finish
from agent.service.permission import may_deploy
from agent.service.verification import verify
from agent.writing_account import WritingAccount
from collectors.sandbox.server import Asked, Reply
from collectors.way import Network
from tests.acceptance.between import between
from tests.acceptance.conftest import GATE, SIGNERS, SUBJECT, Desk
from tests.acceptance.prepared import Prepared


@pytest.fixture
def reports(moto: str, request: pytest.FixtureRequest) -> Bucket:
    """A bucket of this test's own."""
    name = request.node.name.replace("_", "-").replace("[", "-").strip("]")[:60].lower().strip("-")
    bucket = Bucket(name, "launch", WritingAccount("AKPUBLISH", "secret", None, "us-east-1", moto, 5, Network()))
    bucket.account.client("s3").create_bucket(Bucket=name)
    return bucket


def by(bucket: Bucket, url: str) -> Bucket:
    """The same, asked at another address."""
    return replace(bucket, account=replace(bucket.account, endpoint=url))


def held(bucket: Bucket) -> dict[str, bytes]:
    client = bucket.account.client("s3")
    keys = [one["Key"] for one in client.list_objects_v2(Bucket=bucket.name).get("Contents", [])]
    return {key: client.get_object(Bucket=bucket.name, Key=key)["Body"].read() for key in keys}


def test_the_bundle_is_in_the_bucket_byte_for_byte(prepared: Prepared, tmp_path: Path, reports: Bucket):
    desk = prepared.copy(tmp_path)
    folder = Path(desk.sign_all(prepared.review).bundle)

    where = reports.put(folder.name, read(folder))

    assert where == f"s3://{reports.name}/launch/{folder.name}"
    assert held(reports) == {f"launch/{folder.name}/{name}": body for name, body in read(folder).items()}
    assert reports.put(folder.name, read(folder)) == where


def test_an_upload_that_was_cut_is_finished_by_the_next_and_ends_with_the_statement(reports: Bucket):
    files = {"report.md": b"text", "statement.dsse.json": b"{}", "evidence/a.json": b"1"}
    order: list[str] = []

    def cut(asked: Asked, whole) -> Reply:  # type: ignore[no-untyped-def]
        order.append(asked.path.rsplit("/", 1)[1])
        return Reply(500) if len(order) > 1 and asked.method == "PUT" and not cut_over else whole()

    cut_over: list[bool] = []
    with between(str(reports.account.endpoint), cut) as url:
        through = by(reports, url)
        with pytest.raises(StoreError, match="could not be published"):
            through.put("rv-1", files)
        assert list(held(reports)) == ["launch/rv-1/evidence/a.json"]
        cut_over.append(True)
        through.put("rv-1", files)

    assert len(held(reports)) == 3
    assert order[-1] == "statement.dsse.json"


def test_a_bucket_that_fails_is_asked_three_times_in_all(reports: Bucket):
    asked = list[str]()

    def fails(one: Asked, whole) -> Reply:  # type: ignore[no-untyped-def]
        asked.append(one.method)
        return Reply(503)

    with between(str(reports.account.endpoint), fails) as url, pytest.raises(StoreError):
        by(reports, url).put("rv-1", {"report.md": b"text"})
    assert len(asked) == 3


def test_what_is_there_already_and_is_something_else_is_left_alone(reports: Bucket):
    reports.put("rv-1", {"report.md": b"theirs"})

    with pytest.raises(StoreError, match="is there already and is something else"):
        reports.put("rv-1", {"report.md": b"ours"})
    assert list(held(reports).values()) == [b"theirs"]


def test_while_the_bucket_is_away_nothing_is_decided_and_the_next_command_goes_on(
    prepared: Prepared, tmp_path: Path, reports: Bucket
):
    desk = prepared.copy(tmp_path)
    own = {
        "CLEARANCE_PUBLISH": f"s3://{reports.name}/launch", "CLEARANCE_PUBLISH_KEY_ID": "AKPUBLISH",
        "CLEARANCE_PUBLISH_SECRET": "secret", "CLEARANCE_PUBLISH_URL": "http://127.0.0.1:9",
    }  # fmt: skip
    for person, role in SIGNERS[:2]:
        desk.sign(person, role, prepared.review)
    signed = _last_signature(desk, prepared.review, own)

    assert "the report could not be written yet" in " ".join(signed.said)
    assert may_deploy(desk.deps(**own), SUBJECT, "1.0", GATE, sandbox=True).code == 50

    assert "CLEARANCE_PUBLISH is not set here" in " ".join(finish(desk.deps()))
    assert may_deploy(desk.deps(), SUBJECT, "1.0", GATE, sandbox=True).code == 50

    finish(desk.deps(**{**own, "CLEARANCE_PUBLISH_URL": str(reports.account.endpoint)}))

    assert may_deploy(desk.deps(), SUBJECT, "1.0", GATE, sandbox=True).code == 0
    bundle = Path(desk.deps().reviews.get(prepared.review).bundle)
    assert set(held(reports).values()) == set(read(bundle).values())


def _last_signature(desk: Desk, review: str, own: dict[str, str]):  # type: ignore[no-untyped-def]
    from agent.domain import SignOffDecision
    from agent.service import signing
    from tests.acceptance.conftest import NOTES, open_all
    from tests.acceptance.prepared import as_person

    deps, who = as_person(desk, "dana.ortiz", **own)
    open_all(deps, who, review)
    return signing.sign(deps, who, review, "second_approver", SignOffDecision.CLEARED, notes=NOTES)


def test_a_review_that_was_begun_to_be_published_is_finished_only_by_who_knows_where(put_right: Desk, tmp_path: Path):
    """A process without the setting leaves it pending, and says so."""
    from agent.service.assess import assess

    own = {"CLEARANCE_PUBLISH": str(tmp_path / "share")}
    review = assess(put_right.deps(**own), SUBJECT, GATE).document.review
    signed = put_right.sign_all(review)

    assert f"to be published at {tmp_path / 'share'}" in " ".join(signed.said)
    assert may_deploy(put_right.deps(), SUBJECT, "1.0", GATE, sandbox=True).code == 50
    finish(put_right.deps(**own))
    assert may_deploy(put_right.deps(), SUBJECT, "1.0", GATE, sandbox=True).code == 0
    assert len(list((tmp_path / "share").iterdir())) == 1


def test_a_folder_gets_the_same_bundle_and_keeps_what_was_there(prepared: Prepared, tmp_path: Path):
    desk = prepared.copy(tmp_path)
    there = tmp_path / "share" / "reports"
    signed = _signed_into(desk, prepared.review, there)

    (bundle,) = there.iterdir()
    assert read(bundle) == read(Path(signed.bundle))


def test_a_folder_that_holds_something_else_under_that_name_stops_the_report(prepared: Prepared, tmp_path: Path):
    desk = prepared.copy(tmp_path)
    there = tmp_path / "share"
    (there / f"{SUBJECT}-{GATE}-{prepared.review}").mkdir(parents=True)
    (there / f"{SUBJECT}-{GATE}-{prepared.review}" / "report.md").write_text("cleared!")

    signed = _signed_into(desk, prepared.review, there)

    assert "is there already and is not this report" in " ".join(signed.said)
    assert may_deploy(desk.deps(CLEARANCE_PUBLISH=str(there)), SUBJECT, "1.0", GATE).code == 50
    shutil.rmtree(there)
    finish(desk.deps(CLEARANCE_PUBLISH=str(there)))
    assert may_deploy(desk.deps(), SUBJECT, "1.0", GATE, sandbox=True).code == 0


def test_a_report_of_other_signatures_is_not_taken_for_this_one(prepared: Prepared, tmp_path: Path):
    """Signed as cleared after the copy was made that the store is restored from, then signed as blocked."""
    desk, restored = (prepared.copy(tmp_path / name) for name in ("lost", "restored"))
    first = Path(desk.sign_all(prepared.review).bundle)
    for kept in ("reports", "keys", "trust"):
        shutil.copytree(desk.home / kept, restored.home / kept, dirs_exist_ok=True)
    in_the_way = restored.home / "reports" / first.name

    for person, role in SIGNERS:
        signed = restored.sign(person, role, prepared.review, "blocked", reason="The drill was too slow after all")

    assert f"{in_the_way} is there already and is not this report (it is of other signatures, and says cleared" in (
        " ".join(signed.said)
    )
    assert may_deploy(restored.deps(), SUBJECT, "1.0", GATE, sandbox=True).code == 50
    in_the_way.rename(tmp_path / "aside")
    finish(restored.deps())
    assert may_deploy(restored.deps(), SUBJECT, "1.0", GATE, sandbox=True).code == 20
    assert verify(in_the_way, restored.home).predicate.decision == "blocked"


def _signed_into(desk: Desk, review: str, there: Path):  # type: ignore[no-untyped-def]
    for person, role in SIGNERS[:2]:
        desk.sign(person, role, review)
    return _last_signature(desk, review, {"CLEARANCE_PUBLISH": str(there)})
