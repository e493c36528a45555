"""The wire shapes of agreements to pay what is owed, payments, validations and balances."""

from __future__ import annotations

from openredress_api import remediation
from openredress_api.foundation.fields import (
    Amount,
    Choice,
    Count,
    Day,
    Identifier,
    Instant,
    Items,
    Nested,
    WireSchema,
)
from openredress_api.foundation.paging import PageQuery
from openredress_api.repayments import rules, standing
from openredress_api.vocabulary import TAXONOMIES

COUNTRIES = TAXONOMIES["country"].codes
LABELS = tuple("abcdefghijklmnopqrstuvwxyz")
WORDED = ("counted", "all_in_situation")
MOST_INSTALMENTS, MOST_SHARES, MOST_EVIDENCE = 60, 1000, 20


class RepaymentQuery(PageQuery):
    """Filters of the list of agreements."""

    status = Choice(rules.STATUSES)
    updated_since = Instant(description="agreements that changed at or after this moment")


class RepaymentCorridor(WireSchema):
    """From which country workers came, and to which."""

    origin = Choice(COUNTRIES, required=True)
    destination = Choice(COUNTRIES, required=True)


class RepaymentGroupBody(WireSchema):
    """Workers to whom the same is owed: either `amount` of all, or `amount_per_worker`."""

    label = Choice(LABELS, required=True, description="one letter, never a name")
    fee_types = Items(
        Choice(rules.FEE_TYPES),
        at_most=16,
        load_default=list,
        description="at least one with `fees_repaid`, none with another",
    )
    workers = Count(
        at_least=1, required=True, allow_none=True, description="how many; null: unknown"
    )
    amount = Amount(allow_none=True, load_default=None, description="to all of them together")
    amount_per_worker = Amount(
        allow_none=True, load_default=None, description="needs `workers`, which it is multiplied by"
    )


class RepaymentInstalmentBody(WireSchema):
    """A part of the whole and its day: all instalments by `share`, or all by `amount`."""

    n = Count(at_least=1, at_most=MOST_INSTALMENTS, required=True, description="1, 2, 3 …")
    due_on = Day(required=True, description="the last day (UTC) on which it is on time")
    share = Count(
        at_least=1,
        at_most=MOST_SHARES,
        allow_none=True,
        load_default=None,
        description="its weight beside the others': 1, 1 and 1 are thirds",
    )
    amount = Amount(
        allow_none=True, load_default=None, description="all amounts add up to what is owed"
    )


class RepaymentAgreementBody(WireSchema):
    """What a payer owes and is to pay; one currency, several groups, several instalments."""

    payer = Identifier("org", required=True, description="a supplier or an agency")
    asked_outcome = Choice(
        rules.OUTCOMES, load_default=rules.FEES_REPAID, description="what it pays: fees, wages …"
    )
    request = Identifier(
        "rem",
        allow_none=True,
        load_default=None,
        description="the remediation request for this outcome that it came of",
    )
    site = Identifier("site", allow_none=True, load_default=None)
    corridor = Nested(RepaymentCorridor, allow_none=True, load_default=None)
    currency = Choice(
        rules.CURRENCIES, required=True, description="as it was paid, never converted"
    )
    groups = Items(Nested(RepaymentGroupBody), at_least=1, at_most=len(LABELS), required=True)
    instalments = Items(
        Nested(RepaymentInstalmentBody), at_least=1, at_most=MOST_INSTALMENTS, required=True
    )


class RepaymentContestBody(WireSchema):
    """Why the payer objects."""

    reason = Choice(rules.CONTEST_REASONS, required=True)


class RepaymentCancelBody(WireSchema):
    """Why the institute takes an agreement back; the payer never sees it."""

    reason = Choice(rules.CANCEL_REASONS, required=True)


class RepaymentGroup(WireSchema):
    """A group as its reader may know it."""

    label = Choice(LABELS)
    fee_types = Items(Choice(rules.FEE_TYPES))
    worded = Choice(WORDED)
    workers = Count(allow_none=True, description="null: unknown, or not told")
    amount = Amount(allow_none=True, description="null: not told")


class RepaymentPart(WireSchema):
    """What of an instalment is one group's."""

    group = Choice(LABELS)
    amount = Amount()


class RepaymentInstalment(WireSchema):
    """An instalment with the sums that its reader may know."""

    n = Count(at_least=1)
    due_on = Day()
    parts = Items(Nested(RepaymentPart))


