"""Watches for reprisals and what workers said."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any
from uuid import UUID

from openredress_api.foundation.answers import Answer
from openredress_api.foundation.database import Transaction
from openredress_api.foundation.endpoint import Call
from openredress_api.foundation.identifiers import encode
from openredress_api.foundation.paging import page
from openredress_api.foundation.problems import CursorInvalid, NotFound, NotPermitted
from openredress_api.protection.actions import watches as actions
from openredress_api.protection.routes.doors import acting, reading
from openredress_api.protection.schemas import CheckBackBody, WatchQuery, WatchView
from openredress_api.protection.tables import RetaliationWatch

reading = partial(reading, scope="cases:read", gives={200: WatchView})
ONE = {"id": "rtw"}


@reading("GET", "/v1/retaliation-watches/{id}", ids=ONE, problems=(NotFound,))
def get_retaliation_watch(call: Call) -> Answer:
    """One watch with its check-backs, planned and made. The read is logged."""
    return _watch(call.transaction, actions.get_watch(call.transaction, call.path["id"]))


@reading(
    "GET",
    "/v1/retaliation-watches",
    query=WatchQuery,
    problems=(CursorInvalid,),
    listing=True,
)
def list_retaliation_watches(call: Call) -> Answer:
    """All watches by their last change. The read is logged with the ids given."""
    keys = (RetaliationWatch.updated_at, RetaliationWatch.id)
    statement = actions.watches_where(call.query)
    found = page(call.transaction, statement, keys, "retaliation_watches", call.query)
    shown = _shown(call.transaction, found.data)
    subjects = tuple(encode("rtw", watch.id) for watch in found.data)
    return Answer(found.showing(lambda watch: shown[watch.id]), subjects=subjects)


@acting(
    "POST",
    "/v1/retaliation-watches/{id}/check-backs",
    scope="cases:write",
    ids=ONE,
    takes=CheckBackBody,
    gives={201: WatchView},
    problems=(NotFound, NotPermitted),
    reread=get_retaliation_watch,
)
def record_check_back(call: Call) -> Answer:
    """Record what a worker said; a reprisal holds the site. Answers the oldest one that is due."""
    watch = actions.record_check_back(call.transaction, call.path["id"], call.body)
    return _watch(call.transaction, watch, 201)


def _watch(transaction: Transaction, watch: RetaliationWatch, status: int = 200) -> Answer:
    wire_id = encode("rtw", watch.id)
    subjects = (wire_id, encode("case", watch.case_id))
    shown = _shown(transaction, [watch])[watch.id]
    return Answer(shown, status, version=watch.version, subjects=subjects)


def _shown(transaction: Transaction, watches: Sequence[RetaliationWatch]) -> Mapping[UUID, Any]:
    """Each watch with its check-backs, by id."""
    asked = defaultdict(list)
    for one in actions.check_backs_of(transaction, [watch.id for watch in watches]):
        asked[one.watch_id].append(one)
    return {watch.id: watch.members() | {"check_backs": asked[watch.id]} for watch in watches}


ENDPOINTS = (list_retaliation_watches, get_retaliation_watch, record_check_back)
