"""The whole main loop on real processes: what a newcomer sees first, and what a test compares.

May import openredress as its users do, openredress_api only where an operator would type a command.
Must never hold a rule of the field, nor a number that was not computed from its input files.
"""
