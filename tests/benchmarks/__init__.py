"""What the program costs, each figure beside its floor measured in the same call."""
