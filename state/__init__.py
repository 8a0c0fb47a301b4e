"""What is true, and what is due? Pure rules, and the storage at the edge."""
