"""Carries events out of the house: one feed, its fan-out to endpoints, signed attempts, retries.

May import openredress_webhooks and its engines (SQLAlchemy, psycopg, pycurl, pycares, idna).
Must never hold the API's rules (they come in as functions), an unsealed key at rest, or a body
in a log.
"""
