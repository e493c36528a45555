"""Events: the body's shape, the list of types, and that no body can carry a sentence."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from openredress_webhooks.events import EVENT_TYPES, Event, EventType, read
from openredress_webhooks.problems import ForgedWebhook, UnreadableWebhook
from openredress_webhooks.signing import Secret, sign

REFERRAL_ID = "ref_01j8z3k5v7n9q2r4s6t8w0x1y3"
OFFERED = Event(
    id="evt_01j8z3k5v7n9q2r4s6t8w0x1y4",
    type="referral.offered",
    timestamp=datetime(2026, 3, 2, 9, 30, tzinfo=timezone.utc),
    schema_version=1,
    subject=REFERRAL_ID,
    subject_seq=3,
    data_class="restricted",
    data={"id": REFERRAL_ID, "status": "offered", "purpose": "remediate"},
    links={"self": "https://api.example.org/v1/referrals/" + REFERRAL_ID},
)
BODY = (
    b'{"data":{"id":"ref_01j8z3k5v7n9q2r4s6t8w0x1y3","purpose":"remediate",'
    b'"status":"offered"},"data_class":"restricted","id":"evt_01j8z3k5v7n9q2r4s6t8w0x1y4",'
    b'"links":{"self":"https://api.example.org/v1/referrals/ref_01j8z3k5v7n9q2r4s6t8w0x1y3"},'
    b'"schema_version":1,"subject":"ref_01j8z3k5v7n9q2r4s6t8w0x1y3","subject_seq":3,'
    b'"timestamp":"2026-03-02T09:30:00.000000Z","type":"referral.offered"}'
)
SECRET = Secret.generate()
NOW = 1_800_000_000


def body_with(**changes: Any) -> bytes:
    """Return the body with members set, or left out where the change is `...`."""
    members = {**json.loads(BODY), **changes}
    return json.dumps({key: value for key, value in members.items() if value is not ...}).encode()


def example_data(kind: EventType) -> dict[str, Any]:
    """Return the example of each member, as the type's schema publishes it."""
    properties: Any = kind.data_schema()["properties"]
    return {name: schema["examples"][0] for name, schema in properties.items()}


def test_body_is_canonical() -> None:
    """The rendered bytes are compact, with sorted keys, and read back to the same event."""
    assert OFFERED.render() == BODY
    assert Event.parse(BODY) == OFFERED


def test_equal_instants_render_equally() -> None:
    """The zone in which the sender holds a time does not change the body."""
    nepal = timezone(timedelta(hours=5, minutes=45))
    moved = replace(OFFERED, timestamp=OFFERED.timestamp.astimezone(nepal))
    assert moved.render() == BODY
    with pytest.raises(ValueError, match="time zone"):
        replace(OFFERED, timestamp=OFFERED.timestamp.replace(tzinfo=None)).render()
    with pytest.raises(ValueError, match="years 1 to 9999"):
        replace(OFFERED, timestamp=datetime(1, 1, 1, tzinfo=nepal)).render()


@pytest.mark.parametrize("kind", EVENT_TYPES.values(), ids=EVENT_TYPES)
def test_each_type_renders_its_own_example(kind: EventType) -> None:
    """Every type's schema has an example that renders, is small, and reads back."""
    event = replace(OFFERED, type=kind.name, data_class=kind.data_class, data=example_data(kind))
    body = event.render()
    assert len(body) < 2_000
    assert Event.parse(body) == event


@pytest.mark.parametrize("kind", EVENT_TYPES.values(), ids=EVENT_TYPES)
def test_no_member_takes_free_text(kind: EventType) -> None:
    """A sentence, a name or a phone number fits in no member of any type, nor does a bare yes."""
    for said in (True, "Please call Ma Thida", "Thida", "+66812345678", "0812345678", "", "สมชาย"):
        for name in kind.data_fields:
            with pytest.raises(ValueError, match=name):
                kind.check({**example_data(kind), name: said})


def test_names_and_recipients() -> None:
    """Each name has two parts, each type recipients, and brands get nothing restricted."""
    for name, kind in EVENT_TYPES.items():
        assert name == kind.name
        assert re.fullmatch(r"[a-z]+\.[a-z_]+", name)
        assert kind.recipients
        assert kind.description
        assert not name.startswith("case.")
        if kind.data_class == "restricted":
            assert "brand" not in kind.recipients
            assert kind.thin
    for name in ("task.created", "grievance.received", "claim.submitted"):
        assert EVENT_TYPES[name].recipients == ("institute",)


