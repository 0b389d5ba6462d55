"""Codes of the area: ours."""

from hub.catalogue.row import Row

ROWS: tuple[Row, ...] = (
    Row(
        code="HUB-9001",
        title="the hub failed on a message",
        meaning="A defect of the hub: the program met something in this message that it has no answer to.",
        fix="Report it with the sentence that comes with it; the message is kept, its neighbours flow.",
        severity="reject",
    ),
    Row(
        code="HUB-9002",
        title="a message takes too much time or memory",
        meaning="Parsing, checking or mapping the message was stopped at its limit, or its process died.",
        fix="Look at the message: its size and depth. Replay it after an upgrade if it is a right one.",
        severity="reject",
    ),
    Row(
        code="HUB-9101",
        title="a request is not signed in",
        meaning="The API was called without the hub's token, or with a wrong or an old one.",
        fix="Send the header Authorization: Bearer with the token, or open the page with /?token= and the token once.",
        severity="reject",
    ),
    Row(
        code="HUB-9102",
        title="a write by the page lacks its header",
        meaning="A request signed in by cookie must say X-Hub: 1, so that no other site can make a browser send it.",
        fix="Send the header X-Hub: 1, or sign in with Authorization: Bearer.",
        severity="reject",
    ),
    Row(
        code="HUB-9103",
        title="what was asked for does not exist",
        meaning="There is no such message, order or address here.",
        fix="Check the id; search for the business key instead.",
        severity="reject",
    ),
    Row(
        code="HUB-9104",
        title="a request cannot be understood",
        meaning="A parameter or the body of the request does not have the form the API describes.",
        fix="Read the sentence that comes with it, and /api/openapi.json.",
        severity="reject",
    ),
    Row(
        code="HUB-9105",
        title="a request is too large",
        meaning="The body of the request is larger than the hub takes over HTTP.",
        fix="Send it in parts, or over the SFTP mailbox.",
        severity="reject",
    ),
    Row(
        code="HUB-9106",
        title="the hub is not ready",
        meaning="The database cannot be reached, or its tables are older than this release.",
        fix="Start the database; run hub db upgrade.",
        severity="reject",
    ),
    Row(
        code="HUB-9107",
        title="the hub failed",
        meaning="Something happened that this release does not foresee.",
        fix="Look at the hub's log, and try again.",
        severity="reject",
    ),
    Row(
        code="HUB-9201",
        title="a file cannot be opened",
        meaning="The operating system refused to open or read a file named on the command line.",
        fix="Check the name and the permissions of the file; - is standard input.",
        severity="reject",
    ),
    Row(
        code="HUB-9202",
        title="a command was given what it cannot use",
        meaning="A file is readable but not of the kind the command needs, or an option's value does not fit.",
        fix="Read the sentence that comes with it, and the command's --help.",
        severity="reject",
    ),
    Row(
        code="HUB-9203",
        title="Logging or tracing is set up wrongly.",
        meaning="HUB_LOG is none of debug, info, warning, error; or tracing is asked for and not installed.",
        fix="Mend the environment variable that the message names.",
    ),
)
