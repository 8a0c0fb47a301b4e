"""What the owner is told of a week or a month, and the tables that leave the program."""
