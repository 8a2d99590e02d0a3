"""Statements in signed envelopes, and the keys behind them."""
