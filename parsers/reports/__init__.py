"""Reports that Seller Central exports: lines of text in, typed rows and the faults of lines out.

Everything is read as it comes, so that a report of any length takes the same memory. A line that cannot be
used is a fault with its number, never an error, and no fault repeats anything that a line says.
"""
