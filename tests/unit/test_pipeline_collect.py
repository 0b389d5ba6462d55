"""Collecting: a worker that is told to end does not first fetch all there is."""

from hub.pipeline.collect import schedule_polls
from tests.hubs import Bench

CONNECTOR = '''
"""A shelf with five files."""

from collections.abc import Iterator, Sequence

from pydantic import BaseModel, ConfigDict

from hub.connector import RemoteFile, Secrets


class Settings(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Connector:
    def __init__(self, settings: Settings, secrets: Secrets) -> None:
        self.lying = [f"{number}.edi" for number in range(5)]
        self.fetched = lambda: None

    def list(self) -> Sequence[RemoteFile]:
        return [RemoteFile(name=name, token=name, size=3, identity=name) for name in self.lying]

    def fetch(self, file: RemoteFile) -> Iterator[bytes]:
        self.fetched()
        yield b"ISA"

    def done(self, file: RemoteFile) -> None:
        self.lying.remove(file.name)
'''


def test_a_worker_that_is_to_end_takes_no_more_files_and_the_next_one_goes_on_at_once(sqlite_bench: Bench) -> None:
    bench = sqlite_bench
    (bench.folder / "connectors" / "shelf.py").write_text(CONNECTOR)
    (bench.folder / "partners" / "shelf").mkdir()
    text = 'name = "Shelf"\nrole = "supplier"\nidentities = ["ZZ:SHELF"]\n[connection.shelf]\nconnector = "shelf"\n'
    (bench.folder / "partners" / "shelf" / "partner.toml").write_text(text)
    bench.publish()
    bench.hub.stop()
    bench.hub = bench.open()
    bench.worker = bench.hub.dispatcher("another")
    content = bench.hub.content()
    connector = content.connector(content.partners.connection("shelf/shelf"))
    connector.fetched = bench.worker.stop.set  # type: ignore[attr-defined]
    schedule_polls(bench.hub.context)
    assert bench.worker.step()
    assert len(bench.payloads()) == 1
    bench.worker.stop.clear()
    connector.fetched = lambda: None  # type: ignore[attr-defined]
    bench.run()
    assert len(bench.payloads()) == 5, "no time went by, so it did not wait for its next poll"
