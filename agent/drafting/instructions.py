"""Does a text look like instructions to a machine? Words and characters only, no model; it decides nothing. Pure."""

from __future__ import annotations

import base64
import binascii
import re
import unicodedata
from collections.abc import Callable, Iterator, Set
from functools import lru_cache
from types import MappingProxyType

LONGEST = 200_000  # characters of one text that are looked at
SHORT = 200  # characters up to which a text in which nothing was found is kept in mind
MOST_CLEAN = 20_000  # of those that are kept in mind at once
MIDDLING = 20_000  # characters up to which what came of a document is kept in mind: every subject may have the same
DEEPEST = 2  # layers of encoding that are opened

OVERRIDE = "orders that set earlier ones aside"
SYSTEM = "a message in the name of a system or role"
ROLE = "a role to play"
BLOCK = "a block of a prompt"
OUTCOME = "an order about a verdict, a decision or an answer"
SLOT = "a slot of ours"
ACTIVE = "markup that acts"
HIDDEN = "characters that are not seen"
LOOKALIKE = "letters of other alphabets inside a word"
ENCODED = "encoded text that hides one of these"

_GAP = r"[^.!?]{0,40}?"
_RULES = r"(?:instructions?|prompts?|rules?|directions?|guidelines?|policies|policy|orders|guardrails?|context)"
_PATTERNS = MappingProxyType({
    OVERRIDE: (
        rf"\b(?:ignore|disregard|forget|override|bypass|skip)\b{_GAP}\b(?:previous|prior|above|earlier|preceding|all|any|"
        rf"your|the system|safety)\b{_GAP}\b{_RULES}\b|\bnew (?:system )?instructions?\s*:"
        r"|\b(?:ignore|disregard|forget) (?:all |any )?(?:of )?(?:the|your|these|those|my) (?:instructions?|prompts?|"
        r"rules?|guidelines?|orders|guardrails?)\b"
        rf"|\b(?:instructions?|prompt) (?:above|before|so far) (?:are|is|were) (?:void|cancelled|outdated|superseded)"
    ),
    SYSTEM: (
        r"(?:^|[>\]|])\s?#{0,6}\s?(?:system|assistant|developer)\s?(?:message|prompt|note|override|instruction)?\s?:"
        r"|\b(?:system|developer) (?:prompt|override|message from)\b|<\|[a-z_]{2,20}\|>"
        r"|(?-i:\b(?:SYSTEM|ASSISTANT|DEVELOPER)(?: [A-Z]+)?:)|\[/?(?:inst|system|sys)\]|<</?sys>>"
    ),
    ROLE: (
        r"\byou are (?:now|henceforth|from now on|no longer)\b|\byou are an? (?:ai|language model|helpful|unrestricted|"
        r"assistant|auditor|approver)\b|\b(?:pretend|imagine|roleplay|role-play)\b[^.!?]{0,30}"
        r"\b(?:you(?:'re| are)|to be)\b"
        r"|\bact as (?:an? )?(?:ai|assistant|unrestricted|different|auditor|approver|reviewer|administrator|root)\b"
        r"|\b(?:developer|dan|god|jailbreak|debug) mode\b|\bas an ai\b"
    ),
    BLOCK: (
        r"</?\s*(?:information|instructions?|important|system|assistant|admin|prompt|context|tool(?:_call|_result)?|user|"
        r"document|data|secret)\s*(?:/?>|\s[^>]{0,80}>)|\b(?:begin|end|start) (?:of )?(?:system|new|hidden)[ _-]"
        r"(?:prompt|instructions?|message)\b"
    ),
    OUTCOME: (
        rf"\b(?:mark|set|report|return|consider|treat|record|declare|score)\b{_GAP}\b(?:items?|checks?|gates?|verdicts?|"
        rf"proposals?|decisions?|everything|reviews?|assessments?|launch|findings?|controls?)\b{_GAP}\b(?:as|to|with|be)\s*"
        rf"[\"'`*]*(?:met|pass|passed|passing|cleared|approved|compliant|green|true)\b"
        rf"|\b(?:all|every|each|this|the) (?:items?|checks?|gates?|verdicts?|proposals?|decisions?)\b{_GAP}"
        rf"\b(?:must|should|shall|"
        rf"has to|have to|is to|are to) be (?:marked|set|reported|read|treated|considered)\b"
        rf"|\b(?:do not|don't|never) (?:tell|mention|report|raise|flag|reveal|show)\b{_GAP}"
        rf"\b(?:user|reviewers?|signers?|"
        rf"concerns?|anyone|human|people|this (?:text|message|instruction))\b"
        rf"|\b(?:respond|reply|answer|output) (?:only|exactly|solely) (?:with|in)\b"
    ),
    SLOT: r"\{\s*(?:I\d{1,3}\.)?F\d{1,4} as [a-z_]+\s*\}|\{is\}|\{T:[\w-]+\}|\{I\d{1,3}\}",
    ACTIVE: (
        r"<\s*(?:script|iframe|object|embed|svg|form|meta|link)\b|<\s*img\b[^>]{0,200}\bon\w+\s*=|\bjavascript:"
        r"|!\[[^\]]{0,200}\]\(\s*https?://[^)\s]{0,300}[?{=][^)\s]{0,300}\)"
    ),
})  # fmt: skip
_COMPILED = {name: re.compile(pattern, re.IGNORECASE | re.MULTILINE) for name, pattern in _PATTERNS.items()}

