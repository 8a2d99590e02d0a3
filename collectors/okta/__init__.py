"""Okta: what it can be asked, and how it is read."""
