"""The vendors' contracts, fact by fact: which test shows that it is handled, or which docstring puts it out of scope."""
