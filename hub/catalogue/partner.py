"""Codes of the area: partner. 40xx files an engineer wrote, 41xx who sent what, and whether they may."""

from hub.catalogue.row import Row

ROWS: tuple[Row, ...] = (
    Row(
        "HUB-4001",
        "The file is not TOML",
        "A partner.toml or hub.toml breaks the grammar of TOML, so nothing in it can be read.",
        "Correct the place the message names.",
        severity="reject",
    ),
    Row(
        "HUB-4002",
        "The key is unknown",
        "A table holds a key that nothing reads; most often a spelling mistake.",
        "Correct the key or take it out; docs/reference/files.md lists them all.",
        severity="reject",
    ),
    Row(
        "HUB-4003",
        "A key is missing",
        "A table lacks a key it cannot do without.",
        "Add the key.",
        severity="reject",
    ),
    Row(
        "HUB-4004",
        "The value is of the wrong type",
        "A key holds text where a list belongs, a number where text belongs, or the like.",
        "Write the value as the message shows.",
        severity="reject",
    ),
    Row(
        "HUB-4005",
        "The value is not one that can be used",
        "The type is right, but the value is not one of those the key takes, or contradicts another key.",
        "Write a value the message names.",
        severity="reject",
    ),
    Row(
        "HUB-4006",
        "Two partners share an identity on one connection",
        "An interchange from that identity could be either's, so it could not be identified.",
        "Add the group's identity behind a slash (ZZ:BIG/DIVISION7) or take the identity from one of them.",
        severity="reject",
    ),
    Row(
        "HUB-4007",
        "A secret stands in the file",
        "Passwords, tokens and keys are named in a partner's file and kept elsewhere.",
        'Write "secret:<name>" and keep the value in HUB_SECRET_<NAME> or in var/secrets/<name>.',
        severity="reject",
    ),
    Row(
        "HUB-4008",
        "The file names something that does not exist",
        "An account, a connection or a partner is named that no file defines.",
        "Correct the name, or add what it names.",
        severity="reject",
    ),
    Row(
        "HUB-4009",
        "The file leaves open which one is meant",
        "There are several accounts or connections and the file does not say which one.",
        "Name it.",
        severity="reject",
    ),
    Row(
        "HUB-4010",
        "There is no such secret",
        "A connection names a secret that neither the environment nor the secrets folder holds.",
        "Set the variable or write the file that the message names.",
        severity="reject",
    ),
    Row(
        "HUB-4011",
        "A secret's file can be read by others",
        "The file of a secret must be readable by its owner alone.",
        "Type the chmod that the message names.",
        severity="reject",
    ),
    Row(
        "HUB-4012",
        "There is no workspace",
        "A workspace is a folder with a hub.toml; neither this folder nor one above it has one.",
        "Change to the workspace, or name it with --workspace.",
        severity="reject",
    ),
    Row(
        "HUB-4013",
        "There is no such connector",
        "No file in connectors/ and no installed package offers a connector of that name.",
        "Correct the name, or add connectors/<name>.py.",
        severity="reject",
    ),
    Row(
        "HUB-4014",
        "The connector cannot be loaded",
        "The connector's Python file fails when it is loaded, or lacks Settings or Connector.",
        "Correct the file; hub.connector says what it must offer.",
        severity="reject",
    ),
    Row(
        "HUB-4101",
        "The connection is unknown",
        "A payload came by a connection that no partner's file defines (any more).",
        "Define the connection again, publish it, and replay the message.",
        severity="reject",
    ),
    Row(
        "HUB-4102",
        "The sender may not use this connection",
        "The envelope names a sender that is not on the connection's list: a spoofed or misdirected interchange, or an "
        "identity nobody entered. It is held as a security incident.",
        "Ask the partner by a known way whether it is theirs; if so, add the identity to partner.toml, publish it, "
        "and replay the message.",
        severity="reject",
    ),
    Row(
        "HUB-4103",
        "The receiver is not the connection's account",
        "The envelope names a receiver that is not an identity of the account the connection belongs to.",
        "Ask the partner for whom it is; if it is ours, add the identity to hub.toml, publish it, "
        "and replay the message.",
        severity="reject",
    ),
    Row(
        "HUB-4104",
        "Test traffic came by a production connection",
        "The test indicator or a test identity is in the envelope, and the connection is for production.",
        "Ask the partner to send tests by the test connection, or to leave out the test indicator.",
        severity="reject",
    ),
    Row(
        "HUB-4105",
        "Production traffic came by a test connection",
        "The envelope says production, by its test indicator or identity, and the connection is for tests.",
        "Ask the partner to send it by the production connection.",
        severity="reject",
    ),
    Row(
        "HUB-4110",
        "There is no agreement for the message",
        "The partner is known, but its file has no agreement to receive this type and version.",
        "Add the agreement the message shows to partner.toml, publish it and replay the message, "
        "or tell the partner not to send it.",
        severity="reject",
    ),
)
