"""``python -m daemon.cli`` is the same as ``sokuresu``."""

from daemon.cli import main

main(prog_name="sokuresu")
