"""What somebody could do to a bundle, each as a function of its folder, and what is then said to be wrong.

`{name}` in what is said stands for the file that was changed.
"""

from __future__ import annotations

import base64
import json
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agent.signing import keys, statement
from agent.signing.envelope import seal
from agent.signing.verify import LARGEST

STATEMENT = "statement.dsse.json"
MINE = "sha256:" + "0" * 64


# --- any file ---------------------------------------------------------------------------------------------------------


def _flip(path: Path) -> None:
    whole = path.read_bytes()
    middle = len(whole) // 2
    path.write_bytes(whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1 :])


def _cut(path: Path) -> None:
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])


def _rename(path: Path, name: str) -> None:
    path.rename(path.with_name(name))


def _link(path: Path) -> None:
    """To a copy elsewhere that holds the very same bytes."""
    elsewhere = path.with_name(path.name + ".copy")
    path.rename(elsewhere)
    shutil.move(elsewhere, path.parents[2] / "elsewhere")
    path.symlink_to(path.parents[2] / "elsewhere")


def _folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def _pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def _huge(path: Path) -> None:
    os.truncate(path, LARGEST + 1)


EVERY_FILE: dict[str, Callable[[Path], object]] = {
    "a byte is other": _flip,
    "a newline more": lambda path: path.write_bytes(path.read_bytes() + b"\n"),
    "windows line ends": lambda path: path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n") + b"\r\n"),
    "a byte order mark": lambda path: path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes()),
    "the last byte is gone": lambda path: path.write_bytes(path.read_bytes()[:-1]),
    "half of it": _cut,
    "empty": lambda path: path.write_bytes(b""),
    "gone": Path.unlink,
    "in capitals": lambda path: _rename(path, path.name.swapcase()),
    "another name": lambda path: _rename(path, "x" + path.name),
    "a link to the same": _link,
    "a folder": _folder,
    "a pipe": _pipe,
    "huge": _huge,
}


# --- the whole bundle -------------------------------------------------------------------------------------------------


def swap(one: str, other: str) -> Callable[[Path], None]:
    """Two files change places; numbers count the evidence."""

    def tamper(bundle: Path) -> None:
        evidence = sorted((bundle / "evidence").iterdir())
        first, second = (evidence[int(name)] if name.isdigit() else bundle / name for name in (one, other))
        held = first.read_bytes()
        first.write_bytes(second.read_bytes())
        second.write_bytes(held)

    return tamper


def add(name: str, content: bytes = b"{}") -> Callable[[Path], object]:
    return lambda bundle: (bundle / name).write_bytes(content)


def reorder_log(bundle: Path) -> None:
    lines = (bundle / "log.jsonl").read_bytes().splitlines(keepends=True)
    lines[2], lines[3] = lines[3], lines[2]
    (bundle / "log.jsonl").write_bytes(b"".join(lines))


def twice(bundle: Path) -> None:
    """A key of review.json stands twice: some readers take the first, some the last."""
    path = bundle / "review.json"
    path.write_bytes(b'{"decision":"blocked",' + path.read_bytes()[1:])


WHOLE: dict[str, tuple[Callable[[Path], object], str]] = {
    "swapped evidence": (swap("0", "1"), r"evidence/[0-9a-f]{64}\.json: was changed"),
    "reports swapped": (swap("report.md", "report.html"), r"report\.html: was changed"),
    "reordered log": (reorder_log, r"log\.jsonl: was changed"),
    "a JSON key twice": (twice, r"review\.json: was changed"),
    "a file more": (add("report.pdf"), r"report\.pdf: is here and not listed"),
    "a hidden file more": (add(".report"), r"\.report: is here and not listed"),
    "evidence more": (add("evidence/0.json"), r"evidence/0\.json: is here and not listed"),
    "an empty file more": (add("evidence/empty", b""), "evidence/empty: is here and not listed"),
    "a twin in capitals": (add("REPORT.md", b"cleared"), r"REPORT\.md: is here and not listed"),
    "a composed name": (add("r\u00e9port.md"), "réport.md: is here and not listed"),
    "a decomposed name": (add("re\u0301port.md"), "re\u0301port.md: is here and not listed"),
    "a look-alike": (add("r\u0435port.md"), "r\u0435port.md: is here and not listed"),
    "a name of two lines": (add("a\nreport.md"), r"a\\nreport\.md: is here and not listed"),
    "a name that speaks to terminals": (add("\x1b[2Jholds"), r"\\x1b\[2Jholds: is here and not listed"),
    "a name that is no text": (lambda b: (Path(os.fsdecode(os.fsencode(b) + b"/\xff"))).touch(), "is here and not"),
    "a link": (lambda bundle: (bundle / "report.pdf").symlink_to("/etc/passwd"), r"report\.pdf: is not a plain file"),
    "a linked folder": (lambda bundle: (bundle / "more").symlink_to("/etc"), "more: is not a plain file"),
    "a folder more": (lambda bundle: (bundle / "evidence/more").mkdir(), "evidence/more: a folder that holds nothing"),
    "no statement": (lambda bundle: (bundle / STATEMENT).unlink(), "it is not signed"),
    "another's statement": (lambda bundle: other_statement(bundle), r"VERIFY\.md: is here and not listed"),
}  # fmt: skip


