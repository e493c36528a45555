"""Grievance mechanisms: who runs one, for whom, by which channels, and what it promises."""

from __future__ import annotations

from openredress.capability import Capability
from openredress.paging import Listing
from openredress.records import Record

_PATH = "mechanisms"


class Mechanism(Record):
    """A grievance mechanism as it is described; None is unknown, never no.

    `hours` are {weekday, from, to} by the clock of each site; `published_time_frames` are
    {acknowledge_days, first_action_days, close_days}.
    """

    id: str
    organisation: str
    external_id: str
    source_system: str
    name: str
    sites: list[str]
    all_sites: bool
    operator_kind: str
    independent_of_management: bool | None
    external_procedure: bool | None
    external_procedure_name: str | None
    channels: list[str]
    languages: list[str] | None
    anonymous_possible: bool | None
    always_open: bool | None
    hours: list[Record] | None
    open_to: list[str] | None
    published_time_frames: Record | None
    procedure_published: bool | None
    procedure_url: str | None
    text_form_procedure: bool | None
    anti_retaliation_policy: bool | None
    anti_retaliation_policy_since: str | None
    reasons_given: bool | None
    may_meet: bool | None
    appeal_possible: bool | None
    no_waiver_of_rights: bool | None
    representative_allowed: bool | None
    workers_consulted_on_design: bool | None
    workers_consulted_on: str | None
    performance_published: bool | None
    effectiveness_checked_on: str | None
    effectiveness_check_method: str | None
    valid_from: str
    valid_to: str | None
    created_at: str
    updated_at: str


class Mechanisms(Capability):
    """`/v1/mechanisms`."""

    def upsert(self, external_id: str, *, source_system: str, **body: object) -> Mechanism:
        """Describe a mechanism by one's own identifier; `outcome` tells what happened."""
        identity = {"external_id": external_id, "source_system": source_system}
        return self._put(Mechanism, _PATH, identity, body)

    def get(self, mechanism_id: str) -> Mechanism:
        """Return one mechanism."""
        return self._get(Mechanism, _PATH, mechanism_id)

    def list(
        self, *, updated_since: object = None, cursor: str | None = None, **filters: object
    ) -> Listing[Mechanism]:
        """Iterate over mechanisms; with `site` over those that cover it."""
        return self._list(Mechanism, _PATH, cursor=cursor, updated_since=updated_since, **filters)
