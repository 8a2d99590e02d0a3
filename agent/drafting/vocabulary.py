"""The words that a writing model may use outside its slots, and those that it never may.

A curated list instead of a word-frequency library: what matters is not how common a word is but that it claims nothing
by itself. Frequent words are the very ones to keep out (more, all, well, first, may, mark, will), filtering them leaves
holes that nobody looks at, and a data package of some megabytes would change the contract with every release. A text
file of our own is read in a review, is digested with the prompts, and grows by one harmless word at a time.
"""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files

_NUMBER = """zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen
seventeen eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred hundreds thousand thousands
million millions billion billions trillion dozen dozens score half halves quarter quarters third thirds fourth fifth
sixth seventh eighth ninth tenth first second secondly firstly thirdly couple pair several many much few none no nil
nought null naught both all every everyone everybody everything nobody nothing neither some most majority minority
only sole solely percent percentage per-cent fraction plenty lots numerous countless least last latest lastly"""
_MULTIPLICATION = """once twice thrice double doubles doubled doubling triple triples tripled treble quadruple fold
twofold threefold tenfold multiple multiples multiply multiplied halved halve"""
_COMPARISON = """more less fewer lesser greater larger smaller bigger higher lower longer shorter faster slower sooner
later earlier newer older better worse best worst than above below over under beyond exceed exceeds exceeded exceeding
surpass surpasses surpassed outperform outperforms equal equals equalled equally same identical similar alike compare
compared compares comparison match matches matched matching rather nearly almost approximately roughly about around
barely hardly well-above maximum minimum maximal minimal max min highest lowest longest shortest newest oldest fastest
slowest earliest closest further farther increase increased decrease decreased grew rose fell dropped improved
improvement exact exactly precisely within different differs differ differently"""
_STANDING = """met meet meets meeting unmet pass passes passed passing fail fails failed failing failure failures warn
warns warned warning warnings unknown undetermined indeterminate pending clear clears cleared clearance conditional
conditionally block blocks blocked blocking unblock unblocks unblocked approve approves approved approval approvals
permit permits permitted permission allow allows allowed authorise authorised authorize authorized grant granted sign
signs signed signing green red amber yellow go-live status verdict verdicts decision decisions established establish
establishes accept accepts accepted acceptable proceed proceeds satisfied satisfies satisfy fulfil fulfill fulfils
fulfills fulfilled comply complies complied compliant compliance conform conforms conforming waive waived waiver
waivers ready readiness launchable unready eligible qualified qualifies valid invalid legitimate endorse endorsed
certified certifies certify"""
_SUCCESS = """succeed succeeds succeeded success successes successful successfully work works worked working well good
great fine ok okay okayed healthy safe safely secure securely sound solid robust reliable reliably correct correctly
proper properly right wrong perfect perfectly flawless flawlessly smooth smoothly excellent strong strongly effective
effectively proven prove proves proved verified verify verifies confirmed confirms confirm confirming ensured ensure
ensures guarantee guarantees guaranteed assured assure assures certainly certain definitely undoubtedly truly true
false truth complete completes completed completely fully full whole wholly total totally entire entirely always never
trusted trust trustworthy harmless flaw accurate accurately resolved solved achieved achieves accomplish accomplished"""
_SUFFICIENCY = """enough sufficient sufficiently suffice suffices insufficient insufficiently adequate adequately
inadequate ample satisfactory satisfactorily unsatisfactory suitable suitably appropriate appropriately cover covers
covered covering coverage unneeded unnecessary needless exempt excused"""
_CALENDAR = """january february march april may june july august september october november december jan feb mar apr
jun jul aug sep sept oct nov dec monday tuesday wednesday thursday friday saturday sunday mon tue tues wed thu thur
thurs fri sat sun today tomorrow yesterday tonight noon midnight midday morning evening afternoon daily weekly monthly
yearly hourly annual annually quarterly nightly spring summer autumn winter decade decades century"""
_NAMES = """will mark mike chen morteza moradi sam okafor dana ortiz priya shah lena fischer sarah lind grace hope faith
joy drew pat art dean chase guy jack nick ray rose dawn eve frank ernest sunny penny ruby miles chuck gene don bob skip
victor ward wade bill rob sue john james mary anna anne tom tim jim joe ben dan max alex chris kim lee june dale cliff
clay glen heath pearl olive iris ivy patience violet daisy lily robin martin carol angel christian jean laurel"""
_UNITS = "day days hour hours minute minutes week weeks month months year years ms milliseconds time times"
# Nouns that a number brings along; behind a figure of another kind they would make it another figure.
_COUNTED = """incidents incident samples sample runs run events event items item questions question people persons
seconds second percent per points users invoices messages checks gigabytes dollars euros"""
_WAVED_AWAY = """irrelevant redundant superfluous obsolete optional optionally moot trivial negligible immaterial
insignificant unimportant ignore ignored ignores ignoring dismiss dismissed dismisses dismissing disregard disregarded
forget forgets forgotten forgot forgive forgiven excuse excused override overrides overridden overrode overlook
overlooks overlooking altogether practically formality technicality cosmetic"""
_NEGATIONS = "not cannot without except nor never no hardly neither lacks lack lacking unless"
_ORDER = "before after since until till during following previous prior next subsequent"

