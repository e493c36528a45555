"""URL table of organisations: one short function per route."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from sqlalchemy import select

from openredress_api.foundation import endpoint as doors
from openredress_api.foundation.answers import Answer
from openredress_api.foundation.database import Transaction
from openredress_api.foundation.endpoint import Call
from openredress_api.foundation.identifiers import encode
from openredress_api.foundation.keys import ExternalKey
from openredress_api.foundation.paging import PageQuery, page
from openredress_api.foundation.problems import NotFound, NotPermitted, ValidationFailed
from openredress_api.organisations import actions
from openredress_api.organisations.schemas import (
    Me,
    OrganisationView,
    RelationBody,
    RelationView,
    SiteBody,
    SiteView,
)
from openredress_api.organisations.tables import Organisation, Relation, Site

endpoint = partial(doors.endpoint, room="organisations")


@endpoint("GET", "/v1/me", scope=None, gives={200: Me}, versioned=False)
def get_me(call: Call) -> Answer:
    """Who the token belongs to, what it may do, and what time it is there."""
    return Answer(
        {
            "organisation_id": call.context.organisation_id,
            "organisation_type": call.context.organisation_type,
            "client_id": call.context.client_id,
            "scopes": sorted(call.context.scopes),
            "is_sandbox": call.context.is_sandbox,
            "now": call.context.now,
        }
    )


@endpoint(
    "GET",
    "/v1/organisations",
    scope="organisations:manage",
    query=PageQuery,
    gives={200: OrganisationView},
    listing=True,
)
def list_organisations(call: Call) -> Answer:
    """All organisations of this installation, oldest first."""
    keys = (Organisation.created_at, Organisation.organisation_id)
    return Answer(page(call.transaction, select(Organisation), keys, "organisations", call.query))


@endpoint(
    "GET",
    "/v1/organisations/{id}",
    scope="organisations:manage",
    ids={"id": "org"},
    gives={200: OrganisationView},
    problems=(NotFound,),
)
def get_organisation(call: Call) -> Answer:
    """One organisation."""
    query = select(Organisation).where(Organisation.organisation_id == call.path["id"])
    found = call.transaction.one(query)
    return Answer(found, version=found.version)


@endpoint(
    "PUT",
    "/v1/sites",
    scope="sites:write",
    query=ExternalKey,
    takes=SiteBody,
    gives={201: SiteView, 200: SiteView, 204: None},
    problems=(ValidationFailed,),
    idempotency="accepted",
)
def put_site(call: Call) -> Answer:
    """Store a site by the supplier's own identifier; the same body again changes nothing."""
    site, done = actions.put_site(call.transaction, call.query, call.body)
    status = 204 if done is None else 201 if done.inserted else 200
    site_id = encode("site", site.id)
    return Answer(
        site,
        status,
        version=site.version,
        location=f"/v1/sites/{site_id}",
        subjects=(site_id,),
    )


@endpoint(
    "GET", "/v1/sites", scope="sites:read", query=PageQuery, gives={200: SiteView}, listing=True
)
def list_sites(call: Call) -> Answer:
    """The sites the caller may see: its own, or those of its confirmed relations."""
    keys = (Site.updated_at, Site.id)
    return Answer(page(call.transaction, select(Site), keys, "sites", call.query))


@endpoint(
    "GET",
    "/v1/sites/{id}",
    scope="sites:read",
    ids={"id": "site"},
    gives={200: SiteView},
    problems=(NotFound,),
)
def get_site(call: Call) -> Answer:
    """One site."""
    site = actions.get_site(call.transaction, call.path["id"])
    return Answer(site, version=site.version)


@endpoint(
    "GET",
    "/v1/relations/{id}",
    scope="relations:write",
    ids={"id": "rel"},
    gives={200: RelationView},
    problems=(NotFound,),
)
def get_relation(call: Call) -> Answer:
    """One relation and whether it is confirmed."""
    return _relation(call.transaction, actions.get_relation(call.transaction, call.path["id"]))


@endpoint(
    "GET",
    "/v1/relations",
    scope="relations:write",
    query=PageQuery,
    gives={200: RelationView},
    listing=True,
)
def list_relations(call: Call) -> Answer:
    """The relations the caller is a side of."""
    keys = (Relation.updated_at, Relation.id)
    found = page(call.transaction, select(Relation), keys, "relations", call.query)
    return Answer(found.showing(lambda one: _shown(call.transaction, one)))


@endpoint(
    "POST",
    "/v1/relations",
    scope="relations:write",
    roles=("supplier", "brand", "agency"),
    takes=RelationBody,
    gives={201: RelationView},
    problems=(ValidationFailed, NotPermitted),
    idempotency="required",
)
def state_relation(call: Call) -> Answer:
    """State that a partner works with a site; figures count it once the other side confirms."""
    return _relation(call.transaction, actions.state_relation(call.transaction, call.body), 201)


@endpoint(
    "POST",
    "/v1/relations/{id}/confirm",
    scope="relations:write",
    ids={"id": "rel"},
    gives={200: RelationView},
    problems=(NotFound, NotPermitted, actions.AlreadyConfirmed),
    idempotency="required",
)
def confirm_relation(call: Call) -> Answer:
    """Confirm a relation that the other side stated."""
    return _relation(call.transaction, actions.confirm_relation(call.transaction, call.path["id"]))


def _relation(transaction: Transaction, relation: Relation, status: int = 200) -> Answer:
    relation_id = encode("rel", relation.id)
    return Answer(
        _shown(transaction, relation),
        status,
        version=relation.version,
        location=f"/v1/relations/{relation_id}",
        subjects=(relation_id,),
    )


def _shown(transaction: Transaction, relation: Relation) -> Mapping[str, Any]:
    confirmed = actions.confirmation_of(transaction, relation)
    shown = relation.members()
    shown["confirmed_by"] = confirmed.organisation_id if confirmed else None
    shown["confirmed_at"] = confirmed.confirmed_at if confirmed else None
    return shown


ENDPOINTS = (
    get_me,
    list_organisations,
    get_organisation,
    put_site,
    list_sites,
    get_site,
    get_relation,
    list_relations,
    state_relation,
    confirm_relation,
)
