"""XML files on the command line: what they are, and whether they hold what their vocabulary allows."""

from typing import Any

from hub.cli.library import open_library
from hub.cli.options import Options
from hub.errors import Finding


def named(options: Options, data: bytes) -> dict[str, Any]:
    """What `hub inspect` says of an XML payload besides its root, by the mappings at hand; {} where none knows it."""
    from hub.mapping.recognise import recognise

    found = recognise(data, open_library(options))
    if found is None:
        return {}
    return {
        "sender": found.sender or None,
        "receiver": found.receiver or None,
        "control_number": found.control_number or None,
        "test": bool(found.test),
        "type": found.type,
        "version": f"{found.family}-{found.version}",
    }


def check_xml(options: Options, data: bytes) -> list[Finding] | None:
    """What is wrong with an XML payload by the content model of its mapping; None: no mapping here names one for it."""
    from hub.mapping.recognise import recognise
    from hub.schema.content_check import check_content

    library = open_library(options)
    found = recognise(data, library)
    xml = library.get(found.mapping).xml if found is not None else None
    if xml is None or xml.model is None:
        return None
    return check_content(xml.nodes(data), xml.model, data)
