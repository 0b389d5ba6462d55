"""What `hub inspect` says of payloads that have no envelope, by the mappings at hand."""

from typing import Any

from hub.cli.library import open_library
from hub.cli.options import Options


def named(options: Options, data: bytes) -> dict[str, Any]:
    """Sender, type, version, .. of an XML or JSON payload; {} where no mapping here knows it."""
    if data.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] not in (b"{", b"["):
        from hub.cli import xml

        return xml.named(options, data)
    from hub.canonical.names import names_document
    from hub.errors import DataError
    from hub.syntax.json import read_json

    try:
        tree = read_json(data)
    except DataError:
        return {}  # what is wrong with it is among the findings
    if names_document(tree):
        return {"type": "canonical", "version": None}
    found = open_library(options).match_json(tree)
    if found is None:
        return {}
    *family, type = found.id.removeprefix("json/").split("/")
    return {"type": type, "version": "/".join(family) or None}
