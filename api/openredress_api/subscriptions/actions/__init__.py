"""Use cases of endpoints, what is sent to them, and the feed: one file per matter.

May import this room's schemas, tables and rules; foundation; the engine's tables and addresses.
Must never hold a route, or a secret that is not sealed.
"""
