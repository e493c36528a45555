"""The wire shapes of this room: endpoints, what is sent to them, and the feed.

May import this room's rules; foundation; marshmallow and the catalogue of events.
Must never hold what needs the database to be judged.
"""
