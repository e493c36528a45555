"""What came of a case, by family."""

from __future__ import annotations

from openredress_api.vocabulary.codes import code, code_list_of

_FAMILIES = (
    ("money", "Money reached the worker"),
    ("status", "The worker's job, papers or freedom were restored"),
    ("protection", "The worker was protected or supported"),
    ("conduct", "Somebody's conduct had consequences"),
    ("systems", "A rule or practice changed for everybody"),
    ("none", "No remedy"),
)
_OUTCOMES = (
    ("money", "wages_paid", "Wages paid"),
    ("money", "deductions_refunded", "Deductions refunded"),
    ("money", "fees_repaid", "Recruitment fees or costs repaid"),
    ("money", "compensation_paid", "Compensation paid"),
    ("money", "benefits_restored", "Benefits or contributions restored"),
    ("money", "debt_cancelled", "Debt cancelled"),
    ("status", "reinstated", "Back in the job"),
    ("status", "contract_corrected", "Contract corrected"),
    ("status", "transfer_allowed", "Transfer to another employer allowed"),
    ("status", "resigned_freely_with_dues", "Left freely, with everything owed"),
    ("status", "permit_renewed", "Permit or visa renewed"),
    ("status", "documents_returned", "Passport or papers returned"),
    ("status", "freedom_of_movement_restored", "Free to come and go"),
    ("protection", "relocated", "Moved to safety"),
    ("protection", "medical_care", "Medical care given"),
    ("protection", "psychosocial_care", "Psychosocial care given"),
    ("protection", "legal_case_supported", "Supported in a legal case"),
    ("protection", "repatriated_voluntarily", "Returned home by own wish"),
    ("conduct", "perpetrator_removed", "The person at fault was removed"),
    ("conduct", "apology", "An apology was made"),
    ("conduct", "discipline", "The person at fault was disciplined"),
    ("conduct", "training", "The people concerned were trained"),
    ("systems", "policy_changed", "A policy changed"),
    ("systems", "process_changed", "A process changed"),
    ("systems", "committee_elected", "A workers' committee was elected"),
    ("systems", "mechanism_improved", "The grievance mechanism was improved"),
    ("systems", "agency_terminated", "The contract with an agency was ended"),
    ("systems", "agency_retrained", "An agency was trained anew"),
    ("systems", "purchasing_practice_changed", "A buyer changed its purchasing practice"),
    ("none", "no_breach_found", "No breach was found"),
    ("none", "insufficient_evidence", "Too little to decide"),
    ("none", "unresolved", "Not resolved"),
    ("none", "withdrawn", "Taken back by the worker"),
    ("none", "referred_to_authority", "Handed to a public authority"),
    ("none", "business_closed", "The business closed"),
    ("none", "employer_unlocatable", "The employer could not be found"),
    ("none", "complainant_unlocatable", "The worker could not be found"),
    ("none", "employer_insolvent", "The employer is insolvent"),
)

OUTCOME_FAMILY = code_list_of(
    "outcome_family",
    (code(word, meaning, is_remedy=word != "none") for word, meaning in _FAMILIES),
    description="Kinds of outcome; only those with `is_remedy` can be validated as remedy.",
    source="OpenRedress",
)
OUTCOME = code_list_of(
    "outcome",
    (code(word, meaning, family=family) for family, word, meaning in _OUTCOMES),
    description="What came of a case. A case may have several.",
    source="OpenRedress",
)
