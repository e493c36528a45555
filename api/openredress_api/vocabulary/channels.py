"""The ways a contact reaches somebody, and the class under which small numbers are shown."""

from __future__ import annotations

from openredress_api.vocabulary.codes import code, code_list_of

_CLASSES = (
    ("worker_voice", "Channels run for workers by the institute"),
    ("operational", "Channels run by the employer"),
    ("representative", "People who speak for workers"),
    ("third_party", "Channels of buyers, shared mechanisms and auditors"),
    ("government", "Public authorities"),
)

_CHANNELS = (
    ("worker_voice", "hotline_call", "Call to the helpline"),
    ("worker_voice", "sms", "Text message"),
    ("worker_voice", "app_own", "The institute's own app"),
    ("worker_voice", "line", "LINE"),
    ("worker_voice", "viber", "Viber"),
    ("worker_voice", "facebook_messenger", "Facebook Messenger"),
    ("worker_voice", "whatsapp", "WhatsApp"),
    ("worker_voice", "telegram", "Telegram"),
    ("worker_voice", "imo", "imo"),
    ("worker_voice", "wechat", "WeChat"),
    ("worker_voice", "zalo", "Zalo"),
    ("worker_voice", "web_form", "Form on a web page"),
    ("worker_voice", "outreach_visit", "Visit by an outreach team"),
    ("worker_voice", "walk_in", "Visit to the institute's office"),
    ("operational", "hr_open_door", "Talk with the HR department"),
    ("operational", "suggestion_box", "Box for written notes"),
    ("operational", "factory_hotline", "Telephone line of the site"),
    ("operational", "worker_committee", "Workers' committee at the site"),
    ("operational", "supervisor", "Told to a supervisor"),
    ("operational", "exit_interview", "Said on leaving the job"),
    ("operational", "hr_system", "Entered in the HR software"),
    ("representative", "trade_union", "Trade union"),
    ("representative", "cso_partner", "Civil-society partner"),
    ("representative", "community_leader", "Leader of the workers' community"),
    ("representative", "legal_aid", "Legal aid office"),
    ("third_party", "brand_hotline", "Telephone line of a brand"),
    ("third_party", "shared_mechanism", "Mechanism shared by several buyers"),
    ("third_party", "audit_interview", "Said in a social audit"),
    ("third_party", "ncp", "OECD National Contact Point"),
    ("government", "labour_inspectorate", "Labour inspectorate"),
    ("government", "gov_hotline", "Telephone line of a public authority"),
    ("government", "embassy_labour_attache", "Embassy or labour attaché"),
    ("government", "police", "Police"),
)

CHANNEL_CLASS = code_list_of(
    "channel_class",
    (code(word, meaning) for word, meaning in _CLASSES),
    description="Who runs a channel; below 10 cases only the class is shown.",
    source="OpenRedress",
)
CHANNEL = code_list_of(
    "channel",
    (code(word, meaning, channel_class=group) for group, word, meaning in _CHANNELS),
    description="How a contact came in. Suppliers and brands never see more than its class.",
    source="OpenRedress",
)
