"""Every element of a list that AWS answers page by page: to its end, or a failure that says that there is more."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import JsonValue

from collectors.aws.client import Asking, Params
from collectors.errors import Malformed, Truncated

MOST_PAGES = 40
Element = dict[str, JsonValue]


def elements(asking: Asking, operation: str, asked: Params, key: str) -> Iterator[Element]:
    """The elements under `key`. Raises Malformed where there is no such list, Truncated where it does not end."""
    what, token = f"aws {asking.account.service}:{operation}", None
    for _ in range(MOST_PAGES):
        told = asking.call(operation, {**asked, **({"NextToken": token} if token else {})}).body
        listed = told.get(key)
        if not isinstance(listed, list):
            raise Malformed(f"{what} answered without a list of {key}", status=200)
        for one in listed:
            if not isinstance(one, dict):
                raise Malformed(f"{what} answered with {key} that are no objects", status=200)
            yield one
        before, token = token, told.get("NextToken")
        if not token:
            return
        if token == before:
            break
    raise Truncated(f"{what} goes on after {MOST_PAGES} pages, or points to itself", status=200)
