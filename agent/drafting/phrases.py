"""Claims that are put together from harmless words, as patterns over a sentence whose slots are marks (claims.py).

A closed vocabulary keeps out what a word claims by itself. These are the ways round it that somebody has found: who
finds another adds a line and a case in tests/drafting/test_claims.py.
"""

from __future__ import annotations

import re

FACT, STANDING, TERM, PERSON = "\u25a1", "\u25a0", "\u25aa", "\u25c6"

_NEGATIONS = "not cannot without nor neither never no none nobody nothing nowhere lack lacks lacked lacking"
NEGATIONS = frozenset(_NEGATIONS.split())
# Says that something is missing, or what would have to be: what a sentence under an open finding is for.
_MISSING = (
    r"not|cannot|without|nor|lacks?|lacked|lacking|missing|yet|still|left (?:it )?out|"
    r"leaves? (?:\w+ ){0,2}(?:out|open)|"
    r"un(?!til|less|der|ion|it\b|ite|iq|if|iv|load|lock|plug|roll|veil)\w+|waits?|waiting|gaps?|delays?"
)
_MODAL = r"should|would|could|might|must|shall|(?:has|have|had) to|needs? (?:to|an?|the|another|someone)"
_ASKS = "asks? asked expects? wants? demands? requires? needs? reserves?"
_DEMANDED = rf"(?:card|checklist|gate|plan|{FACT}) (?:had |has )?(?:{'|'.join(_ASKS.split())})"
_OUGHT = rf"{_MODAL}|{_DEMANDED}"
_SUPPOSED = r"if|whether|until|unless"
_DO = (
    "add amend announce answer arrange ask assign attach attempt book bring build call change check clarify collect "
    "compare contact correct count create decide define delay describe drill edit explain extend fetch fill find fix "
    "gather get give have hold include inform invite keep list look make measure mend move name note notify obtain "
    "observe page plan point post prepare prevent provide publish put read rebuild record refer rehearse remind remove "
    "repair repeat replace reply report request rerun restate restore retry return revert review revisit rotate route "
    "run schedule see seek send set settle share show start state step stop store submit supply switch take talk teach "
    "test touch track train trigger try turn update use visit wait walk watch write"
)
# An order, by its first word and by what follows it: "Drill the switch", never "Drill at noon went by".
ORDER = (
    rf"(?:^|(?<=[,;:] )|(?<=and )|(?<=then )|(?<=or ))(?:please \w+|(?:{'|'.join(_DO.split())}) (?:the|an?|it|them|"
    rf"this|that|these|those|another|what|how|who|whoever|someone|its|their|each|which|for|to|up|out|again|"
    rf"[{FACT}{TERM}{PERSON}])"
    rf"(?!\w)|let [{FACT}]|(?:look|ask|wait|see|write|talk|step|return|point|tell) \w+)"
)
SPEAKS_OF_WHAT_IS_OPEN = re.compile(rf"(?:\b|(?={FACT}))(?:{_MISSING}|{_OUGHT})\b|[{STANDING}]|{ORDER}", re.IGNORECASE)
SPEAKS_OF_WHAT_TO_DO = re.compile(rf"(?:\b|(?={FACT}))(?:{_OUGHT}|waits?|waiting|missing)\b|{ORDER}", re.IGNORECASE)
OUGHTS = re.compile(rf"\b(?:{_MODAL}|{_SUPPOSED})\b|{ORDER}", re.IGNORECASE)

_BOUND = (
    r"(?:\w+ ){0,2}(?:limit|target|threshold|range|bounds?|boundary|baseline|goal|criterion|criteria|deadline|bar)s?\b"
)
_ROLES = (
    "approver owner sponsor builder lead leader backup primary witness reviewer signatory author responder operator "
    "engineer manager director head officer auditor expert champion deputy delegate boss chief watcher observer marker"
)
ROLE = re.compile(
    rf"[{PERSON}],?(?: and [{PERSON}])? ?(?:is|are|was|were|be|been|becomes?|became|acts? as|acted as|serves? as|"
    rf"served as|stands? in as|as)(?: also| now| here| too)? (?:the |an? |their |its |our |his |her )?"
    rf"(?:[a-z]+ )?([{TERM}]|(?:{'|'.join(_ROLES.split())})s?\b|on call|on duty|in charge|responsible)",
    re.IGNORECASE,
)

