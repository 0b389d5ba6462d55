"""Requests of partners, taken by the connection they come to."""

from hub.store.tables import incident
from tests.hubs import Bench


def test_a_secret_of_ours_that_is_missing_is_told_to_us_and_not_to_the_sender(sqlite_bench: Bench) -> None:
    bench = sqlite_bench
    secret = bench.secrets.pop("HUB_SECRET_ROADRUNNER")
    assert bench.post(b"{}", "k-1") == (503, {"error": "it cannot be taken at the moment; send it again later"})
    (told,) = bench.rows(incident)
    assert (told["code"], told["subject_id"], told["security"]) == ("HUB-4219", "roadrunner/http", False)
    assert 'The secret "roadrunner" is nowhere' in told["message"]
    bench.secrets["HUB_SECRET_ROADRUNNER"] = secret
    assert bench.post(b"{}", "k-1")[0] == 200
