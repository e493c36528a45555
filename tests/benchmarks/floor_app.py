"""The floor: bare Flask, orjson, psycopg; the rows of a write, no token, no checks, no policies.

BENCH_FLOOR=rows sends one INSERT per row in a transaction, as anyone would; `statement` sends
all of them as one statement, the least that can be sent.
"""

from __future__ import annotations

import json
import os
import queue

import orjson
import psycopg
from flask import Flask, Response, request

from tests.benchmarks.rows import COLUMNS, insert, key, one_statement, values

PLACES = 4  # as many connections per process as the product's gate lets through
PARTIES = json.loads(os.environ["BENCH_PARTIES"])
AS_ONE = os.environ["BENCH_FLOOR"] == "statement"
STATEMENTS = [one_statement()] if AS_ONE else [insert(table) for table in COLUMNS]

app = Flask(__name__)
pool: queue.LifoQueue[psycopg.Connection] = queue.LifoQueue()
for _ in range(PLACES):
    pool.put(psycopg.connect(autocommit=AS_ONE))


@app.put("/v1/grievances")
def put_grievance() -> Response:
    """Write the rows and answer with the record."""
    row = values(orjson.loads(request.get_data()), request.args["external_id"], PARTIES)
    connection = pool.get()
    try:
        for statement in STATEMENTS:
            connection.execute(statement, row)
        if not AS_ONE:
            connection.commit()
    finally:
        pool.put(connection)
    shown = {column: row[key("grievance", column)] for column in COLUMNS["grievance"]}
    return Response(orjson.dumps(shown), 201, content_type="application/json")