# Whatever the outcome of a finding: what stands, stands in {is}.
ALWAYS = {
    "holds a value against a limit, which is the rules' work": (
        rf"\b(?:inside|outside|past|beneath|beyond|across|in|into|out of|off|up to|down to|short of|close to|near) "
        rf"(?:the |its |their |any |an? )?{_BOUND}"
        rf"|\b(?:reach|hit|meet|keep|kept|stay|respect|break|broke|cross|hold|held|miss|breach|violat|obey|adher|touch|"
        rf"match|clear)\w* (?:to |with |in |by )?(?:the |its |their |an? |each )?{_BOUND}"
    ),
    "compares": r"\bas (?!soon\b)[a-z]+ as\b",
    "says that people are for a launch, or that somebody may decide": (
        r"\b(?:should|can|could|must|shall|has to|have to|let) (?:[a-z]+ )?(?:\u25a1 )?(?:decide|judge)\b|"
        r"\b(?:agree[sd]?|consent(?:s|ed)?|recommend(?:s|ed)?|support(?:s|ed)?|back(?:s|ed)?|favour|propose[sd]?|"
        r"commits?|committed|argues?|votes?)\b[^.;]*\blaunch|\blaunch\b[^.;]*\b(?:goes|gone|went|go) (?:on|through|"
        r"forward|up|out|live)\b|\b(?:gate|way|road|path|door)\b[^.;]*\bopen(?:s|ed)?\b"
    ),
    "speaks against the rule": (
        r"\brules?\b[^.;]*\b(?:errs?|erred|mistakes?|mistaken|fault|faulty|bugs?|mislead\w*|exaggerat\w*|too strict)\b"
        r"|\b(?:findings?|rules?|checks?)\b[^.;]*\b(?:not (?:stand|hold|count|apply|matter)|lacks?|lacked|unclear|"
        r"doubtful|questionable|dubious|odd|outdated)\b"
        rf"|[{STANDING}][^.;]*\b(?:though|although|but|despite|however|mistakes?|accident|technical|technically|"
        r"formally|on paper|merely|simply|in name)\b"
    ),
    "speaks for somebody in the place of evidence": r"\b(?:speaks?|spoke) for\b|\bwhoever doubts\b",
    "says by idiom that all is in order": (
        r"\bin (?:good |full )?(?:order|place(?! of)|force|hand|shape|effect|time)\b"
        r"|\bon (?:track|time|course|schedule)\b|\bup to (?:date|standard|speed)\b|\bby the book\b"
        rf"|\bas (?:it |they |the \w+ |[{FACT}] )?(?:was |were |had |has |have |is |are )?(?:been )?(?:planned|"
        r"expected|intended|designed|agreed|promised|required|arranged|asked|requested|described|wanted|wants?|asks|expects|"
        r"should)\b"
        rf"|(?<!to )\b(?:do|does|did|done|gives?|gave|shows?|showed|is|are|was|were) what (?:it|they|the \w+|[{FACT}]) "
        r"(?:should|asks?|asked|wants?|wanted|needs?|needed|requires?|required|expects?|expected|demands?)\b"
        r"|\brules?\b[^.;]*\b(?:holds?|stands?|agrees?|rests?)\b"
        rf"|\band (?:it|they|he|she|that|[{FACT}]) (?:was|were|did|has|have|had|is|are|does)\.$"
        r"|^(?:please )?(?:tell|inform|state|note|report|announce|write|say|show|record)\b[^.;]*\bthat [a-z\u25a1]"
    ),
    "says that something is over and done": (
        r"\b(?:is|are|was|were|been|got|gets|has|have) (?:\w+ )?(?:done|finished|settled|closed|mended|fixed|repaired|"
        r"sorted|handled|delivered)\b"
    ),
    "says that nothing is left to do": (
        r"\bnot (?:any|anything|anyone|an?)\b[^.;]*\b(?:left|against|open|to do|to mend|remain\w*|stands?)\b"
        r"|\bwithout (?:an? |any )?(?:exceptions?|faults?|incidents?|problems?|trouble|questions?|doubts?|errors?|"
        r"interruptions?|gaps?|objections?)\b"
        r"|\beach (?:of the )?(?:items?|rules?|checks?|findings?|criteri\w+|targets?)\b"
    ),
    "waves something away that is to be done": (
        r"\b(?:need|needs|must|should|shall|ought) not\b|\b(?:do|does|did) not (?:have to|need|matter|count|apply|"
        r"concern)\b"
        r"|\b(?:has|have|had) not to\b|\bcan (?:wait|rest|stay|remain|be (?:left|set|put))\b"
        r"|\bnot (?:necessary|needed|relevant|required|important|essential|crucial|critical|for this)\b"
        r"|\bafter the launch\b(?! is)"
    ),
}
# Under a finding that is no pass, and in a summary; beside a pass it says what the rule says.
WHERE_OPEN = {"says that things agree": r"\bin (?:line|step|keeping|harmony|accord) with\b|\bagree(?:s|d)?\.$"}