_TAGS = re.compile("[\U000e0000-\U000e007f]")
_TURNED = re.compile("[\u202a-\u202e\u2066-\u2069]")
_ZERO_WIDTH = re.compile("(?<=[A-Za-z])[\u200b-\u200d\u2060\ufeff\u00ad\u180e\u034f\u115f\u3164]+(?=[A-Za-z ])")
_WORD = re.compile(r"[^\W\d_]{4,60}")
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{24,20000}={0,2}")
_HEX = re.compile(r"\b(?:[0-9a-fA-F]{2}){16,8000}\b")
# Letters of other alphabets that print like Latin ones, each before the one it is taken for.
_PAIRS = (
    "аa еe оo рp сc уy хx іi ѕs јj ԁd ԛq һh ԝw ѵv ӏl кk мm тt нh вb гr пn АA ЕE ОO РP СC УY ХX ІI ЅS ЈJ КK МM ТT НH ВB "
    "αa εe ιi κk νv οo ρp τt υu χx ωw ΑA ΒB ΕE ΖZ ΗH ΙI ΚK ΜM ΝN ΟO ΡP ΤT ΥY ΧX ıi ɡg ƖI"
)
_LOOKALIKES = {ord(pair[0]): pair[1] for pair in _PAIRS.split()}


def looks_like(text: str) -> tuple[str, ...]:
    """What in a text looks like instructions, in the names above; empty for text as people write it."""
    if _NOTHING.fullmatch(text):
        return ()
    return _known(text) if len(text) <= MIDDLING else _found(text[:LONGEST])


def suspects(texts: Set[str]) -> set[str]:
    """Those that look like instructions. What holds nothing is looked at once a process, however often it comes."""
    new = texts - _CLEAN
    found = {text for text in new if looks_like(text)}
    if len(_CLEAN) > MOST_CLEAN:
        _CLEAN.clear()
    _CLEAN.update(text for text in new if len(text) <= SHORT and text not in found)
    return found


_CLEAN = set[str]()  # names of fields and the like, which come again in the next answer; only what `looks_like` cleared
# One word too short to hold encoded text, or an instant: most of what evidence holds, and none of the patterns fits it.
_NOTHING = re.compile(r"[A-Za-z0-9_]{0,23}|\d{4}-\d\d-\d\dT\d\d:\d\d[\d:.]{0,12}(?:Z|[+-]\d\d:\d\d)?", re.ASCII)


def _found(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(_signs(text, DEEPEST)))


_known = lru_cache(maxsize=256)(_found)


def _signs(text: str, depth: int) -> Iterator[str]:
    plain = as_read(text)
    yield from (name for name, pattern in _COMPILED.items() if pattern.search(plain))
    if not text.isascii():
        yield from _unusual(text)
    if depth and any(True for inner in _decoded(text) for _ in _signs(inner, depth - 1)):
        yield ENCODED


def _unusual(text: str) -> Iterator[str]:
    """Signs that only letters and characters beyond ASCII can give."""
    if _TAGS.search(text) or _TURNED.search(text) or _ZERO_WIDTH.search(text):
        yield HIDDEN
    if any(_is_mixed(word[0]) for word in _WORD.finditer(text)):
        yield LOOKALIKE


def as_read(text: str) -> str:
    """The text as a person would read it: compatible forms made one, unseen characters out, look-alikes as Latin."""
    if text.isascii():
        return _SPACES.sub(" ", _CONTROLS.sub("", text))
    tags = _TAGS.sub(lambda found: chr(ord(found[0]) - 0xE0000), text)
    seen = "".join(
        c for c in unicodedata.normalize("NFKC", tags) if c in "\n\t" or unicodedata.category(c) not in _UNSEEN
    )
    return _SPACES.sub(" ", seen.translate(_LOOKALIKES))


_SPACES, _CONTROLS = re.compile(r"[^\S\n]+"), re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})


def _is_mixed(word: str) -> bool:
    """Latin letters and letters that only look like them, in one word; words of one alphabet are just words."""
    latin = any(c.isascii() for c in word)
    return latin and any(ord(c) in _LOOKALIKES for c in word)


def _decoded(text: str) -> Iterator[str]:
    """What runs of base64 or hexadecimal digits hold, where that is text."""
    for found in _BASE64.finditer(text):
        body = found[0].rstrip("=").replace("-", "+").replace("_", "/")
        yield from _as_text(base64.b64decode, body + "=" * (-len(body) % 4))
    for found in _HEX.finditer(text):
        yield from _as_text(bytes.fromhex, found[0])


def _as_text(decode: Callable[[str], bytes], body: str) -> Iterator[str]:
    try:
        text = decode(body).decode("utf-8")
    except (binascii.Error, ValueError):
        return
    if text and sum(c.isprintable() or c in "\n\t" for c in text) == len(text):
        yield text
