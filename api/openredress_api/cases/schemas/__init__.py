"""The wire shapes of this room, one file per matter.

May import this room's rules; organisations, the vocabulary and foundation.
Must never hold what needs the database to be judged.
"""
