"""URL table of mechanisms: one short function per route."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from openredress_api.foundation import endpoint as doors
from openredress_api.foundation.answers import Answer
from openredress_api.foundation.endpoint import Call
from openredress_api.foundation.identifiers import encode
from openredress_api.foundation.keys import ExternalKey
from openredress_api.foundation.paging import page
from openredress_api.foundation.problems import NotFound, ValidationFailed
from openredress_api.foundation.upsert import Upserted
from openredress_api.mechanisms import actions
from openredress_api.mechanisms.schemas import (
    AwarenessSurveyBody,
    AwarenessSurveyQuery,
    AwarenessSurveyView,
    ContactVolumeBody,
    ContactVolumeKey,
    ContactVolumeQuery,
    ContactVolumeView,
    EngagementEventBody,
    EngagementEventView,
    MechanismBody,
    MechanismQuery,
    MechanismView,
    ReachabilityProbeBody,
    ReachabilityProbeQuery,
    ReachabilityProbeView,
)
from openredress_api.mechanisms.tables import (
    AwarenessSurvey,
    ContactVolume,
    EngagementEvent,
    Mechanism,
    ReachabilityProbe,
)

# Who writes these records may read them back; row-level security decides on rows.
endpoint = partial(doors.endpoint, room="mechanisms", scope="mechanisms:write")
put = partial(
    endpoint,
    "PUT",
    roles=("supplier", "institute"),
    problems=(ValidationFailed,),
    idempotency="accepted",
)


@put(
    "/v1/mechanisms",
    query=ExternalKey,
    takes=MechanismBody,
    gives={201: MechanismView, 200: MechanismView, 204: None},
)
def put_mechanism(call: Call) -> Answer:
    """Describe a grievance mechanism by one's own identifier; the same again changes nothing."""
    mechanism, done = actions.put_mechanism(call.transaction, call.query, call.body)
    mechanism_id = encode("mec", mechanism.id)
    return Answer(
        mechanism,
        _status(done),
        version=mechanism.version,
        location=f"/v1/mechanisms/{mechanism_id}",
        subjects=(mechanism_id,),
    )


@endpoint("GET", "/v1/mechanisms", query=MechanismQuery, gives={200: MechanismView}, listing=True)
def list_mechanisms(call: Call) -> Answer:
    """One's own mechanisms, or for the institute all of them, by last change."""
    statement = actions.covering(call.transaction, Mechanism, call.query)
    keys = (Mechanism.updated_at, Mechanism.id)
    return Answer(page(call.transaction, statement, keys, "mechanisms", call.query))


@endpoint(
    "GET",
    "/v1/mechanisms/{id}",
    ids={"id": "mec"},
    gives={200: MechanismView},
    problems=(NotFound,),
)
def get_mechanism(call: Call) -> Answer:
    """One mechanism as it is described."""
    mechanism = actions.get_mechanism(call.transaction, call.path["id"])
    return Answer(mechanism, version=mechanism.version)


@put(
    "/v1/contact-volumes",
    query=ContactVolumeKey,
    takes=ContactVolumeBody,
    gives={201: ContactVolumeView, 200: ContactVolumeView, 204: None},
)
def put_contact_volume(call: Call) -> Answer:
    """Store how often workers turned to a class of channels in a month; counts, never contents."""
    row, done = actions.put_contact_volume(call.transaction, call.query, call.body)
    return _put("cvl", actions.shown(call.transaction, row), done)


@endpoint(
    "GET",
    "/v1/contact-volumes",
    query=ContactVolumeQuery,
    gives={200: ContactVolumeView},
    listing=True,
)
def list_contact_volumes(call: Call) -> Answer:
    """One's own contact volumes, or for the institute all; a month not sent is not in it."""
    statement = actions.listed(ContactVolume, call.query)
    keys = (ContactVolume.updated_at, ContactVolume.id)
    return _listed(call, statement, keys, "contact-volumes")


@put(
    "/v1/engagement-events",
    query=ExternalKey,
    takes=EngagementEventBody,
    gives={201: EngagementEventView, 200: EngagementEventView, 204: None},
)
def put_engagement_event(call: Call) -> Answer:
    """Store a talk with workers by one's own identifier; the same again changes nothing."""
    row, done = actions.put_engagement_event(call.transaction, call.query, call.body)
    return _put("eng", actions.shown(call.transaction, row), done)


@endpoint(
    "GET",
    "/v1/engagement-events",
    query=MechanismQuery,
    gives={200: EngagementEventView},
    listing=True,
)
def list_engagement_events(call: Call) -> Answer:
    """One's own talks with workers, or for the institute all of them, by last change."""
    statement = actions.covering(call.transaction, EngagementEvent, call.query)
    keys = (EngagementEvent.updated_at, EngagementEvent.id)
    return _listed(call, statement, keys, "engagement-events")


@put(
    "/v1/awareness-surveys",
    query=ExternalKey,
    takes=AwarenessSurveyBody,
    gives={201: AwarenessSurveyView, 200: AwarenessSurveyView, 204: None},
)
def put_awareness_survey(call: Call) -> Answer:
    """Store how many workers know and trust a channel; the same again changes nothing."""
    row, done = actions.put_awareness_survey(call.transaction, call.query, call.body)
    return _put("svy", actions.shown(call.transaction, row), done)


@endpoint(
    "GET",
    "/v1/awareness-surveys",
    query=AwarenessSurveyQuery,
    gives={200: AwarenessSurveyView},
    listing=True,
)
def list_awareness_surveys(call: Call) -> Answer:
    """One's own surveys, or for the institute all of them, by last change."""
    statement = actions.listed(AwarenessSurvey, call.query)
    keys = (AwarenessSurvey.updated_at, AwarenessSurvey.id)
    return _listed(call, statement, keys, "awareness-surveys")


@put(
    "/v1/reachability-probes",
    query=ExternalKey,
    takes=ReachabilityProbeBody,
    gives={201: ReachabilityProbeView, 200: ReachabilityProbeView, 204: None},
)
def put_reachability_probe(call: Call) -> Answer:
    """Store one trial of a mechanism's channel; the same again changes nothing."""
    row, done = actions.put_reachability_probe(call.transaction, call.query, call.body)
    return _put("prb", actions.shown(call.transaction, row), done)


@endpoint(
    "GET",
    "/v1/reachability-probes",
    query=ReachabilityProbeQuery,
    gives={200: ReachabilityProbeView},
    listing=True,
)
def list_reachability_probes(call: Call) -> Answer:
    """One's own trials, or for the institute all of them, by last change."""
    statement = actions.listed(ReachabilityProbe, call.query)
    keys = (ReachabilityProbe.updated_at, ReachabilityProbe.id)
    return _listed(call, statement, keys, "reachability-probes")


def _put(prefix: str, row: Mapping[str, Any], done: Upserted | None) -> Answer:
    subjects = (encode(prefix, row["id"]),)
    return Answer(row, _status(done), version=row["version"], subjects=subjects)


def _status(done: Upserted | None) -> int:
    return 204 if done is None else 201 if done.inserted else 200


def _listed(call: Call, statement: Any, keys: Any, name: str) -> Answer:  # noqa: ANN401 - any of four kinds
    found = page(call.transaction, statement, keys, name, call.query)
    return Answer(found.showing(lambda row: actions.shown(call.transaction, row)))


ENDPOINTS = (
    put_mechanism,
    list_mechanisms,
    get_mechanism,
    put_contact_volume,
    list_contact_volumes,
    put_engagement_event,
    list_engagement_events,
    put_awareness_survey,
    list_awareness_surveys,
    put_reachability_probe,
    list_reachability_probes,
)
