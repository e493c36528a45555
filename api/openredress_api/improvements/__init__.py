"""What changes for good: systemic actions of suppliers, what the institute found, recurrence.

May import remediation, cases, evidence, organisations, access, vocabulary and foundation.
Must never hold a worker's record, or let a supplier learn of cases by what recurs.
"""
