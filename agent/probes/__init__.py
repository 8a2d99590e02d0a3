"""Pure true/false statements over facts; one file a topic."""
