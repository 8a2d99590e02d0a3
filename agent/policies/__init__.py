"""How a gate decides, one policy a file: pure functions named in the gate's YAML, over verdicts and checks alone."""
