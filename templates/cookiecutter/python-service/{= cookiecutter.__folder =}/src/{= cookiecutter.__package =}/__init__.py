"""An HTTP service, and the plumbing that makes it operable.

`orders/` is the one resource; replace it by your own. The modules beside it serve every resource:
settings, logs, telemetry, errors, health and shutdown.
"""

from importlib.metadata import version

SERVICE_NAME = "{= cookiecutter.name =}"
"""The name under which catalogue, telemetry, SLO and alerts know this service."""

__version__ = version(SERVICE_NAME)