class RepaymentAgreementView(WireSchema):
    """An agreement. The last two members are shown to the institute alone."""

    id = Identifier("rpa")
    payer = Identifier("org", attribute="recipient_id")
    asked_outcome = Choice(rules.OUTCOMES)
    site = Identifier("site", attribute="site_id", allow_none=True)
    corridor = Nested(RepaymentCorridor, allow_none=True)
    currency = Choice(rules.CURRENCIES)
    groups = Items(Nested(RepaymentGroup))
    instalments = Items(Nested(RepaymentInstalment))
    status = Choice(rules.STATUSES)
    contested_for = Choice(rules.CONTEST_REASONS, allow_none=True)
    offered_at = Instant(allow_none=True)
    agreed_at = Instant(allow_none=True)
    updated_at = Instant()
    request = Identifier("rem", allow_none=True)
    cancelled_for = Choice(rules.CANCEL_REASONS, allow_none=True)


class RepaymentBody(WireSchema):
    """What the payer has paid in all of one instalment to one group; a new one replaces it."""

    instalment_no = Count(at_least=1, at_most=MOST_INSTALMENTS, required=True)
    group = Choice(LABELS, required=True)
    amount = Amount(required=True, description="0: nothing was paid")
    workers = Count(required=True, description="how many workers got something")
    paid_on = Day(required=True, description="the last day on which something was paid")
    method = Choice(rules.METHODS, required=True)
    evidence = Items(
        Identifier("evd"),
        at_most=MOST_EVIDENCE,
        load_default=list,
        description="files of one's own that show it",
    )


class RepaymentView(RepaymentBody):
    """A payer's claim; it is never changed, only replaced and judged."""

    id = Identifier("pay")
    repayment_agreement = Identifier("rpa", attribute="agreement_id")
    group = Choice(LABELS, attribute="group_label")
    currency = Choice(rules.CURRENCIES)
    round = Count(at_least=1)
    claim_no = Count(at_least=1, description="from 1, per instalment and group")
    reported_at = Instant()
    state = Choice(standing.PAYMENT_STATES)


class RepaymentValidationBody(remediation.SaidBody):
    """What workers said of a payment; counts are those of all who were asked about it so far."""

    amount_confirmed = Amount(
        required=True,
        allow_none=True,
        description="what they say they got, at most what is claimed; null: nobody could say",
    )


class RepaymentValidationView(RepaymentValidationBody):
    """A validation with the result that the rule gave; it is never changed."""

    id = Identifier("rpv")
    repayment_agreement = Identifier("rpa", attribute="agreement_id")
    payment = Identifier("pay", attribute="payment_id")
    validator = Identifier("org", attribute="organisation_id")
    validation_no = Count(at_least=1)
    result = Choice(TAXONOMIES["validation_result"].codes)
    recorded_at = Instant()


class RepaymentCell(WireSchema):
    """One instalment of one group. null: not told, not said, not confirmed; "0.00" is a zero."""

    instalment_no = Count(at_least=1)
    group = Choice(LABELS)
    due_on = Day()
    state = Choice(standing.STATES)
    round = Count(at_least=1)
    due = Amount(allow_none=True)
    claimed = Amount(allow_none=True)
    validated = Amount(allow_none=True)
    outstanding = Amount(allow_none=True)


class RepaymentBalance(WireSchema):
    """Where an agreement stands now. The last member is not shown to the payer."""

    repayment_agreement = Identifier("rpa")
    as_of = Instant()
    currency = Choice(rules.CURRENCIES)
    agreed = Amount(allow_none=True, description="over the groups whose sums are told")
    claimed = Amount(allow_none=True, description="null: the payer has said nothing")
    validated = Amount(allow_none=True, description="null: workers have confirmed nothing yet")
    outstanding = Amount(allow_none=True)
    overdue = Items(Count(at_least=1), description="numbers of overdue instalments")
    agreed_at = Instant(allow_none=True)
    last_validated_at = Instant(allow_none=True)
    parts = Items(Nested(RepaymentCell), at_most=len(LABELS) * MOST_INSTALMENTS)
    workers_validated = Count(description="who confirmed that money came, each group once")


class RepaymentProposalQuery(WireSchema):
    """Whose placements are looked at; at least one of the two."""

    site = Identifier("site")
    agency = Identifier("org")


class StatedFees(WireSchema):
    """One side's word: how much, and of how many workers."""

    amount = Amount()
    workers = Count()


class ProposedRepayment(WireSchema):
    """What workers bore of one type in one currency, as each side states it; null: it does not."""

    currency = Choice(rules.CURRENCIES)
    fee_type = Choice(rules.FEE_TYPES)
    worker_stated = Nested(StatedFees, allow_none=True, description="less what was repaid for sure")
    agency_stated = Nested(StatedFees, allow_none=True)
    worded = Choice(WORDED, description="how a group of these workers would be told to a payer")


class RepaymentProposal(WireSchema):
    """What may be owed by what placements say; the institute decides."""

    placements = Count(description="that were looked at")
    statements = Count(description="of them with a worker's word that is counted here")
    not_shared = Count(description="of them whose worker does not share it in sums")
    lines = Items(Nested(ProposedRepayment), at_most=5000)
