"""The built-in pairs, and the programs that run them."""
