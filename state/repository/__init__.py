"""Reads and writes the records; one room for each table or pair of tables, SQL nowhere else."""
