"""A PagerDuty account that answers from a world's data, as the vendor's REST API does."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from collectors.sandbox.pagerduty import asking, incidents, lists, schedules
from collectors.sandbox.pagerduty.account import Account
from collectors.sandbox.pagerduty.estate import Estate
from collectors.sandbox.server import Asked, Reply
from collectors.sandbox.world import World

Route = Callable[[Account, Asked, str], Reply]
ROUTES: Mapping[str, Route] = {
    "/abilities": lists.abilities,
    "/users": lists.users,
    "/users/me": lists.me,
    "/users/([^/]+)": lists.user,
    "/services": lists.services,
    "/services/([^/]+)": lists.service,
    "/escalation_policies": lists.policies,
    "/escalation_policies/([^/]+)": lists.policy,
    "/priorities": incidents.priorities,
    "/incidents": incidents.incidents,
    "/incidents/([^/]+)/log_entries": incidents.log,
    "/maintenance_windows": incidents.maintenance,
    "/oncalls": schedules.oncalls,
    "/schedules": schedules.layered,
    "/schedules/([^/]+)": schedules.layered_one,
    "/v3/schedules": schedules.shifting,
    "/v3/schedules/([^/]+)": schedules.shifting_one,
}


class PagerDuty:
    """The stand-in. Everything but GET is refused, so that a test sees a collector that tries."""

    def __init__(self, world: World) -> None:
        self._account = Account(Estate.model_validate(world.vendor("pagerduty")), world.clock)
        self._token = world.credentials.pagerduty_token

    def answer(self, asked: Asked) -> Reply:
        try:
            asking.check_key(asked, self._token)
            if asked.method != "GET":
                raise asking.Refused(403, 2010, "Access Denied")
            return self._route(asked)
        except asking.Refused as refused:
            return refused.reply

    def _route(self, asked: Asked) -> Reply:
        for pattern, route in ROUTES.items():
            found = re.fullmatch(pattern, asked.path)
            if found:
                return route(self._account, asked, found[1] if found.groups() else "")
        raise asking.not_found()
