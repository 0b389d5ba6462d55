"""Codes of the stages: 42xx what they meet on the way."""

from hub.catalogue.row import Row

ROWS: tuple[Row, ...] = (
    Row(
        "HUB-4201",
        "no agreement to send",
        "A document should go to a partner, but no agreement in force says as what.",
        "Add an [[agreement]] send to the partner's file, then replay the message that caused it.",
    ),
    Row(
        "HUB-4202",
        "connection delivers nothing",
        "An agreement sends by a connection whose connector cannot deliver.",
        "Name a connection in the agreement that can.",
    ),
    Row(
        "HUB-4203",
        "control number used again",
        "An interchange of these identities with this control number came before, within 90 days.",
        "If it is new business, ask for a new control number; if it is a repeat, do nothing.",
        "reject",
        ta1="025",
        contrl="26",
    ),
    Row(
        "HUB-4204",
        "acknowledgement of something never sent",
        "A technical acknowledgement names a group or interchange that was never sent to this partner.",
        "Ask the partner what it refers to.",
    ),
    Row(
        "HUB-4205",
        "partner rejects what was sent",
        "A technical acknowledgement rejects a message of ours.",
        "Mend what its findings name, then reissue the message.",
    ),
    Row(
        "HUB-4206",
        "acknowledgement overdue",
        "A message was delivered, and its acknowledgement has not come in time.",
        "Ask the partner whether it arrived, then resend it or close this.",
        "warn",
    ),
    Row(
        "HUB-4207",
        "a value holds the character NUL",
        "NUL ends a text in many systems; what follows it would be lost there without a word.",
        "Ask the partner to send it again without that character.",
    ),
    Row(
        "HUB-4210",
        "obligation missed",
        "What a partner is owed, or owes us, did not come in its time.",
        "See what holds it up and send it, or ask the partner for it; or close the obligation with a reason.",
        "warn",
    ),
    Row(
        "HUB-4211",
        "silence",
        "What should come, or leave, at a cadence has not.",
        "Ask the partner what became of it, or look at the connection; it resolves when the next one comes.",
        "warn",
    ),
    Row(
        "HUB-4213",
        "not delivered in time",
        "The agreement gives a time by which what we send must be there, and it has passed.",
        "See what it waits for; tell the partner; then resend, reroute or cancel it.",
    ),
    Row(
        "HUB-4212",
        "acknowledgement owed",
        "An interchange that came in is not acknowledged within a day.",
        "See with `hub lane list` what keeps its messages from being checked.",
        "warn",
    ),
    Row(
        "HUB-4214",
        "refused by the partner's receipt",
        "The partner's system took what we delivered and refuses it by its own receipt, or that is for other bytes.",
        "Read what the receipt says (the message's page has it); mend that or ask the partner, then resend.",
        "reject",
    ),
    Row(
        "HUB-4215",
        "receipt overdue",
        "What we delivered was taken, and the partner's receipt (asynchronous MDN) did not come, asked again either.",
        "Ask whether it arrived and whether the partner's MDNs can reach us; then resend or confirm it.",
        "warn",
    ),
    Row(
        "HUB-4216",
        "request refused for security",
        "A request to a connection was refused: its token, signature, encryption, names, size or media type are not "
        "what was agreed.",
        "See what the incident says; compare certificates and secrets with the partner by phone, never by what the "
        "request brings.",
        "reject",
    ),
    Row(
        "HUB-4217",
        "request for nobody",
        "A request to the common address names two ends that no connection here has, or that more than one has.",
        "If it is a new partner, add the connection with these names; if not, ask who it is. Nothing of it is kept.",
        "reject",
    ),
    Row(
        "HUB-4218",
        "certificate ends",
        "A certificate or key of a connection has ended or ends within 30 days, and none that lasts stands beside it.",
        "Roll it over: add the new one second, agree with the partner, put it first, remove the old one.",
        "warn",
    ),
    Row(
        "HUB-4219",
        "connection not ready",
        "A request came to a connection whose secret, key or setting is not there; its sender was told to try later.",
        "Put what the incident names in its place, then close the incident; the sender tries again.",
    ),
    Row(
        "HUB-4220",
        "mailbox not collected",
        "Files have lain in a partner's mailbox for longer than it may take to collect them (`receipt_due`).",
        "Ask the partner whether its collection runs, and whether its login still works; it closes by itself.",
        "warn",
    ),
)
