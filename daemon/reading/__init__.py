"""From the mailbox into the shop: what is read, what it means, and where it is stored."""
