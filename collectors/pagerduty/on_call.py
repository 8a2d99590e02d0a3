"""pagerduty.on_call: service → policy → who is on call on levels 1 and 2 → how each of them is reached."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, timedelta
from itertools import batched

from pydantic import JsonValue

from collectors.connections import Connections, not_configured
from collectors.errors import Blind, Malformed, SourceError, Truncated
from collectors.evidence import Answer, Completeness, Evidence, Source, Window
from collectors.pagerduty import client, cover, reach, rendered
from collectors.pagerduty.client import Got, Outcome, Reader, Trail
from collectors.pagerduty.facts import OnCallAsk, OnCallFacts
from collectors.pagerduty.reading import Node, named, page_of, resource, state
from collectors.pagerduty.redaction import redact
