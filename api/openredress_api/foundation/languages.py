"""The field of a language tag (BCP 47, https://www.rfc-editor.org/info/bcp47)."""

from __future__ import annotations

import re
from typing import Any

from openredress_api.foundation.fields import Field, refuse

_TAG = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}", re.ASCII)


class Language(Field):
    """A language tag such as `my` or `zh-Hant`."""

    def __init__(self, **options: Any) -> None:  # noqa: ANN401 - marshmallow's options
        """The language of a talk or a service, not of a document."""
        super().__init__(openapi={"type": "string", "pattern": f"^{_TAG.pattern}$"}, **options)

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> str:  # noqa: ANN401 - any JSON
        if not isinstance(value, str) or not _TAG.fullmatch(value):
            raise refuse("not_a_language")
        return value
