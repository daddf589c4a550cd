"""The explanations, by family."""
