"""For the published contract: what each operation promises, written down and compared.

May import apispec, marshmallow and openredress_webhooks; `examples` alone needs jsonschema.
Must never hold flask, sqlalchemy, a rule of a room or a route.
"""
