"""The review desk: pages for the person who answers; it writes decisions down and sends nothing."""
