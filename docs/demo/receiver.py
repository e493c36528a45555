"""A supplier's receiver, written with the client as a supplier would write it.

Usage: python -m demo.receiver PORT FOLDER. Each endpoint's secret lies in FOLDER/<name>.secret, as
it was shown when the endpoint was registered; what arrives goes to FOLDER/received.jsonl.
"""

from __future__ import annotations

import json
import sys
import threading
from pathlib import Path

from flask import Flask, Response, jsonify, request
from werkzeug.serving import WSGIRequestHandler, make_server

from openredress.errors import ForgedWebhook
from openredress.webhooks import receive


def create_app(folder: Path) -> Flask:
    """The receiver; it answers 2xx only after what arrived is on disk."""
    app = Flask("receiver")
    lock = threading.Lock()
    received = (folder / "received.jsonl").open("a", encoding="utf-8")

    @app.post("/hooks/<name>")
    def hook(name: str) -> Response:
        raw_body = request.get_data()
        secret = (folder / f"{name}.secret").read_text(encoding="utf-8")
        try:
            event = receive(dict(request.headers), raw_body, [secret])
        except ForgedWebhook:
            return Response(status=400)
        if event.type == "endpoint.verify":
            # Only who has the key can send it back: that is how we say that we want these events.
            return jsonify(challenge=event.data["challenge"])
        row = {"endpoint": name, "id": event.id, "type": event.type, "subject": event.subject}
        with lock:
            received.write(json.dumps(row) + "\n")
            received.flush()
        return Response(status=204)

    return app


class _Quiet(WSGIRequestHandler):
    def log(self, *_: object) -> None:
        """Say nothing of each request."""


def main() -> None:
    """Serve until the process is told to end."""
    port, folder = int(sys.argv[1]), Path(sys.argv[2])
    app = create_app(folder)
    make_server("127.0.0.1", port, app, threaded=True, request_handler=_Quiet).serve_forever()


if __name__ == "__main__":
    main()
