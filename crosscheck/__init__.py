"""Tells whether a hand-written backward pass is right, with no tolerance to choose."""
