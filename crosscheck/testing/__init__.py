"""Gradients as tests: declarations for test modules, and the pytest plugin that runs and reports them."""
