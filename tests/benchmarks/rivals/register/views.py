"""The one operation, with a model serializer and a class-based view."""

from __future__ import annotations

import hashlib
import json
import os
import uuid
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.urls import path
from django.utils import timezone
from rest_framework import authentication, exceptions, serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from register.models import AccessToken, Audit, Event, Grievance, StatusChange

PARTIES = json.loads(os.environ["BENCH_PARTIES"])


class TokenAuthentication(authentication.BaseAuthentication):
    """A bearer token, looked up by its SHA-256."""

    def authenticate(self, request: Request) -> tuple[AccessToken, None] | None:
        """The token's row, or 401."""
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme != "Bearer":
            return None
        digest = hashlib.sha256(token.encode()).digest()
        found = AccessToken.objects.filter(token_hash=digest).first()
        if found is None or found.revoked_at or found.expires_at <= timezone.now():
            raise exceptions.AuthenticationFailed
        return found, None

    def authenticate_header(self, _request: Request) -> str:
        """What a refused caller is told."""
        return "Bearer"


class MoneySerializer(serializers.Serializer):
    """An amount in its own currency."""

    amount = serializers.DecimalField(max_digits=20, decimal_places=3, min_value=0)
    currency = serializers.CharField(max_length=3)


class GrievanceSerializer(serializers.ModelSerializer):
    """What a supplier sends and reads."""

    site = serializers.UUIDField(source="site_id")
    agreed_remedy = MoneySerializer(write_only=True, required=False, allow_null=True)

    class Meta:
        """All fields of the record."""

        model = Grievance
        fields = (
            *("id", "organisation_id", "source_system", "external_id", "site", "category"),
            *("channel", "severity", "status", "received_at", "received_at_basis"),
            *("acknowledged_at", "resolved_at", "closed_at", "workers_affected", "is_anonymous"),
            *("agreed_remedy", "remedy_amount", "remedy_currency", "source_updated_at"),
            *("is_test", "created_at", "updated_at", "version"),
        )
        read_only_fields = (
            *("id", "organisation_id", "source_system", "external_id"),
            *("remedy_amount", "remedy_currency", "created_at", "updated_at", "version"),
        )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Moments follow each other."""
        names = ("received_at", "acknowledged_at", "resolved_at", "closed_at")
        told = [attrs[name] for name in names if attrs.get(name)]
        if told != sorted(told):
            raise serializers.ValidationError("the moments are not in order")
        remedy = attrs.pop("agreed_remedy", None) or {}
        return attrs | {
            "remedy_amount": remedy.get("amount"),
            "remedy_currency": remedy.get("currency"),
        }


class GrievanceView(APIView):
    """The register."""

    authentication_classes = (TokenAuthentication,)

    @transaction.atomic
    def put(self, request: Request) -> Response:
        """Store a grievance by its supplier's own identifier."""
        me = request.user.organisation_id
        key = {name: request.query_params[name] for name in ("source_system", "external_id")}
        found = Grievance.objects.filter(organisation_id=me, **key).first()
        serializer = GrievanceSerializer(found, data=request.data)
        serializer.is_valid(raise_exception=True)
        version = found.version + 1 if found else 1
        grievance = serializer.save(organisation_id=me, version=version, **key)
        _leave_traces(grievance, request.user)
        return Response(serializer.data, status=200 if found else 201)


def _leave_traces(grievance: Grievance, caller: AccessToken) -> None:
    me, now, event_id = caller.organisation_id, timezone.now(), uuid.uuid4()
    subject, webhook_id = f"grv_{grievance.id.hex[:26]}", f"evt_{event_id.hex[:26]}"
    StatusChange.objects.create(
        organisation_id=me,
        recipient_id=me,
        grievance=grievance,
        to_status=grievance.status,
        at=grievance.received_at,
    )
    entry = {"at": now.isoformat(), "client": str(caller.client_id), "subjects": [subject]}
    content = json.dumps(entry | {"operation": "put_grievance", "organisation": str(me)})
    Audit.objects.create(
        organisation_id=me,
        operation="put_grievance",
        content=content,
        leaf=hashlib.sha256(content.encode()).digest(),
    )
    fact = {"id": webhook_id, "type": "grievance.received", "subject": subject, "subject_seq": 1}
    fact |= {"timestamp": now.isoformat(), "data": {"id": subject, "status": grievance.status}}
    Event.objects.create(
        organisation_id=PARTIES["institute"],
        id=event_id,
        webhook_id=webhook_id,
        type="grievance.received",
        subject=subject,
        subject_seq=grievance.version,
        occurred_at=now,
        data_class="pseudonymous",
        body=json.dumps(fact).encode(),
        dedupe_key=f"grievance.received:{subject}:{grievance.version}",
        retention_until=now + timedelta(days=30),
    )


urlpatterns = [path("v1/grievances", GrievanceView.as_view())]
