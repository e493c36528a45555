"""Contacts on the wire."""

from __future__ import annotations

from openredress_api.cases.actions import contacts
from openredress_api.cases.actions.rows import CaseVoided
from openredress_api.cases.routes.showing import INSTITUTE, endpoint
from openredress_api.cases.schemas.contacts import ContactBody, ContactQuery, ContactView
from openredress_api.cases.tables import Contact
from openredress_api.foundation.answers import Answer
from openredress_api.foundation.endpoint import Call
from openredress_api.foundation.identifiers import encode
from openredress_api.foundation.paging import page
from openredress_api.foundation.problems import CursorInvalid, NotFound


@endpoint(
    "GET",
    "/v1/contacts/{id}",
    scope="cases:read",
    roles=INSTITUTE,
    ids={"id": "ctc"},
    gives={200: ContactView},
    problems=(NotFound,),
    logs_read=True,
)
def get_contact(call: Call) -> Answer:
    """One contact. The read is logged."""
    return _contact(contacts.get_contact(call.transaction, call.path["id"]))


@endpoint(
    "GET",
    "/v1/contacts",
    scope="cases:read",
    roles=INSTITUTE,
    query=ContactQuery,
    gives={200: ContactView},
    problems=(CursorInvalid,),
    listing=True,
    logs_read=True,
)
def list_contacts(call: Call) -> Answer:
    """Contacts in the order in which they were recorded. The read is logged."""
    keys = (Contact.recorded_at, Contact.id)
    statement = contacts.contacts_where(call.query)
    found = page(call.transaction, statement, keys, "contacts", call.query)
    return Answer(found, subjects=tuple(encode("ctc", one.id) for one in found.data))


@endpoint(
    "POST",
    "/v1/contacts",
    scope="cases:write",
    roles=INSTITUTE,
    takes=ContactBody,
    gives={201: ContactView},
    problems=(CaseVoided,),
    idempotency="required",
    reread=get_contact,
)
def record_contact(call: Call) -> Answer:
    """Count one call or message, and open a case for it in the same call where it needs one."""
    return _contact(contacts.record_contact(call.transaction, call.body), 201)


def _contact(contact: Contact, status: int = 200) -> Answer:
    contact_id = encode("ctc", contact.id)
    about = (encode("case", contact.case_id),) if contact.case_id else ()
    return Answer(
        contact,
        status,
        version=1,
        location=f"/v1/contacts/{contact_id}",
        subjects=(contact_id, *about),
    )


ENDPOINTS = (get_contact, list_contacts, record_contact)
