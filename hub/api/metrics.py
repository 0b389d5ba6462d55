"""/metrics in Prometheus' text format (version 0.0.4): the database's figures, and this process's own by stage."""

from collections.abc import Iterable, Iterator

from fastapi import FastAPI, Response

from hub.api.answer import answers
from hub.api.context import Context
from hub.dispatch.watch import BOUNDS, WATCH, PartnerFigures, StageFigures
from hub.store.figures import HELP, Figure, figures

MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"


def add_metrics(app: FastAPI, context: Context) -> None:
    @app.get("/metrics", **answers(media_type="text/plain"))
    def metrics() -> Response:
        """Figures for Prometheus; it signs in with the token as a bearer token."""
        with context.database.read() as conn:
            found = figures(conn, context.clock.now())
        lines = [*_gauges(found), *_stages(WATCH.figures()), *_partners(WATCH.by_partner())]
        return Response("\n".join(lines) + "\n", media_type=MEDIA_TYPE)


def _gauges(found: Iterable[Figure]) -> Iterator[str]:
    by_name: dict[str, list[Figure]] = {name: [] for name in HELP}
    for one in found:
        by_name[one.name].append(one)
    for name, alike in by_name.items():
        yield from (f"# HELP {name} {HELP[name]}", f"# TYPE {name} gauge")
        yield from (f"{name}{_labels(one.labels)} {one.value:g}" for one in alike)


def _stages(stages: dict[str, StageFigures]) -> Iterator[str]:
    name = "hub_stage_seconds"
    yield from (f"# HELP {name} Time of a batch of work in this process.", f"# TYPE {name} histogram")
    for kind, one in stages.items():
        counts = zip((*(f"{bound:g}" for bound in BOUNDS), "+Inf"), one.batches, strict=True)
        total = 0
        for bound, count in counts:
            total += count
            yield f"{name}_bucket{_labels({'stage': kind, 'le': bound})} {total}"
        yield f"{name}_sum{_labels({'stage': kind})} {one.seconds:g}"
        yield f"{name}_count{_labels({'stage': kind})} {total}"
    for name, about, counted in (
        ("hub_stage_items_total", "Items of work done in this process.", "items"),
        ("hub_stage_failed_total", "Batches of work that failed in this process.", "failed"),
    ):
        yield from (f"# HELP {name} {about}", f"# TYPE {name} counter")
        for kind, one in stages.items():
            yield f"{name}{_labels({'stage': kind})} {getattr(one, counted)}"


def _partners(partners: dict[tuple[str, str], PartnerFigures]) -> Iterator[str]:
    for name, kind, about, counted in (
        ("hub_partner_stage_seconds_total", "counter", "Time of a stage's work for a partner here.", "seconds"),
        ("hub_partner_stage_items_total", "counter", "Items of a stage's work for a partner here.", "items"),
        ("hub_partner_stage_slowest_seconds", "gauge", "A stage's slowest batch for a partner here.", "slowest"),
    ):
        yield from (f"# HELP {name} {about}", f"# TYPE {name} {kind}")
        for (stage, partner), one in partners.items():
            yield f"{name}{_labels({'stage': stage, 'partner': partner})} {getattr(one, counted):g}"


def _labels(labels: dict[str, str]) -> str:
    if not labels:
        return ""
    return "{" + ",".join(f'{key}="{_escaped(value)}"' for key, value in labels.items()) + "}"


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace("\n", "\\n").replace('"', '\\"')
