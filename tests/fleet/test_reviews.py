"""A whole review on PostgreSQL: assessed, signed by several, reported, verified, revoked, refreshed, and killed between."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path

import psycopg
import pytest

from agent.deps import Deps
from agent.errors import ClearanceError, Refused
from agent.service.finishing import finish
from agent.service.permission import may_deploy, revoke
from agent.service.verification import verify
from agent.store import log
from tests.acceptance.conftest import GATE, ROOT, SIGNERS, SUBJECT, Desk, RunningWorld, desk_over
from tests.fleet.server import Server
