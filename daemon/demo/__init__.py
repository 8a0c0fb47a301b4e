"""A day in a small shop, on real servers inside this process: nothing leaves the machine."""
