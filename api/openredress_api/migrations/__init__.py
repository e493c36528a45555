"""One alembic history: tables, row-level security, definer functions and rights.

May import nothing of the rooms: a migration is frozen, the rooms move on.
Must never hold a data change without an assertion on the number of rows it touched.
"""
