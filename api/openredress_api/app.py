"""The composition root: joins rooms, listeners, errors and documents into one application."""

from __future__ import annotations

from typing import Any

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from openredress_api import __version__, access
from openredress_api.cases import routes as cases
from openredress_api.evidence import routes as evidence
from openredress_api.foundation.announcements import Listener
from openredress_api.foundation.answers import install_error_handlers
from openredress_api.foundation.database import Database
from openredress_api.foundation.endpoint import Doors, Endpoint
from openredress_api.foundation.health import install_health
from openredress_api.foundation.installation import Installation
from openredress_api.foundation.logs import install_request_log
from openredress_api.grievances import routes as grievances
from openredress_api.imports import routes as imports
from openredress_api.improvements import routes as improvements
from openredress_api.joint import on_announcement as tell_sponsors
from openredress_api.joint import routes as joint
from openredress_api.keeping import routes as keeping
from openredress_api.mechanisms import routes as mechanisms
from openredress_api.metrics import routes as metrics
from openredress_api.organisations import routes as organisations
from openredress_api.placements import routes as placements
from openredress_api.protection import on_announcement as protect
from openredress_api.protection import routes as protection
from openredress_api.readings import routes as readings
from openredress_api.referrals import on_announcement as recall_referrals
from openredress_api.referrals import routes as referrals
from openredress_api.remediation import on_announcement as recall_remediation
from openredress_api.remediation import routes as remediation
from openredress_api.repayments import on_announcement as recall_repayments
from openredress_api.repayments import routes as repayments
from openredress_api.subscriptions import install as publish_keys
from openredress_api.subscriptions import on_announcement as publish
from openredress_api.subscriptions import routes as subscriptions
from openredress_api.tasks import on_announcement as raise_task
from openredress_api.tasks import routes as tasks
from openredress_api.vocabulary import routes as vocabulary
from openredress_api.workforce import routes as workforce
from openredress_openapi.builder import build
from openredress_webhooks.events import EVENT_TYPES

MAX_BODY = 1024 * 1024
ENDPOINTS: tuple[Endpoint, ...] = (
    *vocabulary.ENDPOINTS,
    *organisations.ENDPOINTS,
    *grievances.ENDPOINTS,
    *workforce.ENDPOINTS,
    *mechanisms.ENDPOINTS,
    *placements.ENDPOINTS,
    *evidence.ENDPOINTS,
    *cases.ENDPOINTS,
    *protection.ENDPOINTS,
    *referrals.ENDPOINTS,
    *remediation.ENDPOINTS,
    *repayments.ENDPOINTS,
    *joint.ENDPOINTS,
    *improvements.ENDPOINTS,
    *keeping.ENDPOINTS,
    *tasks.ENDPOINTS,
    *readings.ENDPOINTS,
    *metrics.ENDPOINTS,
    *imports.ENDPOINTS,
    *subscriptions.ENDPOINTS,
)
LISTENERS: tuple[Listener, ...] = (
    protect,
    recall_referrals,
    recall_remediation,
    recall_repayments,
    tell_sponsors,
    raise_task,
    publish,
)


def document() -> dict[str, Any]:
    """The OpenAPI document of all operations and events."""
    operations = [endpoint.operation for endpoint in ENDPOINTS]
    return build(
        operations,
        EVENT_TYPES,
        title="OpenRedress",
        version=__version__,
        public_url="https://api.example.org",
    )


def create_app(installation: Installation, database: Database | None = None) -> Flask:
    """The WSGI application of `installation`; tests hand in their own `database`."""
    database = database or installation.database(LISTENERS)
    app = Flask("openredress", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY
    app.url_map.strict_slashes = True
    app.extensions["openredress"] = database
    install_request_log(app)
    install_error_handlers(app)
    install_health(app, database)
    access.install(app, database, installation.settings.public_url)
    publish_keys(app, database)
    Doors(database).mount(app, ENDPOINTS)
    hops = installation.settings.trusted_proxies
    if hops:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops)  # type: ignore[method-assign]  # Flask's documented way
    return app
