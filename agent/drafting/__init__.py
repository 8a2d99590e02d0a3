"""Statements with slots, the words allowed outside them, the model that writes and the template that stands in."""