DENIED: dict[str, frozenset[str]] = {
    "a number or quantity": frozenset(_NUMBER.split()),
    "a multiplication": frozenset(_MULTIPLICATION.split()),
    "a comparison": frozenset(_COMPARISON.split()),
    "a word of standing": frozenset(_STANDING.split()),
    "a word of success": frozenset(_SUCCESS.split()),
    "a word of sufficiency": frozenset(_SUFFICIENCY.split()),
    "a day, month or season": frozenset(_CALENDAR.split()),
    "a name": frozenset(_NAMES.split()),
    "a word that waves something away": frozenset(_WAVED_AWAY.split()),
}
UNITS = frozenset(_UNITS.split())
COUNTED = frozenset(_COUNTED.split())
NEGATIONS = frozenset(_NEGATIONS.split())
ORDER = frozenset(_ORDER.split())
# Permission put together from harmless words.
PERMISSION = re.compile(
    r"\blet(?:s|ting)?\b[^.]*\blaunch|\b(?:can|could|should|must|might|shall|to|now|and) (?:be )?"
    r"(?:launch(?:ed)?|releas(?:e|ed)|ship(?:ped)?|deploy(?:ed)?|go (?:on|up|forward|through))\b"
)

TERMS = {
    "p50": "p50", "p95": "p95", "p99": "p99", "S3": "S3", "Sev-1": "Sev-1", "M8": "M8", "CoE": "CoE", "IdP": "IdP",
    "API": "API", "SDK": "SDK", "REST": "REST", "AWS": "AWS", "IAM": "IAM", "OAuth": "OAuth", "GitHub": "GitHub",
    "PagerDuty": "PagerDuty", "LaunchDarkly": "LaunchDarkly", "Datadog": "Datadog", "LangSmith": "LangSmith",
    "Slack": "Slack", "Okta": "Okta", "allow-list": "allow-list", "second-approver": "second approver",
}  # fmt: skip


@cache
def words() -> frozenset[str]:
    """The closed vocabulary: lower-case ASCII words."""
    lines = text().splitlines()
    return frozenset(word for line in lines if not line.startswith("#") for word in line.split())


@cache
def text() -> str:
    """The vocabulary file as it is, for its digest."""
    return files("agent.drafting").joinpath("vocabulary.txt").read_text(encoding="utf-8")


def denied(word: str) -> str | None:
    """What a word is that no list can let in ("a comparison"), or None. Hyphenated words are as bad as their parts."""
    for part in {word, *word.split("-")}:
        for kind, listed in DENIED.items():
            if part in listed:
                return kind
    return None
