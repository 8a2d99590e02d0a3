"""The review as a graph: plan, collect, judge, read, draft, verify, sign, report."""
