"""Use cases of protection: one file per matter.

May import this room's events, tables and rules; cases and organisations; foundation.
Must never hold a route, or an identity beyond the answer that was granted.
"""
