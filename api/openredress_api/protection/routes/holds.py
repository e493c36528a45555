"""Held sites."""

from __future__ import annotations

from functools import partial

from openredress_api.foundation.answers import Answer
from openredress_api.foundation.endpoint import Call
from openredress_api.foundation.identifiers import encode
from openredress_api.foundation.paging import page
from openredress_api.foundation.problems import (
    CursorInvalid,
    NotFound,
    NotPermitted,
    PreconditionFailed,
    StateTransitionNotAllowed,
)
from openredress_api.protection.actions import holds as actions
from openredress_api.protection.routes.doors import acting, reading
from openredress_api.protection.schemas import HoldClearBody, HoldQuery, SiteHoldView
from openredress_api.protection.tables import SiteHold

reading = partial(reading, scope="cases:read", gives={200: SiteHoldView})
ONE = {"id": "hld"}


@reading("GET", "/v1/site-holds/{id}", ids=ONE, problems=(NotFound,))
def get_site_hold(call: Call) -> Answer:
    """One hold with the cases it is for. The read is logged."""
    return _hold(actions.get_hold(call.transaction, call.path["id"]))


@reading("GET", "/v1/site-holds", query=HoldQuery, problems=(CursorInvalid,), listing=True)
def list_site_holds(call: Call) -> Answer:
    """All holds, standing and cleared, by their last change. The read is logged."""
    keys = (SiteHold.updated_at, SiteHold.id)
    found = page(call.transaction, actions.holds_where(call.query), keys, "site_holds", call.query)
    return Answer(found, subjects=tuple(encode("hld", hold.id) for hold in found.data))


@acting(
    "POST",
    "/v1/site-holds/{id}/clear",
    scope="cases:write",
    ids=ONE,
    takes=HoldClearBody,
    gives={200: SiteHoldView},
    problems=(NotFound, NotPermitted, PreconditionFailed, StateTransitionNotAllowed),
    reread=get_site_hold,
)
def clear_site_hold(call: Call) -> Answer:
    """Open a site again; by a releaser who reported nothing of what it is held for."""
    reason, seen = call.body["reason"], call.if_match
    return _hold(actions.clear(call.transaction, call.path["id"], reason, seen))


def _hold(hold: SiteHold) -> Answer:
    return Answer(hold, version=hold.version, subjects=(encode("hld", hold.id),))


ENDPOINTS = (list_site_holds, get_site_hold, clear_site_hold)
