"""Use cases of this room, one file per matter. Whoever changes a case holds its row.

May import this room's events, schemas, tables and rules; organisations and foundation.
Must never hold a route, or free text that is not sealed.
"""
