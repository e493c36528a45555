"""The WSGI application as granian loads it: settings from the environment, one per process."""

from __future__ import annotations

import os

from openredress_api.app import create_app
from openredress_api.foundation.installation import Installation
from openredress_api.foundation.logs import configure_logs
from openredress_api.foundation.postgres.folders import default_data_dir
from openredress_api.settings import read_settings

configure_logs()
app = create_app(Installation.open(read_settings(os.environ, default_data_dir=default_data_dir())))
