"""The way to LangSmith's REST API: read-only by its allow-list, although two questions are asked by POST.

Plain HTTP on purpose: LangSmith's own client traces, retries and queues in threads, hides the retention fields and
would bring in a second HTTP library; four reads need none of that. The key needs to read projects, runs and the
workspace (role Viewer), and nothing more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from collectors.asking import Access, Asking, ask_all
from collectors.connections import Connections, LangSmithAccess, R, not_configured, source
from collectors.evidence import Answer
from collectors.http import Allowed

VENDOR, NAME, SETTING = "langsmith", "LangSmith", "LANGSMITH_API_KEY"
OWN_HOSTS = ("smith.langchain.com",)
SCOPE = "the permissions projects:read, runs:read and workspaces:read (role Viewer)"
ALLOWED = (
    Allowed("GET", "/api/v1/sessions"),
    Allowed("GET", "/workspaces/current/ttl-settings"),
    Allowed("POST", "/api/v1/runs/query"),
    Allowed("POST", "/api/v1/runs/stats"),
)
AT_ONCE = 4  # questions; so few calls a second are our share that no more could be waited for


def access_of(access: LangSmithAccess) -> Access:
    where = source(VENDOR, access.base_url, access.api_key, own_hosts=OWN_HOSTS)
    return Access(NAME, where, ALLOWED, {"x-api-key": access.api_key, "accept": "application/json"})


def answer_all(
    conn: Connections, asks: Sequence[R], answering: Callable[[Asking], Callable[[R], Answer]]
) -> Iterable[Answer]:
    """One answer a question over one client, several at a time; not configured without a key."""
    if conn.langsmith is None:
        return not_configured(VENDOR, asks, conn.clock(), SETTING)
    return ask_all(conn, access_of(conn.langsmith), asks, answering, AT_ONCE)
