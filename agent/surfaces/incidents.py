"""What goes wrong: one sentence for the person, the rest in `clearance.log` under an incident id."""

from __future__ import annotations

import logging
import os
import sys
import threading
from pathlib import Path
from secrets import token_hex
from types import TracebackType

LOG = "clearance.log"


def log_path() -> Path:
    return Path(os.environ.get("CLEARANCE_HOME") or ".clearance") / LOG


class _LazyFile(logging.Handler):
    """Appends to the log of this home; makes neither file nor folder before there is something to write."""

    def emit(self, record: logging.LogRecord) -> None:
        try:
            path = log_path()
            path.parent.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            with os.fdopen(descriptor, "a", encoding="utf-8", errors="replace") as file:
                file.write(self.format(record) + "\n")
        except OSError:
            self.handleError(record)

    def handleError(self, record: logging.LogRecord) -> None:
        """A log that cannot be written must not stop the work it tells of."""


def log_to_file() -> None:
    """Every logger, the vendors' too, writes to the file and none to the terminal."""
    handler = _LazyFile()
    handler.setFormatter(logging.Formatter("%(asctime)s %(process)d %(levelname)s %(name)s %(message)s"))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("clearance").setLevel(logging.INFO)
    logging.captureWarnings(True)


def watch() -> None:
    """From here on, what nothing catches is an incident: logged whole, told in a sentence, exit code 1."""
    sys.excepthook = _unexpected
    threading.excepthook = lambda args: _log(token_hex(4), args.exc_type, args.exc_value, args.exc_traceback)


def _unexpected(kind: type[BaseException], error: BaseException, at: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        tell("interrupted; nothing is lost, and the next command goes on with what was begun")
        return
    incident = token_hex(4)
    _log(incident, kind, error, at)
    tell(
        f"something went wrong that should not ({kind.__name__}, incident {incident}); what was stored before is kept. "
        f"{log_path()} says where; please report it with that entry"
    )


def _log(incident: str, kind: type[BaseException], error: BaseException | None, at: TracebackType | None) -> None:
    if error is not None:
        log_to_file()
        logging.getLogger("clearance").error("incident %s", incident, exc_info=(kind, error, at))


def tell(sentence: str, word: str = "error") -> None:
    """One message on stderr, with a word (red on a terminal where it is "error") before it."""
    from agent.surfaces.terminal import screen

    screen().error(sentence, word)


def nobody_reads() -> int:
    """The other end of the pipe is closed: stop without a word. Never code 0: what it would have said was not heard."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 1
