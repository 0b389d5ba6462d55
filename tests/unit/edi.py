"""Small EDI payloads for tests, and the short way from bytes to messages."""

from hub.syntax import Message, cut, parse

ORDER = ["BEG*00*SA*PO1001**20260122", "PO1*1*10*EA*9.5**UP*012345678905", "CTT*1"]
ORDERS = ["BGM+220+PO1+9", "DTM+137:20260122:102", "LIN+1++4000862141404:EN", "QTY+21:5", "UNS+S"]


def x12(*messages: list[str], type: str = "850", version: str = "004010", ask: str = "0", group: str = "PO") -> bytes:
    """An interchange of messages, each given by its segments between ST and SE; the envelope around them is right."""
    body = []
    for number, segments in enumerate(messages, 1):
        lines = [f"ST*{type}*{number:04}", *segments, f"SE*{len(segments) + 2}*{number:04}"]
        body.append("~\n".join(lines))
    isa = "00501" if version >= "005010" else "00401"
    mark = "^" if version >= "005010" else "U"
    lines = [
        "ISA*00*          *00*          *ZZ*BLUEBIRD       *12*4015550100     *260122*1430"
        f"*{mark}*{isa}*000000905*{ask}*T*>",
        f"GS*{group}*BLUEBIRD*ACME*20260122*1430*77*X*{version}",
        *body,
        f"GE*{len(messages)}*77",
        "IEA*1*000000905",
    ]
    return ("~\n".join(lines) + "~\n").encode()


def edifact(*messages: list[str], type: str = "ORDERS", version: str = "D:96A", syntax: str = "UNOC:3") -> bytes:
    """An interchange of messages, each given by its segments between UNH and UNT."""
    body = []
    for number, segments in enumerate(messages, 1):
        lines = [f"UNH+{number}+{type}:{version}:UN", *segments, f"UNT+{len(segments) + 2}+{number}"]
        body.append("'\n".join(lines))
    lines = [
        f"UNB+{syntax}+4012345000009:14+4098765000004:14+260122:1430+REF77++++++1",
        *body,
        f"UNZ+{len(messages)}+REF77",
    ]
    return ("'\n".join(lines) + "'\n").encode()


def messages(payload: bytes) -> list[Message]:
    """Every message of a payload, parsed."""
    return [
        parse(payload[span.offset : span.offset + span.length], span, interchange)
        for interchange in cut(payload)
        for span in interchange.messages
    ]
