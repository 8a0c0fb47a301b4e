"""Logging in with OAuth2: the providers, the grants, and the tokens that lie in files and nowhere else."""
