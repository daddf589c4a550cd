"""What the values of a backward pass are: which derivatives, and which is the first that is none."""
