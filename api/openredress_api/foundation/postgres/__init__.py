"""Runs a PostgreSQL of our own: finds its binaries, makes its cluster, keeps it alive, dumps it.

May import the standard library, psycopg and sqlalchemy; nothing else of openredress_api.
Must never hold a domain word, a table, or a way to run without durable commits outside tests.
"""
