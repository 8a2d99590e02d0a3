"""Answers as Slack shows them: messages, and the dialog in which a signature is given. Pure."""
