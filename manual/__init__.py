"""A character RNN with every derivative by hand, in NumPy. See README.md beside this file for the derivation."""
