"""XML and JSON made to open files and sockets, to grow, or to mean two things: each opens nothing and is refused or
read plainly.

A listening socket and a pipe stand where the payloads point: a connection would be seen, and whoever opened the pipe
would wait for ever. All of it runs in a process that may not grow by more than 200 MB.
"""

import codecs
import os
import resource
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from lxml import etree

from hub.cli.inspect import inspect_payload
from hub.errors import UnreadableError
from hub.syntax.json import read_json
from hub.syntax.xml import read_xml

GROWTH = 200 << 20
ENCODINGS = ("utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp037", "cp500")
BOMB = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
XSI = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'

XML = {
    "entity-file": ('<!DOCTYPE a [<!ENTITY x SYSTEM "file://{file}">]><a>&x;</a>', "HUB-1081"),
    "entity-path": ('<!DOCTYPE a [<!ENTITY x SYSTEM "{file}">]><a>&x;</a>', "HUB-1081"),
    "entity-http": ('<!DOCTYPE a [<!ENTITY x SYSTEM "{url}">]><a>&x;</a>', "HUB-1081"),
    "entity-public": ('<!DOCTYPE a [<!ENTITY x PUBLIC "-//A//B" "{url}">]><a>&x;</a>', "HUB-1081"),
    "entity-parameter-http": ('<!DOCTYPE a [<!ENTITY % x SYSTEM "{url}"> %x;]><a/>', "HUB-1081"),
    "entity-parameter-file": ('<!DOCTYPE a [<!ENTITY % x SYSTEM "file://{file}"> %x;]><a/>', "HUB-1081"),
    "entity-in-attribute": ('<!DOCTYPE a [<!ENTITY x "y">]><a b="&x;"/>', "HUB-1081"),
    "entity-unparsed": ('<!DOCTYPE a [<!NOTATION n SYSTEM "n"><!ENTITY x SYSTEM "{url}" NDATA n>]><a/>', "HUB-1081"),
    "entity-small-letters": ('<!doctype a [<!entity x SYSTEM "{url}">]><a>&x;</a>', "HUB-1080 HUB-1081"),
    "entity-bomb": (f'<!DOCTYPE a [<!ENTITY l0 "ha">{BOMB}]><a>&l9;</a>', "HUB-1081"),
    "entity-quadratic": ('<!DOCTYPE a [<!ENTITY x "' + "A" * 50_000 + '">]><a>' + "&x;" * 5000 + "</a>", "HUB-1081"),
    "entity-undeclared": ("<a>&x;</a>", "HUB-1080"),
    "entity-loop": ('<!DOCTYPE a [<!ENTITY x "&y;"><!ENTITY y "&x;">]><a>&x;</a>', "HUB-1081"),
    "dtd-http": ('<!DOCTYPE cXML SYSTEM "{url}"><cXML/>', ""),
    "dtd-public": ('<!DOCTYPE cXML PUBLIC "-//cXML" "{url}"><cXML/>', ""),
    "dtd-file": ('<!DOCTYPE cXML SYSTEM "file://{file}"><cXML/>', ""),
    "dtd-default-attribute": ('<!DOCTYPE a [<!ATTLIST a b CDATA "added">]><a/>', ""),
    "include-http": ('<a xmlns:i="http://www.w3.org/2001/XInclude"><i:include href="{url}"/></a>', ""),
    "include-file": ('<a xmlns:i="http://www.w3.org/2001/XInclude"><i:include href="{file}" parse="text"/></a>', ""),
    "schema-location": (f'<a {XSI} xsi:schemaLocation="urn:a {{url}}"/>', ""),
    "schema-no-namespace": (f'<a {XSI} xsi:noNamespaceSchemaLocation="file://{{file}}"/>', ""),
    "stylesheet": ('<?xml-stylesheet type="text/xsl" href="{url}"?><a/>', ""),
    "base": ('<a xml:base="{url}"><b href="../c"/></a>', ""),
    "depth": ("<a>" * 5000 + "</a>" * 5000, "HUB-1073"),
    "depth-unclosed": ("<a>" * 200_000, "HUB-1080 HUB-1073"),
    "attributes": ("<a " + " ".join(f'b{n}="1"' for n in range(50_000)) + "/>", ""),
    "attribute-twice": ('<a b="1" b="2"/>', "HUB-1080"),
    "names": ("<" + "a" * 200_000 + "/>", "HUB-1080"),
    "namespaces": ("<a " + " ".join(f'xmlns:n{n}="urn:{n}"' for n in range(5000)) + "/>", ""),
    "comment-bomb": ("<a>" + "<!---->" * 200_000 + "</a>", ""),
    "cdata": ("<a><![CDATA[" + "]] >" * 100_000 + "]]></a>", ""),
    "declared-utf-7": ('<?xml version="1.0" encoding="UTF-7"?>+ADw-a/+AD4-', "HUB-1080"),
    "entity-in-utf-7": (
        '<?xml version="1.0" encoding="UTF-7"?>' + '<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>'.encode("utf-7").decode(),
        "HUB-1081",
    ),
    "version-1.1": ('<?xml version="1.1"?><a>&#1;</a>', "HUB-1080"),
    "nul": ("<a>\x00</a>", "HUB-1080"),
}
JSON = {
    "depth-lists": ("[" * 100_000, "HUB-1073"),
    "depth-objects": ('{"a":' * 100_000, "HUB-1073"),
    "depth-mixed": ('[{"a":' * 50_000 + "1" + "}]" * 50_000, "HUB-1073"),
    "nan": ("[NaN]", "HUB-1072"),
    "infinity": ("[Infinity]", "HUB-1072"),
    "minus-infinity": ("[-Infinity]", "HUB-1072"),
    "name-twice": ('{"price": 1, "price": 2}', "HUB-1071"),
    "name-twice-escaped": ('{"price": 1, "\\u0070rice": 2}', "HUB-1071"),
    "proto-twice": ('{"__proto__": {}, "__proto__": {}}', "HUB-1071"),
    "digits": ("9" * 1_000_000, "HUB-1072"),
    "exponent": ("1e1000000", "HUB-1072"),
    "exponent-beyond-decimal": ("1e" + "9" * 30, "HUB-1072"),
    "exponent-small": ("1e-" + "9" * 30, "HUB-1072"),
    "fraction": ("0." + "1" * 1_000_000, "HUB-1072"),
    "leading-zero": ("[01]", "HUB-1070"),
    "plus": ("[+1]", "HUB-1070"),
    "hexadecimal": ("[0x1F]", "HUB-1070"),
    "comment": ("[1 /* one */]", "HUB-1070"),
    "trailing-comma": ("[1,]", "HUB-1070"),
    "half-character": ('["\\ud800"]', "HUB-1074"),
    "control-in-text": ('["\x01"]', "HUB-1070"),
    "nul": ('["\\u0000"]', ""),
    "many-names": ("{" + ",".join(f'"n{n}": {n}' for n in range(200_000)) + "}", ""),
    "long-text": ('"' + "a" * 20_000_000 + '"', ""),
    "escapes": ('"' + "\\u0041" * 500_000 + '"', ""),
    "two-values": ("{} {}", "HUB-1070"),
    "nothing": ("", "HUB-1070"),
}


