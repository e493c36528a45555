"""Use cases of referrals: drafting and releasing, each party's steps, recalls, the way onward.

May import this room's events, schemas, tables and rules; cases, organisations and foundation.
Must never hold a route, or show a recipient what was not released.
"""
