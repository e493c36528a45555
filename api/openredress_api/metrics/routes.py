"""URL table of figures: one short function per route."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from sqlalchemy import select

from openredress_api.foundation import endpoint as doors
from openredress_api.foundation.answers import Answer
from openredress_api.foundation.endpoint import Call, PublicCall
from openredress_api.foundation.identifiers import encode
from openredress_api.foundation.paging import Page, PageQuery, page
from openredress_api.foundation.problems import (
    Fault,
    FieldError,
    NotFound,
    NotPermitted,
    SecondPersonNeeded,
    StateTransitionNotAllowed,
    ValidationFailed,
)
from openredress_api.metrics import actions
from openredress_api.metrics.definitions import CATALOGUE
from openredress_api.metrics.schemas import (
    PROVENANCES,
    Definitions,
    Figure,
    FigureQuery,
    ReleaseBody,
    ReleaseView,
    Report,
)
from openredress_api.metrics.tables import MetricCell, MetricRelease, MetricReport

endpoint = partial(doors.endpoint, room="metrics")
ID = {"id": "mrl"}
WRITE = "releases:write"


@endpoint(
    "GET",
    "/v1/metrics/definitions",
    scope=None,
    public=True,
    gives={200: Definitions},
    versioned=False,
)
def list_metric_definitions(_call: PublicCall) -> Answer:
    """Every metric's formula, cohort, unit, provenance and disclosure rule."""
    return Answer({"data": list(CATALOGUE.values())}, headers={"Cache-Control": "public"})


@endpoint(
    "GET",
    "/v1/metric-releases/{id}",
    scope=WRITE,
    ids=ID,
    gives={200: ReleaseView},
    problems=(NotFound,),
)
def get_metric_release(call: Call) -> Answer:
    """One release and where it stands."""
    return _release(actions.get_release(call.transaction, call.path["id"]))


@endpoint(
    "GET",
    "/v1/metric-releases",
    scope=WRITE,
    query=PageQuery,
    gives={200: ReleaseView},
    listing=True,
)
def list_metric_releases(call: Call) -> Answer:
    """All releases, least recently changed first."""
    keys = (MetricRelease.updated_at, MetricRelease.id)
    found = page(call.transaction, select(MetricRelease), keys, "metric-releases", call.query)
    return Answer(found)


@endpoint(
    "POST",
    "/v1/metric-releases",
    scope=WRITE,
    roles=("institute",),
    takes=ReleaseBody,
    gives={201: ReleaseView},
    problems=(
        ValidationFailed,
        NotPermitted,
        actions.PeriodNotClosed,
        actions.ReleaseExists,
    ),
    idempotency="required",
)
def draft_metric_release(call: Call) -> Answer:
    """Count a closed quarter for every brand; nobody outside reads it before it is published."""
    return _release(actions.draft(call.transaction, call.body["period"]), 201)


@endpoint(
    "POST",
    "/v1/metric-releases/{id}/preview",
    scope=WRITE,
    ids=ID,
    gives={200: ReleaseView},
    problems=(NotFound, NotPermitted, StateTransitionNotAllowed),
    idempotency="required",
)
def preview_metric_release(call: Call) -> Answer:
    """Open the ten working days of preview."""
    return _release(actions.preview(call.transaction, call.path["id"]))


@endpoint(
    "POST",
    "/v1/metric-releases/{id}/approve",
    scope=WRITE,
    ids=ID,
    gives={200: ReleaseView},
    problems=(NotFound, NotPermitted, StateTransitionNotAllowed, SecondPersonNeeded),
    idempotency="required",
)
def approve_metric_release(call: Call) -> Answer:
    """Approve a release that another person drafted."""
    return _release(actions.approve(call.transaction, call.path["id"]))


@endpoint(
    "POST",
    "/v1/metric-releases/{id}/publish",
    scope=WRITE,
    ids=ID,
    gives={200: ReleaseView},
    problems=(NotFound, NotPermitted, StateTransitionNotAllowed, actions.PreviewNotOver),
    idempotency="required",
)
def publish_metric_release(call: Call) -> Answer:
    """Publish an approved release after its preview; each brand is told."""
    return _release(actions.publish(call.transaction, call.path["id"]))


def _release(release: MetricRelease, status: int = 200) -> Answer:
    release_id = encode("mrl", release.id)
    return Answer(
        release,
        status,
        version=release.version,
        location=f"/v1/metric-releases/{release_id}",
        subjects=(release_id,),
    )


@endpoint(
    "GET",
    "/v1/metric-reports",
    scope="metrics:read",
    query=PageQuery,
    gives={200: Report},
    listing=True,
)
def list_metric_reports(call: Call) -> Answer:
    """The published reports addressed to the caller, oldest first."""
    keys = (MetricReport.created_at, MetricReport.id)
    found = page(call.transaction, select(MetricReport), keys, "metric-reports", call.query)
    return Answer(found.showing(lambda report: _report(call, report)))


@endpoint(
    "GET",
    "/v1/metric-reports/{id}",
    scope="metrics:read",
    ids={"id": "mrp"},
    gives={200: Report},
    problems=(NotFound,),
)
def get_metric_report(call: Call) -> Answer:
    """One published report with its verified figures."""
    return Answer(_report(call, actions.get_report(call.transaction, call.path["id"])), version=1)


def _report(call: Call, report: MetricReport) -> Mapping[str, Any]:
    cells = actions.figures(call.transaction, provenances=("verified",), report_id=report.id)
    return {
        "id": report.id,
        "release_id": report.release_id,
        "recipient_id": report.recipient_id,
        "period": report.period,
        "figures": [_figure(cell) for cell in cells],
    }


@endpoint(
    "GET",
    "/v1/metrics/{code}",
    scope="metrics:read",
    ids={"code": "code"},
    query=FigureQuery,
    gives={200: Figure},
    problems=(NotFound, ValidationFailed),
    listing=True,
)
def get_metric(call: Call) -> Answer:
    """One metric's released figures for the caller, by period; verified ones unless asked."""
    code = str(call.path["code"])
    if code not in CATALOGUE:
        raise NotFound
    cells = actions.figures(
        call.transaction,
        provenances=_provenances(call.query.get("include")),
        metric=code,
        period=call.query.get("period"),
    )
    return Answer(Page([_figure(cell) for cell in cells], None, has_more=False))


def _provenances(include: str | None) -> tuple[str, ...]:
    wanted = [name.strip() for name in include.split(",")] if include else []
    for name in wanted:
        if name not in PROVENANCES:
            fault = Fault("not_in_list", nearest=", ".join(PROVENANCES))
            raise ValidationFailed(errors=[FieldError("?include", fault, name)])
    return ("verified", *wanted)


def _figure(cell: MetricCell) -> Mapping[str, Any]:
    return cell.members() | {"name": CATALOGUE[cell.metric].name, "scope": "brand"}


ENDPOINTS = (
    list_metric_definitions,
    get_metric_release,
    list_metric_releases,
    draft_metric_release,
    preview_metric_release,
    approve_metric_release,
    publish_metric_release,
    list_metric_reports,
    get_metric_report,
    get_metric,
)
