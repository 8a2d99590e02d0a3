"""One file a group of commands. Their tops import nothing heavy: `clearance --help` reads all of them."""
