"""Options and arguments that several commands share."""

from __future__ import annotations

from typing import Annotated

import typer

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")]
Subject = Annotated[str, typer.Argument(metavar="SUBJECT", help="The subject's id, as its card says.")]
Review = Annotated[str, typer.Argument(metavar="ID", help="The review's id, for example rv-1a2b3c4d.")]
GateId = Annotated[str, typer.Option("--gate", metavar="G", help="The gate's id, for example pilot-to-prod.")]
