"""The wire shapes of imports."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import chain
from typing import Any

from openredress_api.foundation.fields import (
    CONTROL,
    Choice,
    Count,
    Field,
    Flag,
    Identifier,
    Instant,
    Items,
    Nested,
    Sha256,
    Text,
    WireSchema,
    refuse,
)
from openredress_api.foundation.messages import LANGUAGES
from openredress_api.foundation.paging import PageQuery
from openredress_api.imports import rules
from openredress_api.imports.kinds import INTAKES
from openredress_api.imports.mapping import DATE_ERAS, DATE_ORDERS, READY
from openredress_api.organisations import TimeZone
from openredress_webhooks import personal_data

RECORDS = tuple(INTAKES)
MOST_ENTRIES, LONGEST_ENTRY = 500, 500


class Entries(Field):
    """An object of texts, such as {"heading": "field"}; a value may be null where `nulls` says."""

    def __init__(self, *, nulls: bool = False, **options: Any) -> None:  # noqa: ANN401 - marshmallow's
        """At most 500 members of at most 200 characters, without control characters."""
        kind: list[str] | str = ["string", "null"] if nulls else "string"
        shape = {"type": kind, "maxLength": LONGEST_ENTRY}
        openapi = {"type": "object", "maxProperties": MOST_ENTRIES, "additionalProperties": shape}
        super().__init__(openapi=openapi, **options)
        self.nulls = nulls

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> dict[str, str | None]:  # noqa: ANN401 - any JSON
        return self.loaded(value)

    def loaded(self, value: Any) -> dict[str, str | None]:  # noqa: ANN401 - any JSON
        """The entries, or the refusal of the first that is none."""
        if not isinstance(value, dict) or len(value) > MOST_ENTRIES:
            raise refuse("not_entries", at_most=MOST_ENTRIES)
        for text in (*value, *value.values()):
            if text is not None or not self.nulls:
                _refuse_unclean(text)
        return dict(value)


def _refuse_unclean(text: object) -> None:
    if not isinstance(text, str) or len(text) > LONGEST_ENTRY:
        raise refuse("not_an_entry", at_most=LONGEST_ENTRY)
    if CONTROL.search(text):
        raise refuse("control_character")


class Headings(Entries):
    """For headings their fields. A heading that holds personal data is kept nowhere."""

    def loaded(self, value: Any) -> dict[str, str | None]:  # noqa: ANN401 - any JSON
        """The entries; a column with such a heading is sent under another one."""
        entries = super().loaded(value)
        for one in chain.from_iterable(map(personal_data.found, entries)):
            raise refuse("personal_data_detected", what=one.kind, place=one.start + 1)
        return entries


class Vocabularies(Field):
    """For each field an object of texts: what the sheet says, and which code it means."""

    def __init__(self, **options: Any) -> None:  # noqa: ANN401 - marshmallow's options
        """Each as `Entries`."""
        self.inner = Entries()
        openapi = {
            "type": "object",
            "maxProperties": MOST_ENTRIES,
            "additionalProperties": self.inner.metadata["openapi"],
        }
        super().__init__(openapi=openapi, **options)

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> Mapping[str, dict[str, str | None]]:  # noqa: ANN401 - any JSON
        if not isinstance(value, dict) or len(value) > MOST_ENTRIES:
            raise refuse("not_entries", at_most=MOST_ENTRIES)
        for field in value:
            _refuse_unclean(field)
        return {field: self.inner.loaded(one) for field, one in value.items()}


class Dates(WireSchema):
    """How the sheet writes days; asked for where it cannot be told from the sheet itself."""

    order = Choice(DATE_ORDERS, allow_none=True, load_default=None, description="of 03/04/2026")
    era = Choice(DATE_ERAS, allow_none=True, load_default=None, description="of the year 2569")


class MappingBody(WireSchema):
    """Which column means what; whatever is left out is found by its heading, and told.

    A member of a record in NDJSON is a column too: `object.member`, `list.1.member`.
    """

    name = Choice(
        READY, allow_none=True, load_default=None, description="a ready mapping to begin with"
    )
    columns = Headings(
        nulls=True, load_default=dict, description="heading: field, or null: not taken"
    )
    values = Vocabularies(
        load_default=dict,
        description="field: {text of the sheet: code}; * is any other text, an empty one none",
    )
    constants = Entries(
        load_default=dict,
        description="field: its value in every row, or a text of columns: {Case}/{Employer}",
    )
    dates = Nested(Dates, load_default=lambda: {"order": None, "era": None})
    time_zone = TimeZone(
        allow_none=True, load_default=None, description="of times that name no zone"
    )


class ImportBody(WireSchema):
    """A file that is announced; its octets follow."""

    record = Choice(RECORDS, required=True, description="the kind of record in its rows")
    format = Choice(rules.FORMATS, required=True)
    compression = Choice(rules.COMPRESSIONS, load_default="none")
    size = Count(at_least=1, at_most=rules.MAX_SIZE, required=True, description="octets")
    sha256 = Sha256(required=True, description="of those octets")
    source_system = Text(
        at_most=60,
        reference=True,
        required=True,
        description="of rows that do not say their own",
    )
    mode = Choice(rules.MODES, load_default="check", description="check: nothing is stored")
    commit = Choice(
        rules.COMMITS, load_default="row", description="all: nothing, unless every row is good"
    )
    is_complete = Flag(
        load_default=False,
        description="the file has every record of the source system: others are marked missing",
    )
    mapping = Nested(
        MappingBody,
        allow_none=True,
        load_default=None,
        description="of a sheet, or of NDJSON that has not the names of our fields",
    )
    sheet = Text(at_most=31, allow_none=True, load_default=None)
    charset = Choice(rules.CHARSETS, load_default="utf-8")


class OffsetQuery(WireSchema):
    """Where the octets of a body stand in the file."""

    offset = Count(at_most=rules.MAX_SIZE, required=True, description="0, or what was `received`")


class Counts(WireSchema):
    """Rows by what became of them; `flagged` rows are among the others."""

    read = Count()
    new = Count()
    changed = Count()
    unchanged = Count()
    outdated = Count(description="older than what is stored")
    refused = Count()
    flagged = Count(description="taken, with something to look at")
    removed = Count(description="rows that were there of a replaced period, and are no longer")


class ColumnView(WireSchema):
    """What a column of the sheet was taken for, and how that was found."""

    heading = Text()
    field = Text(allow_none=True)
    how = Text(description="given, exact, synonym, nearest (a proposal only), none")
    score = Field(openapi={"type": "number"}, allow_none=True)
    applies = Flag(description="it is read so; a proposal is read once it is confirmed")


class QuestionView(WireSchema):
    """Something about the sheet that its sender has to say before it can be stored."""

    field = Text()
    code = Text()
    read = Text(at_least=0)


class FaultView(WireSchema):
    """Why a file could not be read at all."""

    code = Text()
    detail = Text()
    line = Count(allow_none=True, description="up to which it could be read")


class ImportView(WireSchema):
    """An import as it stands."""

    id = Identifier("imp")
    record = Text()
    format = Text()
    compression = Text()
    source_system = Text()
    mode = Text()
    commit = Text(attribute="commit_by")
    is_complete = Flag()
    state = Text()
    size = Count()
    received = Count(description="octets that are here; go on from this offset")
    counts = Nested(Counts)
    columns = Items(Nested(ColumnView), description="of a sheet")
    questions = Items(Nested(QuestionView), description="to be answered before a sheet is stored")
    has_corrections = Flag(description="rows to put right are ready as a sheet")
    corrections_are_cut = Flag(description="more rows need somebody than the sheet has")
    findings = Count(description="that are kept: at most 50,000; the counts tell of all")
    resume_line = Count(description="rows up to this line are done; after a stop it goes on there")
    rows_per_second = Field(openapi={"type": "number"}, allow_none=True)
    seconds_left = Count(allow_none=True)
    fault = Nested(FaultView, allow_none=True)
    created_at = Instant()
    started_at = Instant(allow_none=True)
    ended_at = Instant(allow_none=True)
    updated_at = Instant()


class ImportList(PageQuery):
    """A page of imports."""

    updated_since = Instant()


class CommitBody(WireSchema):
    """How a checked file is to be stored."""

    mode = Choice(("upsert", "replace_period"), load_default="upsert")
    commit = Choice(rules.COMMITS, load_default="row")


class FindingList(PageQuery):
    """A page of findings."""

    weight = Choice(rules.WEIGHTS)


class FindingView(WireSchema):
    """What was found in one row: where, what was read, what is wrong and an example of right."""

    line = Count(description="in the file, from 1")
    external_id = Text(allow_none=True)
    weight = Text(description="must_fix: the row was kept out")
    code = Text()
    pointer = Text()
    heading = Text(allow_none=True, description="of the column, in the sender's words")
    detail = Text()
    read = Text(allow_none=True)


class ReceiptList(WireSchema):
    """Where to go on."""

    cursor = Text(at_most=300, reference=True)


class ReceiptView(WireSchema):
    """One row that a merge looked at, and what became of it."""

    line = Count()
    key = Text(description="what identifies the row")
    id = Text(allow_none=True, description="of the record; null: there is none")
    version = Count()
    outcome = Text()
    sha256 = Text(description="of what the row says")


class MappingKey(WireSchema):
    """Which sheets a mapping is for."""

    record = Choice(RECORDS, required=True)
    source_system = Text(at_most=60, reference=True, required=True)


class MappingView(MappingBody):
    """A saved mapping."""

    id = Identifier("map")
    record = Text()
    source_system = Text()
    updated_at = Instant()


class TemplateQuery(WireSchema):
    """Which template, in which language."""

    record = Choice(RECORDS, required=True)
    language = Choice(LANGUAGES, load_default="en")
