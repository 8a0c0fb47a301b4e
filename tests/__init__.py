"""The tests; they are never shipped."""
