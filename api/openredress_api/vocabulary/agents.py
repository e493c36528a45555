"""The chain of agents between a worker and a job, and the contract at both ends of it."""

from __future__ import annotations

from openredress_api.vocabulary.codes import code, code_list_of

_ROLES = (
    ("village_sub_agent", "Sub-agent in the village"),
    ("informal_broker", "Broker without a licence"),
    ("district_agent", "Agent in the district town"),
    ("training_centre", "Training centre"),
    ("medical_centre", "Medical centre"),
    ("travel_agent", "Travel agent"),
    ("document_fixer", "Somebody who procures papers"),
    ("licensed_agency_origin", "Licensed agency in the country of origin"),
    ("government_agency", "Public employment service"),
    ("licensed_agency_destination", "Licensed agency in the country of destination"),
    ("labour_outsourcer", "Firm that employs for others"),
    ("employer_recruiter", "The employer's own recruiter"),
    ("peer_worker", "A fellow worker"),
    ("family", "The worker's family"),
    ("self", "The worker, without an intermediary"),
    ("unstated", "The source does not say what it does"),
)

HOP_ROLE = code_list_of(
    "hop_role",
    (code(word, meaning) for word, meaning in _ROLES),
    description="What somebody in the agent chain does, in order from the first contact.",
    source="OpenRedress",
)
HOP_REGISTRATION = code_list_of(
    "hop_registration",
    (
        code("yes", "A register lists the agent"),
        code("no", "No register lists the agent"),
        code("unknown", "Not checked"),
    ),
    description="Whether an agent of the chain is registered.",
    source="OpenRedress",
)
HOP_DISCLOSED_BY = code_list_of(
    "hop_disclosed_by",
    (
        code("agency", "Named by the agency only", worker_side=False),
        code("worker", "Named by the worker only", worker_side=True),
        code("both", "Named by both", worker_side=True),
    ),
    description="Who named this link; the first mile is known where the worker side named it.",
    source="OpenRedress",
)
CONTRACT_MATCH = code_list_of(
    "contract_match",
    (
        code("same", "The terms are the same"),
        code("better", "The terms on arrival are better"),
        code("worse", "The terms on arrival are worse"),
        code("unknown", "Only one version is known, or the two cannot be compared"),
    ),
    description="The contract on arrival against the one signed at origin.",
    source="OpenRedress",
)
