"""The vendors' facts, one by one: which test shows that it is handled, or which docstring puts it out of scope."""
