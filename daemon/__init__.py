"""When and where: the use cases, and the edges to mailboxes, people and time."""