def other_statement(bundle: Path) -> None:
    """A true statement of the same key, over fewer files."""
    source = bundle / STATEMENT
    key = keys.load(bundle.parent / "product.pem")
    resealed(source, key, lambda payload: payload.update(subject=payload["subject"][2:]))


# --- the envelope -----------------------------------------------------------------------------------------------------

Said = dict[str, Any]


def resealed(path: Path, key: keys.SigningKey, change: Callable[[Said], object]) -> None:
    payload = json.loads(base64.b64decode(json.loads(path.read_bytes())["payload"]))
    change(payload)
    body = json.dumps(payload, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    path.write_bytes(seal(body, statement.PAYLOAD_TYPE, key))


def _written(said: Said) -> bytes:
    return json.dumps(said, separators=(",", ":"), sort_keys=True).encode()


def first(said: Said, **more: str) -> Said:
    return {**said, "signatures": [{**said["signatures"][0], **more}]}


def two(said: Said, **more: str) -> Said:
    return {**said, "signatures": [*said["signatures"], {**said["signatures"][0], **more}]}


def spare_bits(text: str) -> str:
    """The same bytes in base64 that is not the canonical one."""
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    end = len(text.rstrip("="))
    other = text[: end - 1] + letters[letters.index(text[end - 1]) + 1] + text[end:]
    assert base64.b64decode(other) == base64.b64decode(text)
    return other


def payload_with(said: Said, old: bytes, new: bytes) -> Said:
    payload = base64.b64decode(said["payload"])
    assert old in payload
    return {**said, "payload": base64.b64encode(payload.replace(old, new, 1)).decode()}


CANONICAL, VERIFIES = "not in its canonical form", "does not verify"
ENVELOPE: dict[str, tuple[Callable[[Said], bytes], str]] = {
    "another decision": (lambda s: _written(payload_with(s, b'"decision":"cleared"', b'"decision":"no"')), VERIFIES),
    "another digest": (lambda s: _written(payload_with(s, b'"sha256":"', b'"sha256":"0')), VERIFIES),
    "a space in the payload": (lambda s: _written(payload_with(s, b'"predicate":', b'"predicate": ')), VERIFIES),
    "another type": (lambda s: _written({**s, "payloadType": "text/plain"}), "was expected"),
    "no type": (lambda s: _written({k: v for k, v in s.items() if k != "payloadType"}), "payloadType"),
    "a field more": (lambda s: _written({**s, "note": "x"}), "note"),
    "a field more in the signature": (lambda s: _written(first(s, cert="x")), "cert"),
    "a key twice": (lambda s: _written(s)[:-1] + b',"payloadType":"application/vnd.in-toto+json"}', CANONICAL),
    "no signature": (lambda s: _written({**s, "signatures": []}), "signatures"),
    "the same key twice": (lambda s: _written({**s, "signatures": s["signatures"] * 2}), "signatures"),
    "a second key": (lambda s: _written(two(s, keyid=MINE)), "signatures"),
    "an unknown key": (lambda s: _written(first(s, keyid=MINE)), f"{MINE}, which is not among those you trust"),
    "no key named": (lambda s: _written(first(s, keyid="")), "not among those you trust"),
    "a key in capitals": (lambda s: _written(first(s, keyid=s["signatures"][0]["keyid"].upper())), "not among those"),
    "spare bits in the signature": (lambda s: _written(first(s, sig=spare_bits(s["signatures"][0]["sig"]))), CANONICAL),
    "an empty signature": (lambda s: _written(first(s, sig="")), VERIFIES),
    "half a signature": (lambda s: _written(first(s, sig=s["signatures"][0]["sig"][:44])), VERIFIES),
    "no padding": (lambda s: _written(first(s, sig=s["signatures"][0]["sig"].rstrip("="))), CANONICAL),
    "a line end inside": (lambda s: _written(first(s, sig=s["signatures"][0]["sig"] + "\n")), CANONICAL),
    "indented": (lambda s: json.dumps(s, indent=1, sort_keys=True).encode(), CANONICAL),
    "another order": (lambda s: json.dumps(dict(reversed(s.items())), separators=(",", ":")).encode(), CANONICAL),
    "two lines": (lambda s: _written(s) + b"\n" + _written(s), "not JSON"),
    "an escaped letter": (lambda s: _written(s).replace(b'"sig"', b'"s\\u0069g"'), CANONICAL),
    "a list": (lambda s: b"[" + _written(s) + b"]", "not a signed envelope"),
}  # fmt: skip


# --- by who holds the product's own key -------------------------------------------------------------------------------


@dataclass(frozen=True)
class Inside:
    """A change to what is in the bundle, after which all of it is sealed anew with the product's own key."""

    change: Callable[[Path, Said], object]
    told: str


def review(change: Callable[[Said], object]) -> Callable[[Path, Said], None]:
    def tamper(bundle: Path, payload: Said) -> None:
        path = bundle / "review.json"
        held = json.loads(path.read_bytes())
        change(held)
        path.write_text(json.dumps(held))

    return tamper


def claims(**more: object) -> Callable[[Path, Said], None]:
    return lambda bundle, payload: payload["predicate"].update(more)


def cut_log(bundle: Path, payload: Said) -> None:
    path = bundle / "log.jsonl"
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:-1]))


