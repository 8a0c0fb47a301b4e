"""Takes every safeguard of the program out in turn and looks whether a test notices."""
