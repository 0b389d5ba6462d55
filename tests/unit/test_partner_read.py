"""partner.toml and hub.toml: five lines are enough, and every mistake is named at its line and column."""

from datetime import date, timedelta

import pytest

from hub.errors import ConfigError
from hub.partner import hub_faults, partner_faults, read_hub, read_partner

FILE = "partners/bluebird/partner.toml"
SHORT = """name = "Bluebird Stores"
role = "retailer"
identities = ["ZZ:BLUEBIRD"]
connection.mailbox = { connector = "mailbox", user = "bluebird", password = "secret:bluebird" }
agreement = [{ receive = "x12/004010/850" }]
"""


def test_five_lines_are_a_partner() -> None:
    partner = read_partner(SHORT, FILE)
    assert (partner.id, partner.name, partner.role) == ("bluebird", "Bluebird Stores", "retailer")
    assert partner.connection["mailbox"].settings == {"user": "bluebird", "password": "secret:bluebird"}
    assert partner.agreement[0].receive == "x12/004010/850"
    assert partner_faults(SHORT, FILE) == []


def test_everything_a_file_can_say_is_read() -> None:
    partner = read_partner(
        SHORT.split("agreement")[0]
        + """
[connection.test]
connector = "sftp"
environment = "test"
account = "north"
carries = ["europa"]
poll = "1m30s"
port = 2222

[[agreement]]
send = "x12/004010/856"
environment = "test"
connection = "test"
documents = ["ShipNotice", "*"]
mapping = "partners/bluebird/856"
expects = "message"
due = "4h"
order = "strict"
retry = ["0s", "1m"]
file_name = "{type}_{date}_{control_number}.edi"
options = { shape = "S O P I" }
separators = { segment = "~\\n", element = "|" }
severities = { "HUB-2027" = "error" }
identity = "ZZ:BLUEBIRD"
our_identity = "ZZ:US"
active_from = 2026-03-01
""",
        FILE,
    )
    agreement = partner.agreement[0]
    assert agreement.due == timedelta(hours=4)
    assert agreement.retry == [timedelta(), timedelta(minutes=1)]
    assert agreement.active_from == date(2026, 3, 1)
    assert agreement.severities == {"HUB-2027": "error"}
    assert partner.connection["test"].poll == timedelta(seconds=90)
    assert partner.connection["test"].settings == {"port": 2222}


def fault(text: str) -> ConfigError:
    """The first fault of a file; reading it raises the same."""
    found = partner_faults(text, FILE)
    assert found, "nothing was found"
    with pytest.raises(ConfigError) as caught:
        read_partner(text, FILE)
    assert str(caught.value) == str(found[0])
    return found[0]


HEAD = 'name = "B"\nrole = "retailer"\n'


