"""Real servers on loopback for the tests, and fakes that keep the same contracts."""
