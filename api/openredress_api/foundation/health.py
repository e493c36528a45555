"""/livez: the process answers. /readyz: it reaches a migrated, durable database."""

from __future__ import annotations

from flask import Flask, Response, jsonify
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from openredress_api.foundation.database import Database
from openredress_api.foundation.postgres.durability import UnsafeDurability, refuse_unsafe
from openredress_api.foundation.problems import DatabaseUnavailable


def install_health(app: Flask, database: Database) -> None:
    """Add both routes; they need no token and tell nothing of anyone."""

    @app.get("/livez")
    def livez() -> Response:
        return jsonify(status="alive")

    @app.get("/readyz")
    def readyz() -> Response:
        try:
            with database.engine("app").connect() as connection:
                connection.execute(text("SELECT gate.institute()"))
                refuse_unsafe(connection)
        except (DBAPIError, UnsafeDurability) as fault:
            raise DatabaseUnavailable(headers={"Retry-After": "1"}) from fault
        return jsonify(status="ready")
