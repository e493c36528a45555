"""Tables as they are in the database, which is not Django's to change."""

from __future__ import annotations

import json
import os
import uuid
from pathlib import Path

from django.db import models

CODES = json.loads(Path(os.environ["BENCH_CODES"]).read_text())


def choices(name: str) -> list[tuple[str, str]]:
    """A code list as Django wants it."""
    return [(code, code) for code in CODES[name]]


class AccessToken(models.Model):
    """Who may call."""

    token_hash = models.BinaryField(primary_key=True)
    organisation_id = models.UUIDField()
    client_id = models.UUIDField()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        """The product's table."""

        managed = False
        db_table = "access_token"

    def __str__(self) -> str:
        return str(self.client_id)

    is_authenticated = True


class Grievance(models.Model):
    """The business row."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    organisation_id = models.UUIDField()
    source_system = models.TextField()
    external_id = models.TextField()
    site_id = models.UUIDField()
    category = models.TextField(choices=choices("grievance_category"))
    channel = models.TextField(choices=choices("channel"))
    severity = models.TextField(choices=choices("severity"), null=True)  # noqa: DJ001 - as it is
    status = models.TextField(choices=choices("grievance_status"), default="received")
    received_at = models.DateTimeField()
    received_at_basis = models.TextField(default="stated")
    acknowledged_at = models.DateTimeField(null=True, blank=True)
    resolved_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    workers_affected = models.PositiveIntegerField(null=True, blank=True)
    is_anonymous = models.BooleanField(default=False)
    remedy_amount = models.DecimalField(max_digits=20, decimal_places=3, null=True, blank=True)
    remedy_currency = models.TextField(  # noqa: DJ001 - as it is
        choices=choices("currency"), null=True, blank=True
    )
    source_updated_at = models.DateTimeField(null=True, blank=True)
    is_test = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    version = models.IntegerField(default=1)

    class Meta:
        """The product's table."""

        managed = False
        db_table = "grievance"

    def __str__(self) -> str:
        return self.external_id


class StatusChange(models.Model):
    """A step of its life."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    organisation_id = models.UUIDField()
    recipient_id = models.UUIDField()
    grievance = models.ForeignKey(Grievance, models.PROTECT)
    to_status = models.TextField()
    at = models.DateTimeField(null=True)
    source = models.TextField(default="reported")
    recorded_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        """The product's table."""

        managed = False
        db_table = "grievance_status_change"

    def __str__(self) -> str:
        return self.to_status


class Audit(models.Model):
    """Who did what."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    organisation_id = models.UUIDField()
    at = models.DateTimeField(auto_now_add=True)
    operation = models.TextField()
    content = models.TextField()
    leaf = models.BinaryField()

    class Meta:
        """The product's table."""

        managed = False
        db_table = "audit"

    def __str__(self) -> str:
        return self.operation


class Event(models.Model):
    """The outbox."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    organisation_id = models.UUIDField()
    webhook_id = models.TextField()
    type = models.TextField()
    subject = models.TextField()
    subject_seq = models.IntegerField()
    occurred_at = models.DateTimeField()
    data_class = models.TextField()
    body = models.BinaryField()
    dedupe_key = models.TextField()
    retention_until = models.DateTimeField()

    class Meta:
        """The product's table."""

        managed = False
        db_table = "event"

    def __str__(self) -> str:
        return self.webhook_id
