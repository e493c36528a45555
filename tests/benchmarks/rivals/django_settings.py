"""Settings of the Django REST framework build: no sessions, no admin, pooled connections."""

from __future__ import annotations

import json
import os

ALLOWED_HOSTS = ["127.0.0.1"]
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        **json.loads(os.environ["BENCH_DJANGO"]),
    }
}
DATABASES["default"]["OPTIONS"]["pool"] = {"min_size": 4, "max_size": 8}
DEBUG = False
INSTALLED_APPS = ["rest_framework", "register"]
MIDDLEWARE = ["django.middleware.common.CommonMiddleware"]
REST_FRAMEWORK = {
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "UNAUTHENTICATED_USER": None,
}
ROOT_URLCONF = "register.views"
SECRET_KEY = "made up for the benchmark"
USE_TZ = True