def test_no_list_of_types_is_missing() -> None:
    """The list is exactly the one agreed on; a new type changes this test."""
    families = {
        "grievance": {"reopened_by_worker", "closed_validated", "received"},
        "referral": {"offered", "updated", "revoked", "expired"},
        "remediation": {
            "requested",
            "plan_returned",
            "evidence_requested",
            "escalated",
            "due_soon",
            "overdue",
            "validated",
            "disputed",
            "closed",
        },
        "repayment": {
            "offered",
            "accepted",
            "contested",
            "completed",
            "closed",
            "overdue",
            "payment_reported",
            "validated",
            "disputed",
        },
        "sponsorship": {"invited", "updated"},
        "placement": {"flagged"},
        "site": {"safeguard_hold"},
        "response": {"approved"},
        "consent": {"withdrawn"},
        "metrics": {"published", "restated"},
        "import": {"completed"},
        "task": {"created"},
        "claim": {"submitted"},
        "endpoint": {"verify", "failing", "disabled"},
        "system": {"gap_detected"},
        "manifest": {"daily"},
    }
    assert set(EVENT_TYPES) == {
        f"{family}.{member}" for family, members in families.items() for member in members
    }


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"type": "referral.invented"}, "unknown event type"),
        ({"data_class": "none"}, "class restricted"),
        ({"schema_version": 2}, "version 1"),
        ({"links": {}}, "needs links.self"),
        ({"links": {"self": "/v1/referrals"}}, "self: missing or malformed"),
        ({"id": "evt.1"}, "id: missing or malformed"),
        ({"subject_seq": -1}, "subject_seq"),
        ({"data": {"id": REFERRAL_ID}}, "missing: purpose, status"),
        ({"data": {**OFFERED.data, "worker": "x"}}, "unknown: worker"),
        ({"data": {**OFFERED.data, "due_at": None}}, "wrong kind: due_at"),
        (
            {"links": {f"l{n}": "https://e.org/" + "x" * 1900 for n in range(12)} | OFFERED.links},
            "20000",
        ),
    ],
)
def test_sender_refuses_to_render(changes: dict[str, Any], said: str) -> None:
    """An event that breaks its type's promise is stopped at the sender."""
    with pytest.raises(ValueError, match=said):
        replace(OFFERED, **changes).render()


def test_unknown_types_and_members_are_read() -> None:
    """A receiver keeps working when the sender learns new types and members."""
    event = Event.parse(body_with(type="referral.invented.later", added={"a": 1}))
    assert event.type == "referral.invented.later"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b'"text"',
        BODY[:-1],
        BODY + b"x",
        b"\xef\xbb\xbf" + BODY,
        BODY.decode().encode("utf-16"),
        BODY.replace(b"offered", b"\xff"),
        b'{"id":"a",' + BODY[1:],
        b"[" * 100_000,
        b'{"a":' * 100_000,
        body_with(data={"n": float("nan")}),
        b'{"n":' + b"9" * 5_000 + b"}",
        *[body_with(**{name: ...}) for name in json.loads(BODY)],
        *[body_with(**{name: None}) for name in json.loads(BODY)],
        body_with(id="evt.1"),
        body_with(type="referral..x"),
        body_with(timestamp="2026-03-02T09:30:00"),
        body_with(timestamp="2026-02-30T09:30:00Z"),
        body_with(timestamp="2026-03-02T09:30:60Z"),
        body_with(timestamp="0001-01-01T00:00:00+14:00"),
        body_with(timestamp="2026-03-02T09:30:00+24:00"),
        body_with(timestamp="๒๐๒๖-03-02T09:30:00Z"),
        body_with(timestamp=1_772_443_800),
        body_with(schema_version=0),
        body_with(schema_version=True),
        body_with(subject_seq=1.0),
        body_with(data_class="secret"),
        body_with(links={"self": "javascript:alert(1)"}),
        body_with(links={"self": 1}),
    ],
)
def test_unreadable_bodies(body: bytes) -> None:
    """A rightly signed body that is no event gives one error, which repeats none of it."""
    headers = sign([SECRET], OFFERED.id, NOW, body)
    with pytest.raises(UnreadableWebhook) as refused:
        read(headers, body, [SECRET], now=NOW)
    assert REFERRAL_ID not in str(refused.value)


@given(
    st.binary()
    | st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(),
        lambda inner: (
            st.lists(inner) | st.dictionaries(st.sampled_from(list(json.loads(BODY))), inner)
        ),
    ).map(lambda value: json.dumps(value).encode())
)
@example(b'{"id":1e999}')
def test_only_unreadable_webhook_escapes(body: bytes) -> None:
    """Whatever the bytes, reading gives an event or UnreadableWebhook."""
    with pytest.raises(UnreadableWebhook):
        Event.parse(body)


@given(
    st.datetimes(datetime(2, 1, 1), datetime(9998, 1, 1), timezones=st.timezones()),  # noqa: DTZ001 - hypothesis adds the zone
    st.integers(0, 2**63),
)
def test_every_time_survives(timestamp: datetime, subject_seq: int) -> None:
    """An event's instant and number come back exactly, from any zone."""
    event = replace(OFFERED, timestamp=timestamp, subject_seq=subject_seq)
    utc = timestamp.astimezone(timezone.utc)  # Python calls a repeated hour equal to nothing
    assert Event.parse(event.render()) == replace(event, timestamp=utc)


@pytest.mark.parametrize(
    ("text", "microseconds"),
    [
        ("2026-03-02T09:30:00Z", 0),
        ("2026-03-02T15:15:00.5+05:45", 500_000),
        ("2026-03-02T09:29:59.123456789-00:00", 123_456 - 1_000_000),
    ],
)
def test_times_of_other_senders(text: str, microseconds: int) -> None:
    """Any RFC 3339 spelling is read as the instant that it is."""
    found = Event.parse(body_with(timestamp=text)).timestamp
    assert found == OFFERED.timestamp + timedelta(microseconds=microseconds)
    assert found.tzinfo is timezone.utc


def test_read_verifies_first() -> None:
    """Nothing of a forged body is parsed, and the signed id must be the body's."""
    assert read(sign([SECRET], OFFERED.id, NOW, BODY), BODY, [SECRET], now=NOW) == OFFERED
    with pytest.raises(ForgedWebhook):
        read(sign([Secret.generate()], OFFERED.id, NOW, b"{"), b"{", [SECRET], now=NOW)
    with pytest.raises(UnreadableWebhook, match="differs from the webhook-id"):
        read(sign([SECRET], "evt_other", NOW, BODY), BODY, [SECRET], now=NOW)
