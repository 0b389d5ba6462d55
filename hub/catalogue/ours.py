"""Codes of the area: ours."""

from hub.catalogue.row import Row

ROWS: tuple[Row, ...] = (
    Row(
        code="HUB-9001",
        title="a file cannot be opened",
        meaning="The operating system refused to open or read a file named on the command line.",
        fix="Check the name and the permissions of the file; - is standard input.",
        severity="reject",
    ),
    Row(
        code="HUB-9002",
        title="a command was given what it cannot use",
        meaning="A file is readable but not of the kind the command needs, or an option's value does not fit.",
        fix="Read the sentence that comes with it, and the command's --help.",
        severity="reject",
    ),
)
