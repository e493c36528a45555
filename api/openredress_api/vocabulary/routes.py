"""URL table of the code lists: public, cacheable, never changed but by a new version."""

from __future__ import annotations

from functools import partial

from openredress_api.foundation import endpoint as doors
from openredress_api.foundation.answers import Answer
from openredress_api.foundation.endpoint import PublicCall
from openredress_api.foundation.fields import Count, Field, Text, WireSchema
from openredress_api.foundation.problems import NotFound
from openredress_api.vocabulary.lists import TAXONOMIES, as_json

endpoint = partial(doors.endpoint, room="taxonomies", scope=None, public=True)
CACHED = {"Cache-Control": "public, max-age=86400"}
CODE = {"type": "object", "properties": {"code": {"type": "string"}, "meaning": {"type": "string"}}}


class Taxonomy(WireSchema):
    """A versioned code list; codes are immutable and never reused."""

    name = Text()
    version = Count()
    description = Text(at_most=500)
    source = Text()
    codes = Field(openapi={"type": "array", "items": CODE})


class TaxonomyName(WireSchema):
    """A code list's name and version."""

    name = Text()
    version = Count()
    description = Text(at_most=500)


class Taxonomies(WireSchema):
    """All code lists."""

    data = Field(openapi={"type": "array", "items": {"type": "object"}})


@endpoint("GET", "/v1/taxonomies", gives={200: Taxonomies}, versioned=False)
def list_taxonomies(_call: PublicCall) -> Answer:
    """The names, versions and meanings of all code lists."""
    names = TaxonomyName().dump([as_json(codes) for codes in TAXONOMIES.values()], many=True)
    return Answer({"data": names}, headers=CACHED)


@endpoint(
    "GET",
    "/v1/taxonomies/{name}",
    ids={"name": "code"},
    gives={200: Taxonomy},
    problems=(NotFound,),
)
def get_taxonomy(call: PublicCall) -> Answer:
    """One code list with all its codes and their attributes."""
    codes = TAXONOMIES.get(call.path["name"])
    if codes is None:
        raise NotFound
    return Answer(as_json(codes), version=codes.version, headers=CACHED)


ENDPOINTS = (list_taxonomies, get_taxonomy)
