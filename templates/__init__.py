"""What may we say, and how? Rendering, and Amazon's rules for messages."""
