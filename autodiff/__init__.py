"""The same character RNN in the plainest JAX, differentiated by JAX."""
