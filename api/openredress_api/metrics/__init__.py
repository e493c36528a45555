"""Figures: definitions, counting, suppression, releases, and what each brand may read of them.

May import every record room's tables in queries.py, by name; otherwise foundation.
Must never hold a number that was not released, nor a cell below the bounds.
"""
