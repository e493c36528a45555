"""Promises about the error tree."""

from __future__ import annotations

import inspect
from typing import Any

import pytest

from openredress import Client, errors

BY_STATUS = {
    400: errors.InvalidRequest,
    401: errors.Unauthenticated,
    403: errors.Forbidden,
    404: errors.NotFound,
    409: errors.Conflict,
    410: errors.ApiError,
    412: errors.Stale,
    418: errors.ApiError,
    422: errors.InvalidRequest,
    428: errors.ApiError,
    429: errors.RateLimited,
    500: errors.ServerError,
    501: errors.ServerError,
    503: errors.Unavailable,
    599: errors.ServerError,
}


@pytest.mark.parametrize(("status", "kind"), BY_STATUS.items())
def test_each_status_has_its_class(
    client: Client, server: Any, status: int, kind: type[errors.ApiError]
) -> None:
    """An answer of each status is raised as exactly the class of the tree."""
    server.then("/v1/me", server.refuses(status, "some_code"))
    with pytest.raises(errors.ApiError) as caught:
        client.me.get()
    assert type(caught.value) is kind
    assert (caught.value.status, caught.value.code) == (status, "some_code")


def test_the_drawn_tree_is_the_tree() -> None:
    """Every class of errors.py stands in the tree at its top and in `__all__`, and no other."""
    classes = {
        name
        for name, found in vars(errors).items()
        if inspect.isclass(found) and issubclass(found, Exception)
    }
    drawn = {
        word
        for line in (errors.__doc__ or "").splitlines()[2:]
        for word in line.replace("|", " ").replace("`-", " ").replace("-", " ").split()[:1]
    }
    assert drawn == classes == set(errors.__all__) - {"api_error"}


def test_a_problem_is_told_in_full(client: Client, server: Any) -> None:
    """An ApiError carries all of the problem document, and shows code, detail and the places."""
    fault = {"pointer": "/site", "code": "not_found", "detail": "No such site.", "read": "x"}
    problem = {
        "type": "https://docs.example.org/problems/validation_failed",
        "title": "Validation failed",
        "status": 422,
        "detail": "One field cannot be accepted.",
        "code": "validation_failed",
        "request_id": "req_1",
        "errors": [fault, "no fault at all"],
    }
    server.then("/v1/cases", server.says(problem, 422, Content_Type="application/problem+json"))
    with pytest.raises(errors.InvalidRequest) as caught:
        client.cases.open()
    error = caught.value
    shown = "validation_failed: One field cannot be accepted. [/site not_found]"
    assert str(error) == shown
    assert (error.title, error.request_id, error.errors) == ("Validation failed", "req_1", [fault])
    assert error.doc_url == problem["type"]
    assert error.retry_at is None


def test_webhook_errors_stand_beside_the_others() -> None:
    """The errors of a received webhook are caught by the classes of openredress.errors."""
    assert issubclass(errors.ForgedWebhook, errors.WebhookError)
    assert issubclass(errors.UnreadableWebhook, errors.WebhookError)
    assert not issubclass(errors.WebhookError, errors.OpenRedressError)
