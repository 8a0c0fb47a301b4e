"""What people are shown of the shop's books, in whatever they look at it with: the commands or the desk."""
