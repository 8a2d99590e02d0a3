"""The use cases: one door for every surface. Nothing here prints, and nothing here permits but a signature."""
