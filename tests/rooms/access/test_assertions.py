"""private_key_jwt: RFC 7523 as FAPI 2.0 narrows it, and the attacks on JWT that are known."""

from __future__ import annotations

import base64
import hmac
import json
import time
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Any

import pytest
from joserfc import jws
from joserfc.jwk import ECKey, OKPKey, RSAKey

from openredress_api import access

REFUSED = {"error": "invalid_client", "error_description": "Client authentication failed."}


@cache
def rsa(bits: int = 2048) -> RSAKey:
    """An RSA key, made once: it takes long."""
    return RSAKey.generate_key(bits)


def ask(world: Any, tools: Any, signed: Any, **more: Any) -> Any:
    """A token request with this assertion."""
    form = {"grant_type": "client_credentials", "scope": "events:read"}
    return world.post("token", form | tools.credentials(signed) | more)


def part(value: Any) -> str:
    """One segment of a JWS."""
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


@pytest.fixture(scope="module")
def party(world: Any) -> Any:
    """A client with a P-256 key."""
    return world.client()


@pytest.mark.parametrize(
    ("key", "alg"),
    [
        (lambda: ECKey.generate_key("P-256"), "ES256"),
        (rsa, "PS256"),
        (lambda: OKPKey.generate_key("Ed25519"), "Ed25519"),
        pytest.param(
            lambda: OKPKey.generate_key("Ed25519"),
            "EdDSA",
            # joserfc warns the signer that the name is old; as verifier we take both.
            marks=pytest.mark.filterwarnings("ignore:EdDSA is deprecated"),
        ),
    ],
)
def test_algorithms(world: Any, tools: Any, key: Any, alg: Any) -> None:
    """ES256, PS256 and Ed25519 (also under its older name EdDSA) are accepted."""
    party = world.client(key=key())
    assert ask(world, tools, tools.assertion(party, header={"alg": alg})).status_code == 200


@pytest.mark.parametrize("alg", ["RS256", "RS384", "RS512", "PS384", "PS512"])
def test_other_rsa_algorithms(world: Any, tools: Any, alg: Any) -> None:
    """An RSA key signs with PS256 and nothing else."""
    party = world.client(key=rsa())
    answer = ask(world, tools, tools.assertion(party, header={"alg": alg}))
    assert (answer.status_code, answer.json) == (401, REFUSED)


@pytest.mark.parametrize("alg", ["PS256", "Ed25519", "EdDSA", "ES384", "ES512", "ES256K"])
def test_algorithm_of_another_kind(world: Any, tools: Any, party: Any, alg: Any) -> None:
    """The algorithm in the header must fit the registered key."""
    now = tools.claims_of(party)
    signed = f"{part({'alg': alg, 'kid': party.key.kid})}.{part(now)}.{part(b'x' * 64)}"
    assert ask(world, tools, signed).json == REFUSED


@pytest.mark.parametrize("alg", ["none", "None", "nOnE", "NONE", ""])
@pytest.mark.parametrize("signature", ["", "eA"])
def test_unsigned(world: Any, tools: Any, party: Any, alg: Any, signature: Any) -> None:
    """An assertion without a signature is refused however `none` is written."""
    signed = f"{part({'alg': alg, 'kid': party.key.kid})}.{part(tools.claims_of(party))}."
    assert ask(world, tools, signed + signature).json == REFUSED


def test_public_key_as_shared_secret(world: Any, tools: Any, party: Any) -> None:
    """HS256 with the public key as its secret is refused (key confusion)."""
    public = party.key.as_dict(private=False)
    signing_input = f"{part({'alg': 'HS256', 'kid': party.key.kid})}.{part(tools.claims_of(party))}"
    for secret in (json.dumps(public).encode(), party.key.as_pem(), public["x"].encode()):
        tag = hmac.digest(secret, signing_input.encode(), "sha256")
        assert ask(world, tools, f"{signing_input}.{part(tag)}").json == REFUSED


