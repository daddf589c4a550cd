"""The course: derive gradients by hand, and be told which term is wrong."""
