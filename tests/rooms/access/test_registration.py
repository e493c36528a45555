"""The operator's commands: who may become a client, with which keys and scopes."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from joserfc.jwk import ECKey

from openredress_api import access


def new_key() -> dict[str, Any]:
    """The public half of a key that nobody has."""
    return ECKey.generate_key("P-256").as_dict(private=False)


KEY = new_key()


def add(world: Any, organisation_id: Any, **changes: Any) -> Any:
    """Register a client of an organisation; every argument can be changed."""
    arguments = {
        "name": "a client",
        "person_id": None,
        "scopes": ["events:read"],
        "jwk": KEY,
        "is_sandbox": False,
    }
    with world.installation.as_owner() as connection:
        return access.add_client(connection, organisation_id, **arguments | changes)


def test_key_client(world: Any) -> None:
    """A client with a key gets an id and no secret."""
    client_id, secret = add(world, world.organisation())
    assert client_id.startswith("cli_")
    assert secret is None


def test_secret_for_sandboxes_only(world: Any) -> None:
    """Only a sandbox client of a sandbox organisation gets a secret."""
    real, sandbox = world.organisation(), world.organisation(is_sandbox=True)
    _, secret = add(world, sandbox, jwk=None, is_sandbox=True)
    assert secret.startswith("ors_")
    for organisation_id, marked in ((real, True), (real, False), (sandbox, False)):
        with pytest.raises(access.SecretRefused):
            add(world, organisation_id, jwk=None, is_sandbox=marked)
    assert add(world, sandbox, jwk=new_key(), is_sandbox=True)[1] is None


def test_r24_a_key_serves_one_side(world: Any) -> None:
    """A key that opens live records is refused in a sandbox, and the other way round (R24)."""
    sides = [world.organisation(is_sandbox=marked) for marked in (True, False)]
    for here, there in (sides, sides[::-1]):
        key = new_key()
        client_id, _ = add(world, here, jwk=key)
        add(world, here, jwk=key)
        other_id, _ = add(world, there, jwk=new_key())
        with pytest.raises(access.KeyConflict, match="make another one"):
            add(world, there, jwk=key | {"kid": "renamed"})
        with world.installation.as_owner() as connection:
            with pytest.raises(access.KeyConflict, match="make another one"):
                access.add_key(connection, other_id, key)
            access.add_key(connection, client_id, new_key())


def test_government_has_no_clients(world: Any) -> None:
    """A government organisation cannot have a client."""
    with pytest.raises(access.NoClientsForThisType):
        add(world, world.organisation("government"))


@pytest.mark.parametrize("kind", ["institute", "cso"])
def test_persons(world: Any, kind: Any) -> None:
    """A client of the institute or an organisation for workers belongs to a person of its own."""
    mine, other = world.organisation(kind), world.organisation("supplier")
    for person_id in (None, world.person(other), uuid.uuid4()):
        with pytest.raises(access.PersonRequired):
            add(world, mine, person_id=person_id)
    client_id, _ = add(world, mine, person_id=world.person(mine))
    assert client_id


def test_persons_are_optional_for_others(world: Any) -> None:
    """A supplier's machine needs no person; one that is named must be its own."""
    mine = world.organisation()
    add(world, mine, person_id=world.person(mine))
    with pytest.raises(access.PersonRequired):
        add(world, mine, person_id=world.person(world.organisation()))


@pytest.mark.parametrize(
    "scopes", [[], ["cases:read"], ["events:read", "cases:read"], ["nonsense"]]
)
def test_scopes_of_the_role(world: Any, scopes: Any) -> None:
    """A client cannot be given a scope outside its role, nor none at all."""
    with pytest.raises(access.ScopeRefused):
        add(world, world.organisation(), scopes=scopes)


def test_every_role_can_hold_its_list(world: Any) -> None:
    """Each role can be registered with all of its scopes."""
    for role, scopes in access.SCOPES_BY_ROLE.items():
        organisation_id = world.organisation(role)
        person_id = world.person(organisation_id)
        add(world, organisation_id, scopes=list(scopes), person_id=person_id)


def test_unknown_organisation(world: Any) -> None:
    """A client needs an organisation that exists."""
    with pytest.raises(access.OrganisationUnknown):
        add(world, uuid.uuid4())


def test_refused_key_stores_nothing(world: Any) -> None:
    """A refused key leaves no client behind."""
    before = world.sql("SELECT count(*) FROM client")
    with pytest.raises(access.KeyRefused):
        add(world, world.organisation(), jwk={"kty": "oct", "k": "AAAA"})
    assert world.sql("SELECT count(*) FROM client") == before


@pytest.mark.parametrize("name", ["cli_00000000000000000000000000", "cli_", "", "x", "\N{SNOWMAN}"])
def test_unknown_client(world: Any, name: Any) -> None:
    """Commands about a client that is not there say so."""
    calls = (
        lambda connection: access.add_key(connection, name, KEY),
        lambda connection: access.remove_key(connection, name, "x"),
        lambda connection: access.suspend_client(connection, name),
    )
    for call in calls:
        with pytest.raises(access.ClientUnknown), world.installation.as_owner() as connection:
            call(connection)


def test_key_conflicts(world: Any) -> None:
    """No two keys of a client share a kid, its last key stays, and a secret has no keys beside."""
    party, sandbox = world.client(), world.sandbox_client()
    calls = (
        lambda connection: access.add_key(connection, party.id, party.key.as_dict(private=False)),
        lambda connection: access.remove_key(connection, party.id, "unheard"),
        lambda connection: access.remove_key(connection, party.id, party.key.kid),
        lambda connection: access.add_key(connection, sandbox.id, KEY),
    )
    for call in calls:
        with pytest.raises(access.KeyConflict), world.installation.as_owner() as connection:
            call(connection)


def test_suspension_keeps_its_first_moment(world: Any) -> None:
    """Suspending twice does not move the date of the suspension."""
    party = world.client()
    moments = []
    for _ in range(2):
        with world.installation.as_owner() as connection:
            access.suspend_client(connection, party.id)
        moments += world.sql(
            "SELECT suspended_at FROM client WHERE organisation_id = :id", id=party.organisation_id
        )
    assert moments[0] == moments[1] != (None,)
