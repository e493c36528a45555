"""What stands before Authlib: requests it would read too kindly never reach it."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6749 import InvalidRequestError
from flask import Response, current_app, request

from openredress_api.access.server import oauth_response

MAX_BODY = 64 * 1024
MAX_ASSERTION = 8 * 1024
FORM = "application/x-www-form-urlencoded"
JSON = [("Content-Type", "application/json"), ("Cache-Control", "no-store"), ("Pragma", "no-cache")]


def read_form() -> dict[str, str]:
    """The parameters of the body; InvalidRequestError (400) names the first fault."""
    if request.query_string:
        raise InvalidRequestError("Send parameters in the body, none in the address.")
    if request.mimetype != FORM:
        raise InvalidRequestError(f"The body must be {FORM}.")
    if "DPoP" in request.headers:
        # A bearer token in answer to a proof would be a silent downgrade.
        raise InvalidRequestError("DPoP is not offered here.")
    request.max_content_length = MAX_BODY
    form = request.form
    if any(len(values) > 1 for _, values in form.lists()):
        raise InvalidRequestError("A parameter is repeated.")
    # RFC 6749 section 3.2: a parameter without a value counts as left out.
    given = {name: value for name, value in form.items() if value}
    _check_credentials(given)
    return given


def _check_credentials(form: dict[str, str]) -> None:
    ways = ("Authorization" in request.headers, "client_assertion" in form, "client_secret" in form)
    if sum(ways) > 1:
        raise InvalidRequestError("Use one way of client authentication.")
    if len(form.get("client_assertion", "").encode()) > MAX_ASSERTION:
        raise InvalidRequestError("The client_assertion is longer than 8 KiB.")


def in_oauth_words(view: Callable[[], Response]) -> Callable[[], Response]:
    """Whatever goes wrong in `view`, the caller gets an RFC 6749 error."""

    @wraps(view)
    def guarded() -> Response:
        try:
            return view()
        except OAuth2Error as refusal:
            return oauth_response(*refusal())
        except Exception as fault:  # noqa: BLE001 - OAuth clients read no problem documents
            return _translated(fault)

    return guarded


def _translated(fault: Exception) -> Response:
    """The application's own handler judges and logs `fault`; we put its status in OAuth's words."""
    judged = current_app.make_response(current_app.handle_user_exception(fault))
    named = {503: "temporarily_unavailable"}
    error = named.get(judged.status_code, "server_error")
    if judged.status_code < 500:  # noqa: PLR2004 - below it the request was at fault
        error = "invalid_request"
    response = oauth_response(judged.status_code, {"error": error}, JSON)
    if "Retry-After" in judged.headers:
        response.headers["Retry-After"] = judged.headers["Retry-After"]
    return response
