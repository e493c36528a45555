"""What a client can do, each capability under the server's word for it."""

from __future__ import annotations

from openredress.audit_entries import AuditEntries
from openredress.awareness_surveys import AwarenessSurveys
from openredress.cases import Cases
from openredress.contact_volumes import ContactVolumes
from openredress.contacts import Contacts
from openredress.engagement_events import EngagementEvents
from openredress.event_consumers import EventConsumers
from openredress.events import Events
from openredress.evidence import Evidence
from openredress.follow_ups import FollowUps
from openredress.grievances import Grievances
from openredress.headcounts import Headcounts
from openredress.identities import IdentityRequests, Workers
from openredress.imports import Imports
from openredress.job_orders import JobOrders, RecruiterListings
from openredress.joint import Duplicates, Sponsorships, SystemicActions, WorkerResponses
from openredress.keeping import ErasureRequests, LegalRequests, Retention
from openredress.me import Me
from openredress.mechanisms import Mechanisms
from openredress.metrics import Metrics
from openredress.organisations import Organisations
from openredress.placements import Placements
from openredress.protection import RetaliationWatches, SafetyAssessments, SiteHolds
from openredress.reachability_probes import ReachabilityProbes
from openredress.referrals import OnwardRequests, Referrals
from openredress.register_entries import RegisterEntries
from openredress.relations import Relations
from openredress.remediation import Remediation
from openredress.repayments import Repayments
from openredress.sandbox_events import SandboxEvents
from openredress.sites import Sites
from openredress.tasks import Tasks
from openredress.taxonomies import Taxonomies
from openredress.transport import Transport
from openredress.webhook_deliveries import WebhookDeliveries
from openredress.webhook_endpoints import WebhookEndpoints
from openredress.webhook_replays import WebhookReplays


class _CaseWork:
    """What only an institute does, in good part with organisations for workers."""

    def __init__(self, transport: Transport) -> None:
        self.cases = Cases(transport)
        self.contacts = Contacts(transport)
        self.duplicates = Duplicates(transport)
        self.erasure_requests = ErasureRequests(transport)
        self.follow_ups = FollowUps(transport)
        self.identity_requests = IdentityRequests(transport)
        self.legal_requests = LegalRequests(transport)
        self.organisations = Organisations(transport)
        self.retaliation_watches = RetaliationWatches(transport)
        self.retention = Retention(transport)
        self.safety_assessments = SafetyAssessments(transport)
        self.site_holds = SiteHolds(transport)
        self.tasks = Tasks(transport)
        self.workers = Workers(transport)


class Capabilities(_CaseWork):
    """All capabilities over one transport."""

    def __init__(self, transport: Transport) -> None:
        super().__init__(transport)
        self.audit_entries = AuditEntries(transport)
        self.awareness_surveys = AwarenessSurveys(transport)
        self.contact_volumes = ContactVolumes(transport)
        self.engagement_events = EngagementEvents(transport)
        self.event_consumers = EventConsumers(transport)
        self.events = Events(transport)
        self.evidence = Evidence(transport)
        self.grievances = Grievances(transport)
        self.headcounts = Headcounts(transport)
        self.imports = Imports(transport)
        self.job_orders = JobOrders(transport)
        self.me = Me(transport)
        self.mechanisms = Mechanisms(transport)
        self.metrics = Metrics(transport)
        self.onward_requests = OnwardRequests(transport)
        self.placements = Placements(transport)
        self.reachability_probes = ReachabilityProbes(transport)
        self.recruiter_listings = RecruiterListings(transport)
        self.referrals = Referrals(transport)
        self.register_entries = RegisterEntries(transport)
        self.relations = Relations(transport)
        self.remediation = Remediation(transport)
        self.repayments = Repayments(transport)
        self.sandbox_events = SandboxEvents(transport)
        self.sites = Sites(transport)
        self.sponsorships = Sponsorships(transport)
        self.systemic_actions = SystemicActions(transport)
        self.taxonomies = Taxonomies(transport)
        self.webhook_deliveries = WebhookDeliveries(transport)
        self.webhook_endpoints = WebhookEndpoints(transport)
        self.webhook_replays = WebhookReplays(transport)
        self.worker_responses = WorkerResponses(transport)
