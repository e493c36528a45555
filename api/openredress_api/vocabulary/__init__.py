"""The field's words as versioned data: categories, channels, lifecycles, fees, countries, money.

May import the standard library only, so that every other room may read it.
Must never hold a table, a request, or a rule about who may move a record.
"""

from openredress_api.vocabulary.codes import Code, CodeList, UnknownCode
from openredress_api.vocabulary.identifiers import BadOsId, os_id
from openredress_api.vocabulary.lists import (
    TAXONOMIES,
    as_json,
    channel_class,
    code_list,
    exponent,
    fee_group,
    is_restricted,
    likely,
    nearest,
)

__all__ = [
    "TAXONOMIES",
    "BadOsId",
    "Code",
    "CodeList",
    "UnknownCode",
    "as_json",
    "channel_class",
    "code_list",
    "exponent",
    "fee_group",
    "is_restricted",
    "likely",
    "nearest",
    "os_id",
]
