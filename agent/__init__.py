"""Clearance: evidence, judgement and signatures for an AI agent's launch gate."""

__version__ = "0.1.0"
