"""Links: a copy for one recipient, marked, for a few minutes, and for nobody who was suspended."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import psycopg
import pytest
from sqlalchemy import text

from openredress_api.foundation.database import driver_connection
from openredress_api.foundation.identifiers import decode
from tests.factories import files
from tests.factories.evidence import BASE, NOTE, handed_in, link, shown
from tests.factories.parties import Party, World


@pytest.fixture(scope="module")
def evidence(supplier: Party) -> str:
    """A note that is ready."""
    return handed_in(supplier)


@pytest.mark.parametrize(
    ("media_type", "octets"),
    [
        ("image/jpeg", files.image()),
        ("application/pdf", files.pdf()),
        (files.DOCX, files.letter()),
        (files.XLSX, files.workbook()),
    ],
    ids=["image", "pdf", "letter", "workbook"],
)
def test_what_leaves_tells_nothing_beside(
    world: World, supplier: Party, media_type: str, octets: bytes
) -> None:
    """Through the whole interface: no canary of the original is in what a recipient gets (R8)."""
    evidence = handed_in(supplier, octets, media_type)
    for party in (world.institute, supplier):
        answer = party.http.get(link(party, evidence))
        assert answer.mimetype == media_type
        assert files.CANARY.encode() not in files.strings_of(answer.data)
        assert files.CANARY not in str(answer.headers)


def test_a_link_opens_without_a_token(world: World, evidence: str) -> None:
    """A browser opens it as it is; the answer is a file to be saved, kept by nobody on the way."""
    made = world.institute.post(f"{BASE}/{evidence}/links")
    path = made.json["url"].removeprefix("http://127.0.0.1:8321")
    answer = world.app.test_client().get(path)
    assert answer.status_code == 200
    assert answer.headers["Content-Disposition"] == f"attachment; filename={evidence}.txt"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    first, *rest = answer.text.splitlines()
    assert first.startswith("institute ")
    assert first.endswith(made.json["id"])
    assert "\n".join(rest) + "\n" == NOTE.decode()


def test_each_recipient_has_its_own_mark(world: World, supplier: Party, evidence: str) -> None:
    """Two recipients never get the same copy, nor does one of them twice (R8)."""
    copies = [shown(party, evidence) for party in (world.institute, world.institute, supplier)]
    assert len(set(copies)) == 3


def test_the_log_names_who_opened_what(world: World, evidence: str) -> None:
    """An opened link is an entry of its maker's log: person, file and link."""
    made = world.institute.post(f"{BASE}/{evidence}/links").json
    world.app.test_client().get(made["url"].removeprefix("http://127.0.0.1:8321"))
    query = "SELECT content FROM audit WHERE operation = 'open_evidence_link' AND content LIKE :l"
    with world.installation.as_owner() as connection:
        said = connection.execute(text(query), {"l": f"%{made['id']}%"}).scalar_one()
    assert evidence in said
    assert str(world.institute.person_id) in said


def test_a_link_is_no_token(world: World, evidence: str) -> None:
    """What opens one copy opens nothing else, and is stored as a hash alone."""
    token = link(world.institute, evidence).rpartition("/")[2]
    answer = world.app.test_client().get(BASE, headers={"Authorization": f"Bearer {token}"})
    assert answer.json["code"] == "token_invalid"
    hashed = hashlib.sha256(token.encode()).digest()
    query = text("SELECT count(*) FROM evidence_link t WHERE t::text LIKE :token")
    with world.installation.as_owner() as connection:
        assert connection.scalar(query, {"token": f"%{token}%"}) == 0
        found = text("SELECT count(*) FROM evidence_link WHERE token_hash = :hash")
        assert connection.scalar(found, {"hash": hashed}) == 1


