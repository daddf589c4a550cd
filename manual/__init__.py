"""A character RNN with every derivative written by hand, in NumPy. See README.md beside this file for the derivation."""