def one_fewer(bundle: Path, payload: Said) -> None:
    """A sign-off left out of the statement and of the review alike."""
    payload["predicate"]["signoffs"].pop()
    review(lambda held: held["signoffs"].pop())(bundle, payload)


def by_the_house(bundle: Path, payload: Said) -> None:
    """The product's own key in place of a person's."""
    key = keys.load(bundle.parent / "product.pem")
    payload["predicate"]["signoffs"][0].update(key=key.fingerprint, public=key.public)
    review(lambda held: held["signoffs"][0].update(key=key.fingerprint))(bundle, payload)


RESEALED: dict[str, Inside] = {
    "evidence by another name": Inside(
        lambda b, p: _rename(sorted((b / "evidence").iterdir())[0], "0.json"), "its name is not the digest of what it"
    ),
    "evidence left out": Inside(
        lambda b, p: sorted((b / "evidence").iterdir())[0].unlink(), "the review rests on it, and it is not here"
    ),
    "a reordered log": Inside(lambda b, p: reorder_log(b), r"log\.jsonl: line 3 does not follow"),
    "a log without its end": Inside(cut_log, r"log\.jsonl: it does not end at the seal"),
    "an empty log": Inside(lambda b, p: (b / "log.jsonl").write_bytes(b""), r"log\.jsonl: it does not end"),
    "a log that is none": Inside(lambda b, p: (b / "log.jsonl").write_bytes(b"[1]\n"), r"log\.jsonl: it is no log"),
    "another head": Inside(claims(log_head="0" * 64), r"log\.jsonl: its head is not the one that was signed"),
    "a review that is none": Inside(lambda b, p: (b / "review.json").write_bytes(b"[]"), "it is no review of ours"),
    "a deep nest": Inside(lambda b, p: (b / "review.json").write_bytes(b"[" * 100_000), "it is no review of ours"),
    "another verdict": Inside(review(lambda r: r["items"][0].update(verdict="not_met")), "has not the digest"),
    "another decision": Inside(claims(decision="conditional"), "says decision 'conditional', and review.json"),
    "another decision, told twice": Inside(
        lambda b, p: (claims(decision="blocked")(b, p), review(lambda r: r.update(decision="blocked"))(b, p)),
        "says blocked, and what people signed is cleared",
    ),
    "another subject": Inside(claims(subject="other-agent"), "says subject 'other-agent'"),
    "no sandbox": Inside(claims(sandbox=False), "says sandbox False, and review.json True"),
    "a sign-off left out": Inside(one_fewer, r"log\.jsonl: its seal is over other sign-offs"),
    "a sign-off left out of the review": Inside(review(lambda r: r["signoffs"].pop()), "its sign-offs are not those"),
    "a reason edited": Inside(review(lambda r: r["signoffs"][0].update(reason="fine")), "does not carry that person's"),
    "a sign-off as somebody else": Inside(
        review(lambda r: r["signoffs"][0].update(person="dana.ortiz")), "is not the one that the statement lists"
    ),
    "a sign-off over another": Inside(review(lambda r: r["signoffs"][0].update(digest="0")), "over something else"),
    "a sign-off as by login": Inside(review(lambda r: r["signoffs"][0].update(assurance="oidc")), "and it is not"),
    "the product's key for a person's": Inside(by_the_house, "and the product's key made it"),
    "a file listed twice": Inside(lambda b, p: p["subject"].append(p["subject"][-1]), "it lists a file twice"),
    "a predicate with more": Inside(claims(note="x"), "it is no statement of ours"),
}  # fmt: skip
