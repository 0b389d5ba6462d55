"""Logs: JSON with ids for machines, lines for people, secrets for nobody."""

import io
import json
import logging
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import structlog

from hub.cli.logs import set_up_logs, set_up_traces
from hub.dispatch import Item
from hub.dispatch.watch import Watch
from hub.errors import UsageError


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    yield
    root.handlers[:] = before
    root.setLevel(level)
    structlog.reset_defaults()


def item() -> Item:
    made = datetime(2026, 1, 5, tzinfo=UTC)
    return Item(id=1, lane="out/x", kind="deliver", subject_id="d-1", arguments={}, tries=1, created_at=made)


def test_lines_for_machines_carry_what_the_work_is_about() -> None:
    stream, watch = io.StringIO(), Watch()
    set_up_logs(stream, {})
    with watch.over([item()]):
        logging.getLogger("hub.x").warning("it %s", "happened", extra={"message_id": "m-1"})
        structlog.get_logger("hub.y").info("and this", code="HUB-1")
    logging.getLogger("hub.x").warning("outside")
    first, second, third = (json.loads(line) for line in stream.getvalue().splitlines())
    assert (first["event"], first["level"], first["logger"]) == ("it happened", "warning", "hub.x")
    assert (first["stage"], first["lane"], first["subject"], first["message_id"]) == ("deliver", "out/x", "d-1", "m-1")
    assert (second["event"], second["code"], second["subject"]) == ("and this", "HUB-1", "d-1")
    assert first["timestamp"].endswith("Z")
    assert "stage" not in third


def test_lines_for_people_are_lines() -> None:
    stream = Terminal()
    set_up_logs(stream, {})
    logging.getLogger("hub.x").warning("it happened")
    assert "it happened" in stream.getvalue()
    assert not stream.getvalue().startswith("{")


def test_no_line_tells_a_secret() -> None:
    stream = io.StringIO()
    set_up_logs(stream, {})
    log = structlog.get_logger("hub.x")
    log.info("cannot reach sftp://user:canary@host/in", api_token="canary", said="Authorization: Bearer canary")
    logging.getLogger("hub.x").error("password=canary and %s", {"secret": "canary"})
    try:
        raise ValueError("https://user:canary@host")
    except ValueError:
        logging.getLogger("hub.x").exception("it failed")
    assert "canary" not in stream.getvalue()
    assert stream.getvalue().count("(hidden)") >= 5


def test_how_much_is_said() -> None:
    stream = io.StringIO()
    set_up_logs(stream, {"HUB_LOG": "error"})
    logging.getLogger("hub.x").warning("little")
    assert stream.getvalue() == ""
    with pytest.raises(UsageError, match="expected one of debug"):
        set_up_logs(stream, {"HUB_LOG": "loud"})


def test_a_failed_batch_is_counted_as_one() -> None:
    watch = Watch()
    with watch.over([item(), item()]):
        pass
    with pytest.raises(ValueError, match="no"), watch.over([item()]):
        raise ValueError("no")
    figures = watch.figures()["deliver"]
    assert (figures.items, figures.failed, sum(figures.batches)) == (3, 1, 2)


def test_nothing_is_traced_unless_asked_for() -> None:
    import sys

    before = set(sys.modules)
    set_up_traces({})
    assert not any(name.startswith("opentelemetry") for name in set(sys.modules) - before)


def test_each_batch_is_a_span_where_traces_are_asked_for() -> None:
    from opentelemetry.sdk import trace as sdk
    from opentelemetry.sdk.trace import export
    from opentelemetry.sdk.trace.export import in_memory_span_exporter as memory

    from hub.cli.logs import trace_by
    from hub.dispatch.watch import WATCH

    exporter, provider = memory.InMemorySpanExporter(), sdk.TracerProvider()
    provider.add_span_processor(export.SimpleSpanProcessor(exporter))
    trace_by(provider)
    try:
        with WATCH.over([item()]):
            pass
    finally:
        WATCH.span = None
    (span,) = exporter.get_finished_spans()
    assert span.name == "hub.deliver"
    assert dict(span.attributes) == {"hub.stage": "deliver", "hub.lane": "out/x", "hub.subject": "d-1", "hub.items": 1}
