"""URL table of systemic actions: one short function per route."""

from __future__ import annotations

from functools import partial

from openredress_api.foundation import endpoint as doors
from openredress_api.foundation.answers import Answer
from openredress_api.foundation.endpoint import Call
from openredress_api.foundation.identifiers import encode
from openredress_api.foundation.paging import page
from openredress_api.foundation.problems import NotFound, NotPermitted, ValidationFailed
from openredress_api.improvements import actions, schemas
from openredress_api.improvements.tables import SystemicAction

endpoint = partial(doors.endpoint, room="improvements")
BASE = "/v1/systemic-actions"
PARTIES = ("institute", "supplier")
ONE = {"id": "sys"}


@endpoint(
    "GET",
    BASE + "/{id}",
    scope="remediation:read",
    roles=PARTIES,
    ids=ONE,
    gives={200: schemas.ActionView},
    problems=(NotFound,),
    versioned=False,
    logs_read=True,
)
def get_systemic_action(call: Call) -> Answer:
    """One action: the supplier's word, and apart from it what the institute found."""
    return _answer(call, actions.get_action(call.transaction, call.path["id"]))


@endpoint(
    "GET",
    BASE,
    scope="remediation:read",
    roles=PARTIES,
    query=schemas.ActionQuery,
    gives={200: schemas.ActionView},
    listing=True,
    logs_read=True,
)
def list_systemic_actions(call: Call) -> Answer:
    """The actions one stated, or judges."""
    keys = (SystemicAction.stated_at, SystemicAction.id)
    statement = actions.actions_where(call.query)
    found = page(call.transaction, statement, keys, "systemic_actions", call.query)
    shown = actions.shown(call.transaction, found.data)
    subjects = tuple(encode("sys", one.id) for one in found.data)
    return Answer(found.showing(lambda one: shown[one.id]), subjects=subjects)


@endpoint(
    "POST",
    BASE,
    scope="remediation:report",
    roles=("supplier",),
    takes=schemas.ActionBody,
    gives={201: schemas.ActionView},
    problems=(ValidationFailed,),
    idempotency="required",
    reread=get_systemic_action,
    versioned=False,
)
def state_systemic_action(call: Call) -> Answer:
    """Say what was changed for all workers of a site; the institute looks whether it is so."""
    return _answer(call, actions.state(call.transaction, call.body), 201)


@endpoint(
    "POST",
    BASE + "/{id}/verdicts",
    scope="remediation:request",
    roles=("institute",),
    ids=ONE,
    takes=schemas.VerdictBody,
    gives={201: schemas.ActionView},
    problems=(NotFound, NotPermitted),
    idempotency="required",
    reread=get_systemic_action,
    versioned=False,
)
def judge_systemic_action(call: Call) -> Answer:
    """Write what was found of an action; the last word counts."""
    return _answer(call, actions.judge(call.transaction, call.path["id"], call.body), 201)


@endpoint(
    "GET",
    BASE + "/{id}/recurrence",
    scope="cases:read",
    roles=("institute",),
    ids=ONE,
    gives={200: schemas.RecurrenceView},
    problems=(NotFound,),
    versioned=False,
    logs_read=True,
)
def get_recurrence(call: Call) -> Answer:
    """Cases of the same site and categories in the 180 days before and after an action."""
    found = actions.recurrence(call.transaction, call.path["id"])
    return Answer(found, subjects=(encode("sys", call.path["id"]),))


def _answer(call: Call, action: SystemicAction, status: int = 200) -> Answer:
    action_id = encode("sys", action.id)
    return Answer(
        actions.shown(call.transaction, [action])[action.id],
        status,
        location=f"{BASE}/{action_id}",
        subjects=(action_id,),
    )


ENDPOINTS = (
    get_systemic_action,
    list_systemic_actions,
    state_systemic_action,
    judge_systemic_action,
    get_recurrence,
)
