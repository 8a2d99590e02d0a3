"""`mcp`: the tools for assistants, over standard input and output."""

from __future__ import annotations

import typer


def register(app: typer.Typer) -> None:
    app.command("mcp")(mcp)


def mcp() -> int:
    """Serve assistants by the Model Context Protocol over standard input and output, until that ends.

    They list, order assessments, and look: status, why, evidence, may-deploy. No tool signs, waives or revokes."""
    from agent.service.asking import Place
    from agent.surfaces import embedding, garbage, opening
    from agent.surfaces.mcp.server import build
    from agent.surfaces.terminal import screen

    view = screen()
    deps = opening.open_store(view)
    server = build(deps, Place(deps.settings.get("CLEARANCE_PAGE_URL") or ""))
    garbage.stays()
    with embedding.at_work(deps):
        server.run()
    return 0
