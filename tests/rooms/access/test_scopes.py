"""Scopes: each has a meaning, each role its list."""

from __future__ import annotations

from openredress_api.access import ALL_SCOPES, SCOPES_BY_ROLE


def test_every_scope_has_a_meaning_and_a_role() -> None:
    """No scope stands without a meaning, and none that no role may hold."""
    assert frozenset().union(*SCOPES_BY_ROLE.values()) == ALL_SCOPES.keys()
    assert all(ALL_SCOPES.values())


def test_roles() -> None:
    """Five roles have scopes; a government organisation has no clients."""
    assert SCOPES_BY_ROLE.keys() == {"supplier", "agency", "brand", "cso", "institute"}
    for scopes in SCOPES_BY_ROLE.values():
        assert {"events:read", "webhooks:manage", "audit:read"} <= scopes


def test_walls_between_roles() -> None:
    """No brand, supplier or agency can ever hold a scope of cases, and no brand a register's."""
    for role in ("brand", "supplier", "agency"):
        assert not {scope for scope in SCOPES_BY_ROLE[role] if scope.startswith("cases:")}
    assert "grievances:read" not in SCOPES_BY_ROLE["brand"]
    assert "tasks:manage" not in SCOPES_BY_ROLE["cso"]
