"""The project inside is run by its own pytest."""

collect_ignore = ["project"]
