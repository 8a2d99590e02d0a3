"""report.html: the report of report.md as one page that needs no network, no script and no other file."""

from __future__ import annotations

import base64
import hashlib
import unicodedata
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from agent.domain import Decision, ReviewDocument, SignOff
from agent.drafting.values import instant
from agent.outputs import concerns, cost, markdown
from agent.outputs.charts.pictures import forecast
from agent.outputs.charts.progress import progress_chart
from agent.outputs.html_items import item_views
from agent.outputs.html_rows import by_group, check_rows, open_rows, shown_signatures
from agent.outputs.layout import blocks
from agent.outputs.score import sum_rows, words
from collectors.evidence import Answer

TEMPLATES = Path(__file__).parent / "templates"
LONGEST = 4000  # characters of one text on a page
_UNSEEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def visible(value: object) -> object:
    """What a template prints: text loses what cannot be seen and is capped; markup of our own passes as it is."""
    if not isinstance(value, str) or isinstance(value, Markup):
        return value
    seen = value[:LONGEST]
    if not seen.replace("\n", "").replace("\t", "").isprintable():  # few are not, and each character takes its time
        seen = "".join(c for c in seen if c in "\n\t" or unicodedata.category(c) not in _UNSEEN)
    return seen if len(value) <= LONGEST else seen + "…"


def environment(*folders: Path) -> Environment:
    """Escapes everything, refuses an unknown name; `folders` are searched before the report's own templates."""
    made = Environment(
        loader=FileSystemLoader([*folders, TEMPLATES]), autoescape=True, undefined=StrictUndefined, finalize=visible,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    made.filters["instant"] = instant
    made.filters["words"] = lambda text: str(text).replace("_", " ").replace("-", " ")
    made.filters["ended"] = ended
    return made


def ended(text: str) -> str:
    """With a full stop where it has no end."""
    return text if text.rstrip().endswith((".", "!", "?", "…")) or not text.strip() else text.rstrip() + "."


@lru_cache(maxsize=1)
def _own() -> Environment:
    return environment()


def render(
    document: ReviewDocument,
    signoffs: Sequence[SignOff],
    final: Decision | None = None,
    answers: Mapping[str, Answer] | None = None,
) -> str:
    """The whole page. `final` None = people have not decided; `answers` by digest are what the facts point into."""
    signed = [one for one in signoffs if one.digest == document.digest]
    missing = markdown.missing(document, signed)
    settled = markdown.settled(document, signed, final)
    css = (TEMPLATES / "report.css").read_text(encoding="utf-8")
    return _own().get_template("report.html").render(
        document=document, facts=markdown.ReportFacts.of(document), css=Markup(css), css_digest=sheet_digest(css),
        decisions=words(document, signed), proposed=words(document), sums=sum_rows(document),
        blocks=blocks(document, document.layout),
        groups=by_group(document, settled), final=final, missing=missing, signed=signed,
        unsigned=final is None or bool(missing) or not signed,
        signatures=shown_signatures(document, signed), stray=len(signoffs) - len(signed),
        open_rows=open_rows(document),
        checks=check_rows(document), items=item_views(settled, answers or {}), expiry=forecast(document),
        progress=progress_chart("progress", document),
        cost=cost.whole(document.usage), fell_back=[item.number for item in document.items if item.fell_back],
        concerns=concerns.rows(document, signed), reading=concerns.told_of_reading(document.reading),
        orders=list(concerns.hostile(document)),
        evidence=sorted(document.evidence.items(), key=lambda pair: (pair[1], pair[0])),
    )  # fmt: skip


def sheet_digest(css: str) -> str:
    """Lets the page's own policy allow exactly this style sheet and no other."""
    return "sha256-" + base64.b64encode(hashlib.sha256(css.encode()).digest()).decode()
