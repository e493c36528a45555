"""The worker of imports: rows are checked, staged by COPY and merged, batch by batch.

May import what its room may, and the room's tables and rules.
Must never hold a rule of a kind of record: those stand in the kinds' own rooms.
"""
