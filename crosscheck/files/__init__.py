"""Checking a file: its code runs in a process of its own, and what that says becomes a report."""
