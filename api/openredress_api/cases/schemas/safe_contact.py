"""The wire shapes of safe contact."""

from __future__ import annotations

from openredress_api.cases.rules import ANSWERERS, VOICE_CHANNELS, WEEKDAYS
from openredress_api.foundation.fields import Choice, Count, Flag, Items, Text, WireSchema
from openredress_api.organisations import TimeZone


class SafeContactBody(WireSchema):
    """What was agreed with the worker; it takes the place of what was agreed before."""

    may_contact = Flag(
        required=True, description="false: nothing is allowed, and all else is left out"
    )
    channels = Items(Choice(VOICE_CHANNELS), at_most=len(VOICE_CHANNELS), load_default=list)
    days = Items(Choice(WEEKDAYS), at_most=len(WEEKDAYS), load_default=list)
    from_hour = Count(at_most=23, allow_none=True, load_default=None)
    until_hour = Count(
        at_most=24,
        allow_none=True,
        load_default=None,
        description="no longer included; before from_hour: past midnight",
    )
    time_zone = TimeZone(
        allow_none=True, load_default=None, description="where the worker's clock is"
    )
    who_answers = Choice(ANSWERERS, allow_none=True, load_default=None)
    leave_messages = Flag(load_default=False)


class SafeContactView(WireSchema):
    """What was agreed; until then nothing is allowed."""

    may_contact = Flag()
    channels = Items(Text())
    days = Items(Text())
    from_hour = Count(allow_none=True)
    until_hour = Count(allow_none=True)
    time_zone = Text(allow_none=True)
    who_answers = Text(allow_none=True)
    leave_messages = Flag()


class ContactNowView(WireSchema):
    """By which channels the worker may be contacted at this moment."""

    channels = Items(Text(), description="empty: not now, or not at all")