@pytest.mark.parametrize(
    "header",
    [
        {"jwk": "own"},
        {"jku": "https://attacker.example/keys"},
        {"x5u": "https://attacker.example/chain"},
        {"x5c": ["MIIB"]},
        {"crit": ["unheard"], "unheard": 1},
        {"crit": ["b64"], "b64": False},
        {"unheard": 1},
        {"kid": "../../etc/passwd"},
        {"kid": '"\N{SNOWMAN}'},
        {"kid": "x" * 300},
    ],
)
def test_header_chooses_no_key(world: Any, tools: Any, party: Any, header: Any) -> None:
    """No header parameter can bring or name a key that is not registered."""
    stranger = ECKey.generate_key("P-256")
    if header.get("jwk"):
        header = {"jwk": stranger.as_dict(private=False)}
    raw = part({"alg": "ES256", "kid": party.key.kid} | header)
    good = jws.serialize_compact({"alg": "ES256"}, json.dumps(tools.claims_of(party)), stranger)
    assert ask(world, tools, ".".join([raw, *good.split(".")[1:]])).json == REFUSED
    if "kid" not in header and "crit" not in header:
        signed = tools.assertion(party, header=header)
        assert ask(world, tools, signed).json == REFUSED


@pytest.mark.parametrize(
    "change",
    [
        {"aud": None},
        {"aud": "http://127.0.0.1:8321/oauth2/token"},
        {"aud": "http://127.0.0.1:8321/"},
        {"aud": ["http://127.0.0.1:8321"]},
        {"aud": ["http://127.0.0.1:8321", "https://other.example"]},
        {"aud": []},
        {"iss": None},
        {"iss": "cli_00000000000000000000000000"},
        {"sub": None},
        {"sub": "cli_00000000000000000000000000"},
        {"sub": ["list"]},
        {"sub": "\ud800"},
        {"exp": None},
        {"exp": "tomorrow"},
        {"exp": True},
        {"exp": float("nan")},
        {"exp": float("inf")},
        {"exp": 10**400},
        {"exp": -1},
        {"exp": int(time.time()) - 300},
        {"exp": int(time.time()) + 10 * 365 * 86400},
        {"iat": None},
        {"iat": "now"},
        {"iat": float("nan")},
        {"iat": -(10**400)},
        {"iat": int(time.time()) - 3600},
        {"iat": 0.5, "exp": 10**400},
        {"nbf": "soon"},
        {"jti": None},
        {"jti": ""},
        {"jti": 7},
        {"jti": ["a"]},
        {"jti": "\ud800"},
        {"jti": "x" * 257},
        {"jti": "x" * 5000},
    ],
    # A moment in a test's name would make it another test for each process that counts them.
    ids=lambda change: "-".join(f"{name}-{type(each).__name__}" for name, each in change.items()),
)
def test_wrong_claims(world: Any, tools: Any, party: Any, change: Any) -> None:
    """A signed assertion is refused if one claim is missing, foreign, malformed or too long."""
    answer = ask(world, tools, tools.assertion(party, **change))
    assert (answer.status_code, answer.json) == (401, REFUSED)


@pytest.mark.parametrize("jti", ["x", "y" * 256, "\N{SNOWMAN}\x00"])
def test_right_jti(world: Any, tools: Any, party: Any, jti: Any) -> None:
    """Any text of 1 to 256 characters names an assertion, once."""
    assert ask(world, tools, tools.assertion(party, jti=jti)).status_code == 200
    assert ask(world, tools, tools.assertion(party, jti=jti)).status_code == 401


