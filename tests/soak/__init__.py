"""Servers and a world that fail on cue, for the promise that nothing is lost and nothing goes out twice."""