def read_all(file: str, url: str) -> list[str]:
    """What came of each that should not have: its name and code."""
    wrong = []
    for name, (text, codes) in XML.items():
        payload = text.replace("{file}", file).replace("{url}", url).encode()
        code = ""
        try:
            written = etree.tostring(read_xml(payload))
            if b"added" in written:
                wrong.append(f"xml {name}: more is there than was sent")
        except UnreadableError as error:
            code = error.code
        if code not in codes.split() and code != codes:
            wrong.append(f"xml {name}: {code or 'read'} instead of {codes or 'read'}")
        list(inspect_payload(name, [payload]))
    for encoding in ENCODINGS:
        declared = f'<?xml version="1.0" encoding="{encoding}"?><!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>'
        try:
            read_xml(declared.encode(encoding))
            wrong.append(f"xml entity in {encoding}: read")
        except UnreadableError:
            pass
    for name, (text, codes) in JSON.items():
        code = ""
        try:
            read_json(text.encode())
        except UnreadableError as error:
            code = error.code
        if code != codes:
            wrong.append(f"json {name}: {code or 'read'} instead of {codes or 'read'}")
    return wrong


@pytest.mark.timeout(60)
def test_hostile_trees_open_nothing_and_stay_small(tmp_path: Path) -> None:
    pipe = tmp_path / "SECRET"
    os.mkfifo(pipe)
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        url = f"http://127.0.0.1:{server.getsockname()[1]}/SECRET.dtd"
        command = [sys.executable, "-m", "tests.malformed.test_hostile_trees", str(pipe), url]
        done = subprocess.run(command, capture_output=True, text=True, cwd=Path(__file__).parents[2], check=False)
        with pytest.raises(BlockingIOError):
            server.accept()
    assert (done.returncode, done.stdout.splitlines(), done.stderr) == (0, [], "")


def main(file: str, url: str) -> None:
    used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + GROWTH, used + GROWTH))
    opened: list[str] = []

    def watch(event: str, arguments: tuple[object, ...]) -> None:
        if event in ("open", "socket.connect", "socket.getaddrinfo", "subprocess.Popen"):
            opened.append(f"{event} {arguments[0]}")

    for codec in ("unicode_escape", "utf-7", *ENCODINGS):  # their modules are opened once
        codecs.lookup(codec)
    for warm in (b"<a/>", b"[1]"):
        list(inspect_payload("warm", [warm]))
    sys.addaudithook(watch)
    wrong = read_all(file, url)
    print("\n".join([*wrong, *opened]), end="")


if __name__ == "__main__":
    main(*sys.argv[1:])
