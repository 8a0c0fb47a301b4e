"""The ways to the world beside mail: short alerts on second paths, and the watch from outside."""
