"""`python -m agent` is the `clearance` command."""

from agent.surfaces.cli import main

if __name__ == "__main__":
    main()
