"""Slack: commands, mentions, and the dialog in which people sign. What is said in a channel decides nothing."""
