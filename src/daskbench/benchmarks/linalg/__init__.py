"""Linear algebra: decompositions, how exact they are, and what the machine can do."""
