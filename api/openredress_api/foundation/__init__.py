"""What every room stands on: database, endpoint, problems, ids, sealing, audit.

May import settings, openredress_openapi and openredress_delivery.
Must never hold a word of the domain: no grievance, case, supplier or metric.
"""
