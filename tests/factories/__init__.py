"""Makers of parties and records for tests: real rows, real tokens, real HTTP through Flask."""