@pytest.mark.parametrize("claim", ["iat", "nbf"])
@pytest.mark.parametrize(("ahead", "status"), [(8, 200), (10, 200), (61, 401), (3600, 401)])
def test_clocks(world: Any, tools: Any, party: Any, claim: Any, ahead: Any, status: Any) -> None:
    """A clock up to 10 s ahead of ours is accepted, one of more than a minute is not."""
    moment = int(time.time()) + ahead
    signed = tools.assertion(party, **{claim: moment, "exp": moment + 60})
    assert ask(world, tools, signed).status_code == status


@pytest.mark.parametrize(("life", "status"), [(300, 200), (301, 401), (300.5, 401)])
def test_life(world: Any, tools: Any, party: Any, life: Any, status: Any) -> None:
    """An assertion lives at most 300 s, however it is written."""
    now = int(time.time())
    assert ask(world, tools, tools.assertion(party, iat=now, exp=now + life)).status_code == status


def test_parallel_replays(world: Any, tools: Any, party: Any) -> None:
    """Of 50 parallel requests with one assertion exactly one succeeds."""
    signed = tools.assertion(party)
    with ThreadPoolExecutor(50) as pool:
        answers = list(pool.map(lambda _: ask(world, tools, signed), range(50)))
    assert sorted(answer.status_code for answer in answers) == [200, *[401] * 49]


def test_replay_at_another_address(world: Any, tools: Any, party: Any) -> None:
    """An assertion that was used anywhere is used everywhere."""
    signed = tools.credentials(tools.assertion(party))
    assert world.post("revoke", {"token": "x"} | signed).status_code == 200
    assert world.post("introspect", {"token": "x"} | signed).status_code == 401


def test_refusal_uses_the_assertion(world: Any, tools: Any, party: Any) -> None:
    """An assertion shown with a request that was refused for its scope cannot be used again."""
    signed = tools.assertion(party)
    assert ask(world, tools, signed, scope="cases:read").json["error"] == "invalid_scope"
    assert ask(world, tools, signed).json == REFUSED


def test_stranger_cannot_use_up_an_assertion(world: Any, tools: Any, party: Any) -> None:
    """A forged copy of an assertion does not spend the genuine one."""
    genuine = tools.assertion(party)
    forged = genuine.rpartition(".")[0] + "." + part(b"x" * 64)
    assert ask(world, tools, forged).json == REFUSED
    assert ask(world, tools, genuine).status_code == 200


def test_remembered_until_it_is_over(world: Any, tools: Any, party: Any) -> None:
    """A used assertion is remembered at least until nobody would accept it any more."""
    world.sql("DELETE FROM used_assertion")
    now = int(time.time())
    ask(world, tools, tools.assertion(party, iat=now, exp=now + 200))
    ((until,),) = world.sql("SELECT extract(epoch FROM expires_at) FROM used_assertion")
    assert until == now + 210


def test_foreign_key(world: Any, tools: Any, party: Any) -> None:
    """A key of one client proves nothing for another."""
    other = world.client()
    signed = tools.assertion(party, key=other.key, header={"kid": other.key.kid})
    assert ask(world, tools, signed).json == REFUSED


def test_same_words(world: Any, tools: Any, party: Any) -> None:
    """Unknown client, bad signature and bad secret are refused in the same words and status."""
    sandbox = world.sandbox_client()
    unknown = tools.public_id()
    ghost = type(party)(unknown, party.organisation_id, party.key)
    form = {"grant_type": "client_credentials", "scope": "events:read"}
    answers = [
        ask(world, tools, tools.assertion(ghost)),
        ask(world, tools, tools.assertion(party, key=ECKey.generate_key("P-256"))),
        world.post("token", form, tools.basic(sandbox.id, "wrong")),
        world.post("token", form, tools.basic(unknown, "wrong")),
        world.post("token", form, tools.basic(party.id, "wrong")),
        world.post("token", form),
    ]
    for answer in answers:
        assert (answer.status_code, answer.json) == (401, REFUSED)
        assert answer.headers["WWW-Authenticate"].startswith('Basic realm="')


