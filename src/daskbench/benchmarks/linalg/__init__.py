"""Linear algebra: decompositions, their accuracy, and the peak rates of the machine."""
