"""How the long-running commands log: a line people read on a terminal, JSON elsewhere; and tracing, by option.

The one place where logging is set up. HUB_LOG=debug, info, warning or error says how much (default: info).
"""

import logging
import os
import re
import sys
from collections.abc import Mapping, MutableMapping
from typing import Any, TextIO

import structlog

from hub.dispatch.watch import WATCH
from hub.errors import UsageError

LEVELS = ("debug", "info", "warning", "error")
_SECRET = re.compile(r"password|passphrase|secret|token|authorization|private_key|api_key", re.IGNORECASE)
_IN_URL = re.compile(r"(\b[a-z][a-z0-9+.-]*://[^\s/:@]*:)[^\s/@]+@", re.IGNORECASE)
_IN_TEXT = re.compile(
    r"""((?:password|secret|token|authorization)["']?\s*[=:]\s*["']?(?:bearer\s+)?)[^\s"',;&]+""", re.IGNORECASE
)
HIDDEN = "(hidden)"


def set_up_logs(stream: TextIO | None = None, environ: Mapping[str, str] | None = None) -> None:
    """Sends structlog's and the standard library's lines to stderr. UsageError: HUB_LOG is none of LEVELS."""
    stream = stream or sys.stderr
    environ = os.environ if environ is None else environ
    level = environ.get("HUB_LOG", "info").lower()
    if level not in LEVELS:
        raise UsageError("HUB-9203", f'HUB_LOG is "{level}", expected one of {", ".join(LEVELS)}.')
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.stdlib.ExtraAdder(),
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        hide_secrets,
    ]
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, *shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    renderer = structlog.dev.ConsoleRenderer() if stream.isatty() else structlog.processors.JSONRenderer()
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for noisy in ("paramiko", "httpx", "httpcore", "alembic"):
        logging.getLogger(noisy).setLevel(logging.WARNING)


def hide_secrets(_logger: Any, _method: str, said: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """No line carries a secret: not by its name, not in a URL, not in a text."""
    for key, value in said.items():
        if _SECRET.search(key):
            said[key] = HIDDEN
        elif isinstance(value, str):
            said[key] = _IN_TEXT.sub(rf"\1{HIDDEN}", _IN_URL.sub(rf"\1{HIDDEN}@", value))
    return said


def set_up_traces(environ: Mapping[str, str] | None = None) -> None:
    """A span for every batch of a stage, sent by OTLP, where OTEL_EXPORTER_OTLP_ENDPOINT is set; else nothing is
    imported. UsageError: the extra is not installed."""
    environ = os.environ if environ is None else environ
    if not environ.get("OTEL_EXPORTER_OTLP_ENDPOINT"):
        return
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError as error:
        text = "OTEL_EXPORTER_OTLP_ENDPOINT is set, but OpenTelemetry is not installed: pip install 'crossdock[otel]'."
        raise UsageError("HUB-9203", text) from error
    provider = TracerProvider(resource=Resource.create({"service.name": environ.get("OTEL_SERVICE_NAME", "crossdock")}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    trace_by(provider)


def trace_by(provider: Any) -> None:
    """Spans are begun by that tracer provider."""
    tracer = provider.get_tracer("hub")

    def span(stage: str, lane: str, subject: str, items: int) -> Any:
        told = {"hub.stage": stage, "hub.lane": lane, "hub.subject": subject, "hub.items": items}
        return tracer.start_as_current_span(f"hub.{stage}", attributes=told)

    WATCH.span = span