def test_client_id_beside_an_assertion(world: Any, tools: Any, party: Any) -> None:
    """A client_id beside the assertion may repeat its subject and name nobody else."""
    assert ask(world, tools, tools.assertion(party), client_id=party.id).status_code == 200
    other = world.client().id
    assert ask(world, tools, tools.assertion(party), client_id=other).json == REFUSED


def test_assertion_type(world: Any, tools: Any, party: Any) -> None:
    """An assertion of another type is no authentication."""
    signed = tools.assertion(party)
    for kind in ("", "urn:ietf:params:oauth:client-assertion-type:saml2-bearer"):
        assert ask(world, tools, signed, client_assertion_type=kind).json == REFUSED


@pytest.mark.parametrize(
    "shape",
    [
        "",
        ".",
        "..",
        "a.b.c",
        "....",
        "\N{SNOWMAN}",
        part({"alg": "ES256"}) + ".e30.",
        part([]) + "." + part([]) + ".eA",
        part({"alg": []}) + "." + part({"sub": "x"}) + ".eA",
        part(b"[" * 5000) + ".e30.eA",
        part({"alg": "ES256"}) + "." + part(b"[" * 5000) + ".eA",
        part({"alg": "ES256"}) + "." + part(b'{"a":' * 1100) + ".eA",
        part({"alg": "ES256"}) + "." + part(b"9" * 5000) + ".eA",
        part({"alg": "ES256"}) + "." + part(b"\xff\xfe") + ".eA",
    ],
    ids=lambda shape: shape[:20] or "empty",
)
def test_malformed(world: Any, tools: Any, shape: Any) -> None:
    """Whatever is no assertion is a failed authentication, never a fault of ours."""
    assert ask(world, tools, shape).json == REFUSED


def test_malformed_after_a_known_subject(world: Any, tools: Any, party: Any) -> None:
    """Malformed headers around a known client's claims are refused as well."""
    claims = part(tools.claims_of(party))
    heads = (
        {"alg": 7},
        {"alg": "ES256", "kid": 7},
        {"alg": "ES256", "kid": None},
        {"alg": "ES256", "crit": "b64"},
        {"alg": "ES256", "crit": 7},
        {"alg": "ES256", "crit": None},
        {"alg": "ES256", "crit": []},
        {"alg": "ES256", "typ": []},
        {},
        [],
        "text",
    )
    for head in heads:
        assert ask(world, tools, f"{part(head)}.{claims}.{part(b'x' * 64)}").json == REFUSED


def test_rotation(world: Any, tools: Any) -> None:
    """During a rotation both keys work, each named by its kid; after it only the new one."""
    party = world.client()
    new = ECKey.generate_key("P-256", {"kid": "2026-08"})
    with world.installation.as_owner() as connection:
        assert access.add_key(connection, party.id, new.as_dict(private=False)) == "2026-08"
    by_new = {"key": new, "header": {"kid": "2026-08"}}
    assert ask(world, tools, tools.assertion(party)).status_code == 200
    assert ask(world, tools, tools.assertion(party, **by_new)).status_code == 200
    # With two keys there is no guessing which one is meant.
    assert ask(world, tools, tools.assertion(party, header={"kid": None})).status_code == 401
    with world.installation.as_owner() as connection:
        access.remove_key(connection, party.id, party.key.kid)
    assert ask(world, tools, tools.assertion(party)).json == REFUSED
    assert ask(world, tools, tools.assertion(party, **by_new)).status_code == 200
    assert (
        ask(world, tools, tools.assertion(party, key=new, header={"kid": None})).status_code == 200
    )


def test_key_of_another_purpose(world: Any, tools: Any, party: Any) -> None:
    """A sandbox client cannot sign its way in, whoever's key it uses."""
    sandbox = world.sandbox_client()
    pretender = type(party)(sandbox.id, sandbox.organisation_id, party.key)
    assert ask(world, tools, tools.assertion(pretender)).json == REFUSED
