"""The command that runs the service."""

import sys

from pydantic import ValidationError

from .app import create_app
from .lifecycle import Lifecycle
from .logs import configure_logging
from .server import create_server
from .settings import Settings
from .telemetry import Telemetry

EX_CONFIG = 78
"""Exit code of a configuration error (sysexits.h): a restart will not help."""


def main() -> None:
    """Serve until a signal says otherwise."""
    try:
        settings = Settings()
    except ValidationError as error:
        sys.stderr.write(f"{_explain(error)}\n")
        sys.exit(EX_CONFIG)
    configure_logging(settings.log_level, settings.log_format)
    telemetry = Telemetry.create()
    telemetry.set_global()
    lifecycle = Lifecycle()
    app = create_app(settings, telemetry=telemetry, lifecycle=lifecycle)
    create_server(app, settings, lifecycle).run()


def _explain(error: ValidationError) -> str:
    """Name the variables at fault, without their values: those may be secrets."""
    prefix = Settings.model_config["env_prefix"]
    return "\n".join(
        f"{prefix}{'_'.join(map(str, item['loc']))}".upper() + f": {item['msg']}"
        for item in error.errors(include_url=False, include_context=False, include_input=False)
    )


if __name__ == "__main__":
    main()