@pytest.mark.parametrize("token", ["0" * 64, "x", "%00", "ort_1"])
def test_a_made_up_link(world: World, token: str) -> None:
    """A link that nobody made is absent."""
    answer = world.app.test_client().get(f"/v1/evidence-links/{token}")
    assert (answer.status_code, answer.json["code"]) == (404, "not_found")


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("path", ["/v1/evidence-links/{}", "/v1//evidence-links/{}/x"])
def test_a_problem_does_not_repeat_a_link(
    world: World, capfdbinary: pytest.CaptureFixture[bytes], method: str, path: str
) -> None:
    """Problems and our log are read by others: what opens a link is in neither, nor in a header."""
    token = "0f" * 32
    answer = getattr(world.app.test_client(), method)(path.format(token))
    assert answer.status_code >= 300
    assert token not in (answer.text if answer.is_json else "")
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert token.encode() not in capfdbinary.readouterr().err
    if answer.json and path.endswith("{}"):
        assert answer.json["instance"] == "/v1/evidence-links/***"


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE evidence_link SET expires_at = now() WHERE organisation_id = :me",
        "UPDATE organisation SET suspended_at = now() WHERE organisation_id = :me",
        "UPDATE client SET suspended_at = now() WHERE organisation_id = :me",
        "UPDATE person SET suspended_at = now() WHERE organisation_id = :me",
        "UPDATE client SET scopes = '{events:read}' WHERE organisation_id = :me",
    ],
    ids=["expired", "organisation", "client", "person", "scope"],
)
def test_a_link_ends(world: World, change: str) -> None:
    """It ends with its time, and at once with its maker's organisation, client, person or scope.

    R8.
    """
    party = world.party("agency")
    path = link(party, handed_in(party))
    assert world.app.test_client().get(path).status_code == 200
    with world.installation.as_owner() as connection:
        connection.execute(text(change), {"me": party.organisation_id})
    answer = world.app.test_client().get(path)
    assert (answer.status_code, answer.json["code"]) == (410, "gone")


def test_a_link_lasts_five_minutes(world: World, evidence: str) -> None:
    """By real time, in the sandbox too: tokens and links are not turned with its clock."""
    made = world.institute.post(f"{BASE}/{evidence}/links").json
    query = "SELECT extract(epoch FROM CAST(:at AS timestamptz) - now())"
    with world.installation.as_owner() as connection:
        left = connection.scalar(text(query), {"at": made["expires_at"]})
    assert 290 < left <= 300


@pytest.fixture
def app_role(world: World) -> Iterator[psycopg.Connection]:
    """The database as the application reaches it."""
    engine = world.app.extensions["openredress"].engine("app")
    with engine.connect() as connection:
        yield driver_connection(connection)


INSERT = """INSERT INTO evidence_link (organisation_id, id, client_id, person_id,
    owner_organisation_id, evidence_id, token_hash, expires_at)
    VALUES (%(me)s, gen_random_uuid(), %(client)s, %(person)s, %(owner)s, %(evidence)s,
    sha256(gen_random_uuid()::text::bytea), now() + %(lasts)s::interval)"""


@pytest.mark.parametrize(
    ("fault", "value"),
    [
        ("me", "institute"),
        ("client", "institute"),
        ("person", "institute"),
        ("owner", "stranger"),
        ("lasts", "6 minutes"),
        (None, None),
    ],
)
def test_the_database_makes_links_for_oneself_alone(
    world: World,
    supplier: Party,
    evidence: str,
    app_role: psycopg.Connection,
    fault: str | None,
    value: str,
) -> None:
    """No link in another's name, to a file one cannot see, or that lasts longer."""
    stranger = world.party("supplier")
    foreign = decode("evd", handed_in(stranger))
    values = {
        "me": supplier.organisation_id,
        "client": supplier.client_id,
        "person": supplier.person_id,
        "owner": supplier.organisation_id,
        "evidence": decode("evd", evidence),
        "lasts": "5 minutes",
    }
    others = {
        "me": {"me": world.institute.organisation_id},
        "client": {"client": world.institute.client_id},
        "person": {"person": world.institute.person_id},
        "owner": {"owner": stranger.organisation_id, "evidence": foreign},
        "lasts": {"lasts": value},
    }
    digest = hashlib.sha256(supplier.token.encode()).hexdigest()
    with app_role.transaction(force_rollback=True):
        app_role.execute("SELECT gate.begin(%s)", (digest,))
        if fault is None:
            assert app_role.execute(INSERT, values).rowcount == 1
            return
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            app_role.execute(INSERT, values | others[fault])
