"""What an AWS profile stands for now: a name alone does not say whose account it leads to."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from botocore.session import Session

from collectors.evidence import canonical, fingerprint


def meaning(profile: str) -> str:
    """A digest of all that the SDK's own files say of a profile and of those that it builds on. No secret leaves it.

    Where a program gives the credentials, the files name only the program: then which key it gives now counts as well.
    "" = it cannot be known, and nothing may be shared.
    """
    try:
        session = Session(profile=profile)
        told = dict(_sections(session.full_config, profile))
        key = _given_now(session) if any("credential_process" in section for section in told.values()) else ""
        return fingerprint(canonical({"sections": told, "key": key}).decode())
    except (BotoCoreError, ClientError, ValueError, TypeError):
        return ""


def _sections(config: dict[str, Any], profile: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """The profile, the profiles it takes its credentials from, and their sign-on sessions and services."""
    profiles, waiting, seen = config.get("profiles", {}), [profile], set[str]()
    while waiting:
        name = waiting.pop()
        if name in seen or name not in profiles:
            continue
        seen.add(name)
        section = profiles[name]
        yield f"profile {name}", section
        if "source_profile" in section:
            waiting.append(str(section["source_profile"]))
        for kind, key in (("sso_sessions", "sso_session"), ("services", "services")):
            if key in section:
                yield f"{kind} {section[key]}", config.get(kind, {}).get(section[key], {})


def _given_now(session: Session) -> str:
    held = session.get_credentials()
    return fingerprint(held.get_frozen_credentials().access_key) if held else ""
