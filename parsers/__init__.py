"""What does this mail say? Bytes and rules in, frozen values out, no input or output."""
