"""Codes of the area: store."""

from hub.catalogue.row import Row

ROWS: tuple[Row, ...] = (
    Row(
        code="HUB-6001",
        title="The database's address cannot be used.",
        meaning="Only a SQLite file (sqlite:///path) or a PostgreSQL database (postgresql://...) can hold the hub.",
        fix="Correct HUB_DATABASE or the database address in hub.toml.",
    ),
    Row(
        code="HUB-6002",
        title="The database file is on a network file system.",
        meaning="SQLite's locks do not hold on network file systems: two writers could destroy the file.",
        fix="Put the file on a local disk, or use PostgreSQL.",
    ),
    Row(
        code="HUB-6003",
        title="The SQLite library cannot keep this file safe.",
        meaning="The file is in WAL mode and this SQLite release can lose committed rows in that mode.",
        fix="Stop the other processes that have the file open, or install SQLite 3.51.3 or later (package pysqlite3).",
    ),
    Row(
        code="HUB-6004",
        title="The database's tables are not those of this release.",
        meaning="The database was made by another release of the hub.",
        fix="Run: hub db upgrade. A database of a newer release needs the newer release.",
    ),
    Row(
        code="HUB-6005",
        title="The payload is not in the store.",
        meaning="No payload has this id, or bytes of it are missing.",
        fix="Check the id; if the payload is listed, restore the database from its backup.",
    ),
    Row(
        code="HUB-6006",
        title="A write transaction was opened inside another one.",
        meaning="The hub's own code tried to write twice at once in one thread; the second would wait for the first.",
        fix="Report it with the log: this is a fault of the hub.",
    ),
    Row(
        code="HUB-6007",
        title="The work is not there.",
        meaning="No lane has this name, or no work that was set aside has this id; somebody may have been faster.",
        fix="List the lanes again: hub lane list.",
    ),
    Row(
        code="HUB-6010",
        title="Another worker has taken over the lane.",
        meaning="This worker was away for longer than its lease. What it did was not committed; the other one does it.",
        fix="Nothing. If it happens often, the machine stalls or its clock jumps.",
    ),
    Row(
        code="HUB-6011",
        title="Work was begun several times and never ended.",
        meaning="The process stopped each time while it ran this piece of work, which may be what stops it.",
        fix="Look at the message it belongs to and at the log of the worker, then resume the work or drop it.",
    ),
    Row(
        code="HUB-6012",
        title="Work failed.",
        meaning="An error came out of a stage that no stage knows how to answer.",
        fix="Read the error, mend its cause, then resume the work.",
    ),
    Row(
        code="HUB-6013",
        title="No worker knows this kind of work.",
        meaning="The work was written by another release of the hub, or a stage is not started.",
        fix="Start workers of the release that wrote it, then resume the work.",
    ),
    Row(
        code="HUB-6015",
        title="A partner's system does not answer.",
        meaning="Several tries in a row failed; all lanes of the connection wait and try again by themselves.",
        fix="Ask the partner, or test the connection: hub connection test.",
    ),
    Row(
        code="HUB-6016",
        title="The database does not take what is to be written.",
        meaning="It refused the same work several times in a row. The lane waits and tries again by itself.",
        fix="Read the error: a full disk, a file that cannot be written, a server that ends. Once mended, it goes on.",
    ),
    Row(
        code="HUB-6020",
        title="No revision is published.",
        meaning="Workers work by a published revision of mappings and partners, and the database holds none.",
        fix="Run hub publish in the workspace.",
    ),
    Row(
        code="HUB-6021",
        title="The code here differs from the revision's.",
        meaning="The revision in force was published with other Python code than this machine has.",
        fix="Install the same release and connectors here, or publish again from here.",
    ),
    Row(
        code="HUB-6022",
        title="No such revision.",
        meaning="None or several of the published revisions begin like that.",
        fix="hub publish --list shows them all.",
    ),
    Row(
        code="HUB-6023",
        title="That cannot be done with this message.",
        meaning="Its statuses do not allow it: what was delivered cannot be held, and what was never sent not resent.",
        fix="Choose what the sentence names.",
    ),
    Row(
        code="HUB-6024",
        title="No such message.",
        meaning="No message, or more than one, has an id like that.",
        fix="hub message list shows what there is.",
    ),
    Row(
        code="HUB-6025",
        title="No such filter.",
        meaning="The list cannot be filtered by that.",
        fix="Use problem, waiting, done, or a status field and value such as delivery:failed.",
    ),
    Row(
        code="HUB-6026",
        title="The workspace has faults and is not published.",
        meaning="A mapping, a partner's file or hub.toml is wrong; workers would meet it with partners' messages.",
        fix="Mend what is listed above it and publish again; hub partner check and hub mapping check list it too.",
        severity="reject",
    ),
    Row(
        code="HUB-6027",
        title="A worker is at it right now.",
        meaning="The message is being written, sent or routed at this moment, so it cannot be taken back.",
        fix="Look again in a moment; to stop a busy lane first, pause it: hub lane pause.",
    ),
    Row(
        code="HUB-6028",
        title="The operation lacks something, or there is none of that name.",
        meaning="An operation takes a reason where it cannot be undone, and some take an option.",
        fix="Give what the sentence names.",
    ),
    Row(
        code="HUB-6029",
        title="The message was erased.",
        meaning="Its bytes and its document were overwritten on purpose; only digests and the audit log are left.",
        fix="Nothing can be derived from it; ask the partner to send it again if it is still needed.",
    ),
    Row(
        code="HUB-6030",
        title="No such bulk operation.",
        meaning="No bulk operation has this id.",
        fix="hub bulk list shows them.",
    ),
    Row(
        code="HUB-6031",
        title="It is not there, or not in a state for that.",
        meaning="No open incident, or no unreadable payload, has an id like that; somebody may have been faster.",
        fix="Look again: hub incident list.",
    ),
    Row(
        code="HUB-6032",
        title="The backup cannot be made like that.",
        meaning="A backup never overwrites a file, and PostgreSQL is backed up by its own tools.",
        fix="Name a new file; for PostgreSQL see docs/how-to/back-up.md.",
    ),
    Row(
        code="HUB-6033",
        title="The bytes are not kept any longer.",
        meaning="They are older than [keep] allows; the archive has them, if hub.toml names one.",
        fix="Take them out of the archive file that the message names; they lie there under the payload's id.",
    ),
    Row(
        code="HUB-6034",
        title="There is no such open obligation.",
        meaning="It was met or closed already, or none has that id.",
        fix="See with `hub obligation list` what is open.",
    ),
    Row(
        code="HUB-6035",
        title="a text is too long for the store",
        meaning="A value in an envelope or a message is longer than any standard allows, and the database refuses it.",
        fix="Ask the sender what it means; have it shortened, then replay, or ignore it.",
    ),
    Row(
        code="HUB-6036",
        title="The archive cannot be written.",
        meaning="The folder that hub.toml names under [keep] is not there, is full, or belongs to somebody else. "
        "Nothing is taken out of the database until it can be written.",
        fix="Make room, or let the hub's user write there; workers try again within the hour, `hub retain` at once.",
    ),
)