@pytest.mark.parametrize(
    ("text", "code", "line", "column", "says"),
    [
        ('name = "B"\nrolle = "retailer"\n', "HUB-4002", 2, 1, 'did you mean "role"?'),
        ('name = "B"\n', "HUB-4003", 1, 1, 'the key "role" is missing at the top of the file'),
        ('name = "B"\nrole = "retailr"\n', "HUB-4005", 2, 8, 'did you mean "retailer"?'),
        ('name = 3\nrole = "retailer"\n', "HUB-4004", 1, 8, 'name is 3, expected text in quotes: "..."'),
        (HEAD + 'identities = "ZZ:B"\n', "HUB-4004", 3, 14, 'identities is "ZZ:B", expected a list'),
        (HEAD + 'identities = ["ZZ:A",\n  "BLUE"]\n', "HUB-4005", 4, 3, '"ZZ:BLUE"'),
        (HEAD + '[keep]\nsent = "2m"\n', "HUB-4005", 4, 8, "m is minutes"),
        (HEAD + 'zone = "Europe/Berln"\n', "HUB-4005", 3, 8, 'did you mean "Europe/Berlin"?'),
        (HEAD + "[connection.a]\nuser = 'x'\n", "HUB-4003", 3, 13, '"connector" is missing in connection.a'),
        (HEAD + "[connection.a]\nconnector='sftp'\npoll='1 minute'\n", "HUB-4005", 5, 6, "60s, 5m, 24h"),
        (HEAD + "[connection.a]\nconnector='sftp'\npassword='hunter2'\n", "HUB-4007", 5, 10, "HUB_SECRET_<NAME>"),
        (HEAD + "[connection.a]\nconnector='sftp'\npassword=1234\n", "HUB-4007", 5, 10, "HUB_SECRET_<NAME>"),
        (HEAD + "[connection.a]\nconnector='http'\nurl='https://u:hunter2@h/'\n", "HUB-4007", 5, 5, "connection.a.url"),
        (HEAD + "[connection.a]\nconnector='http'\nheaders={X-Api-Key='k'}\n", "HUB-4007", 5, 20, "headers.X-Api-Key"),
        (HEAD + "[connection.'A B']\nconnector='http'\n", "HUB-4005", 3, 13, "small letters"),
        (HEAD + "[[agreement]]\nsend='x12/*/856'\n", "HUB-4005", 4, 6, "needs its version"),
        (
            HEAD + "[connection.a]\nconnector='http'\ninbound={tokens=['t0k3n']}\n",
            "HUB-4007",
            5,
            18,
            "inbound.tokens 1",
        ),
        (HEAD + "[[agreement]]\nrecieve = 'x12/004010/850'\n", "HUB-4002", 4, 1, 'did you mean "receive"?'),
        (HEAD + "[[agreement]]\nreceive = 'x12/850'\n", "HUB-4005", 4, 11, "standard/version/type"),
        (HEAD + "[[agreement]]\nreceive = 'x21/004010/850'\n", "HUB-4005", 4, 11, "x12, edifact"),
        (HEAD + "[[agreement]]\nreceive = 'x12/004010/*'\n", "HUB-4005", 4, 11, "only the version may be *"),
        (HEAD + "[[agreement]]\nmapping = 'x'\n", "HUB-4005", 3, 1, "expected one of receive"),
        (HEAD + "[[agreement]]\nsend='x12/004010/856'\nexpects='grup'\n", "HUB-4005", 5, 9, 'did you mean "group"?'),
        (
            HEAD + "[[agreement]]\nreceive='x12/004010/850'\nexpects='group'\n",
            "HUB-4005",
            3,
            1,
            "expects has no meaning",
        ),
        (
            HEAD + "[[agreement]]\nsend='x12/004010/856'\nduplicate='hold'\n",
            "HUB-4005",
            3,
            1,
            "duplicate has no meaning",
        ),
        (HEAD + "[[agreement]]\nreceive='edifact/d96a/ORDERS'\nacknowledge='997'\n", "HUB-4005", 3, 1, "contrl, asked"),
        (HEAD + "[[agreement]]\nsend='json/acme/order'\nexpects='group'\n", "HUB-4005", 3, 1, "no technical"),
        (HEAD + "[[agreement]]\nsend='x12/004010/832'\n", "HUB-4005", 3, 1, 'documents = ["Order"]'),
        (HEAD + "[[agreement]]\nreceive='x12/4010/850'\n", "HUB-4005", 4, 9, "as GS08 writes it: 004010"),
        (HEAD + "[[agreement]]\nsend='x12/004010/856'\ndocuments=['ShipNotce']\n", "HUB-4005", 5, 12, '"ShipNotice"?'),
        (HEAD + "[[agreement]]\nsend='x12/004010/856'\nfile_name='a.edi'\n", "HUB-4005", 5, 11, "control_number"),
        (HEAD + "[[agreement]]\nsend='x12/004010/856'\nfile_name='{tpe}'\n", "HUB-4005", 5, 11, '"type"?'),
        (HEAD + "[[agreement]]\nsend='x12/004010/856'\nfile_name='../{control_number}'\n", "HUB-4005", 5, 11, "slash"),
        (HEAD + "[[agreement]]\nsend='x12/004010/856'\nretry=['0s','soon']\n", "HUB-4005", 5, 13, '"soon"'),
        (HEAD + "[[agreement]]\nreceive='x12/004010/850'\nseverities={'HUB-9'='warn'}\n", "HUB-4005", 5, 13, "no code"),
        (HEAD + "[[agreement]]\nreceive='x12/004010/850'\nactive_from='today'\n", "HUB-4004", 5, 13, "2026-03-01"),
        (HEAD + "[[agreement]]\nsend='x12/004010/856'\nseparators={elment='|'}\n", "HUB-4002", 5, 13, '"element"?'),
        (HEAD + "[[agreement]]\nsend='x12/004010/856'\nseparators={element='||'}\n", "HUB-4005", 5, 21, "1 character"),
    ],
)
def test_a_mistake_is_named_at_its_place(text: str, code: str, line: int, column: int, says: str) -> None:
    found = fault(text)
    assert (found.code, found.line, found.column) == (code, line, column), str(found)
    assert says in found.message
    assert str(found).startswith(f"{FILE}:{line}:{column}: {code} ")


def test_all_faults_of_a_file_are_found_in_its_order() -> None:
    text = HEAD + "zne = 'UTC'\n[[agreement]]\nreceive = 'x12/004010/850'\nduplicate = 'hld'\n"
    assert [(found.code, found.line) for found in partner_faults(text, FILE)] == [("HUB-4002", 3), ("HUB-4005", 6)]


def test_an_empty_hub_file_is_right() -> None:
    assert read_hub("").account == {}
    assert hub_faults("") == []


@pytest.mark.parametrize(
    ("text", "code", "line", "says"),
    [
        ("[acount.us]\nname = 'Us'\n", "HUB-4002", 1, 'did you mean "account"?'),
        ("[account.us]\nnme = 'Us'\n", "HUB-4002", 2, 'did you mean "name"?'),
        ("[account.us]\nname = 'Us'\ngs1_prefix = 'x'\n", "HUB-4005", 3, "gs1_prefix"),
        ("[[source]]\nitem = 'NW-*'\n", "HUB-4003", 1, '"from" is missing in source 1'),
        ("[[source]]\nfrm = 'harbor'\nfrom = 'harbor'\n", "HUB-4002", 2, 'did you mean "from"?'),
        ("[account.us]\nname='Us'\naddress={country='USA'}\n", "HUB-4005", 3, "at most 2"),
    ],
)
def test_a_mistake_in_hub_toml_is_named_at_its_place(text: str, code: str, line: int, says: str) -> None:
    found = hub_faults(text)[0]
    assert (found.code, found.line) == (code, line), str(found)
    assert says in found.message


def test_a_secret_is_never_repeated_in_the_message() -> None:
    for setting in ("password = 'canary'", "url = 'https://u:canary@h/'", "headers = { authorization = 'canary' }"):
        text = HEAD + f"[connection.a]\nconnector = 'http'\n{setting}\n"
        assert "canary" not in str(fault(text))


@pytest.mark.parametrize("folder", ["Blue Bird", "..", "-x", "é", "x" * 61])
def test_a_partners_folder_has_a_plain_name(folder: str) -> None:
    with pytest.raises(ConfigError, match="the partner's folder"):
        read_partner(SHORT, f"partners/{folder}/partner.toml")
