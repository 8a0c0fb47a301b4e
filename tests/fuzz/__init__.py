"""Coverage-guided attacks on everything that reads what strangers wrote."""
