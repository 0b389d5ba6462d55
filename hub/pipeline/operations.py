"""What a person does with a message. Each is one transaction: the change, its event, its audit entry."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import Connection as Transaction

from hub.errors import UsageError
from hub.pipeline import again, correct, erase, halt
from hub.pipeline.context import Context
from hub.pipeline.task import Task, statuses
from hub.store import audit, chain, obligations
from hub.store.browse import MessageRow

Made = Mapping[str, Any]


class Action(NamedTuple):
    """effect: what it does, for whoever is about to do it. needs_reason: it is refused without one."""

    run: Callable[[Task], Made]
    effect: str
    needs_reason: bool = True


ACTIONS: dict[str, Action] = {
    "resend": Action(
        again.resend,
        "The same bytes go out again, with the same control numbers. A partner that knows them already may refuse them "
        "as a repeat.",
        False,
    ),
    "retry": Action(
        again.retry,
        "It is tried at once and not at its next time, even where its connection is left alone after failures. It goes "
        "under the same name, so nothing is sent twice.",
        False,
    ),
    "reissue": Action(
        again.reissue,
        "The same message goes out in a new envelope with new control numbers. A partner that has it already receives "
        "it twice.",
        False,
    ),
    "replay": Action(
        again.replay,
        "The message is derived again with today's mapping and partner files, or those of a chosen revision. What it "
        "caused before is not caused twice.",
        False,
    ),
    "hold": Action(
        halt.hold, "Nothing more is done with it until it is unheld; messages of one interchange wait together."
    ),
    "unhold": Action(
        again.unhold, "It goes on: what came in is derived again, what goes out is written or sent.", False
    ),
    "cancel": Action(halt.cancel, "It is never sent; messages of one interchange are cancelled together."),
    "reroute": Action(halt.reroute, "The same bytes go by another connection; by the old one they are cancelled."),
    "confirm": Action(halt.confirm, "It counts as delivered and acknowledged, because the partner said so."),
    "edit": Action(
        correct.edit,
        "The corrected one becomes a message of its own, is checked and goes on; of the original, which is kept, "
        "nothing more is to come.",
    ),
    "erase": Action(
        erase.erase,
        "Its bytes, its document and its search keys are overwritten for good. Digests and the audit log stay.",
    ),
    "ignore": Action(halt.ignore, "Nothing more is to come of it: it is no problem any more."),
}
"""By name. The words are those of the command line and of the API."""


class Done(msgspec.Struct, frozen=True, kw_only=True):
    """What came of an operation. before, after: the message's statuses. made: what else there is now, by name."""

    action: str
    message: str
    what: str
    effect: str
    before: dict[str, Any]
    after: dict[str, Any]
    made: dict[str, Any]
    dry_run: bool = False


class _RevertError(Exception):
    """Takes a dry run back."""


class Operations:
    """UsageError, of all of them: there is no such message, or this cannot be done with it; says what can."""

    def __init__(self, context: Context) -> None:
        self.context = context

    def act(
        self,
        action: str,
        message_id: str,
        actor: str,
        reason: str = "",
        options: Mapping[str, Any] | None = None,
        *,
        dry_run: bool = False,
    ) -> Done:
        """Do it, in a transaction of its own. dry_run: do it, say what came of it, and take it back."""
        done: Done | None = None
        try:
            with self.context.database.begin() as conn:
                done = self.act_in(conn, action, message_id, actor, reason, options)
                if dry_run:
                    raise _RevertError
        except _RevertError:
            done = msgspec.structs.replace(done, dry_run=True) if done else done
        if done is None:
            raise AssertionError("the transaction ended without a result")
        return done

    def act_in(
        self,
        conn: Transaction,
        action: str,
        message_id: str,
        actor: str,
        reason: str = "",
        options: Mapping[str, Any] | None = None,
    ) -> Done:
        """Do it in the caller's transaction, which has taken no lock yet but that of the audit log."""
        chosen = checked(action, reason)
        audit.lock_audit(conn)
        row = chain.find_message(conn, message_id)
        if row is None:
            raise UsageError("HUB-6024", f"There is no message {message_id}; hub message list shows what there is.")
        if row["erased_at"] is not None:
            text = f"Message {message_id} was erased on {row['erased_at']:%Y-%m-%d}: nothing is left to work with."
            raise UsageError("HUB-6029", text)
        task = Task(conn, self.context, row, actor, reason.strip(), options or {})
        made = dict(chosen.run(task))
        obligations.reviewed(conn, self.context.now(), message_id, actor)
        before, after = statuses(row), statuses(chain.get_message(conn, message_id))
        changed = {name for name in before if before[name] != after[name]} - {"hold_reason"}  # it may quote content
        audit.append(
            conn,
            self.context.now(),
            actor=actor,
            action=action,
            subject_type="message",
            subject_id=message_id,
            reason=task.reason,
            before={name: before[name] for name in before if name in changed},
            after={**{name: after[name] for name in after if name in changed}, **made},
        )
        return Done(
            action=action,
            message=message_id,
            what=task.what,
            effect=chosen.effect,
            before=before,
            after=after,
            made=made,
        )

    def resend(self, message_id: str, actor: str, reason: str = "") -> Made:
        """The same bytes again: the partner sees the same control numbers."""
        return self.act("resend", message_id, actor, reason).made

    def reissue(self, message_id: str, actor: str, reason: str = "") -> Made:
        """The same document as a new message, in a new envelope with new control numbers."""
        return self.act("reissue", message_id, actor, reason).made

    def replay(self, message_id: str, actor: str, reason: str = "") -> Made:
        """Derives the message again with the revision in force."""
        return self.act("replay", message_id, actor, reason).made


def offered_for(row: MessageRow) -> list[str]:
    """The operations that make sense for a message as it stands, the most likely first."""
    if row.direction == "in":
        if row.validation == "pending":
            return []
        problem = row.validation in ("held", "rejected")
        return ["unhold" if row.validation == "held" else "replay", *(["edit", "ignore"] if problem else [])]
    by_delivery: dict[str, list[str]] = {
        "queued": ["retry", "hold", "cancel"] if row.size is not None else ["hold", "cancel"],
        "held": ["unhold", "cancel"],
        "failed": ["resend", "reissue", "reroute", "confirm", "cancel"],
        "in_doubt": ["retry", "confirm", "hold", "cancel"],
        "delivered": ["resend", "reissue", "reroute"],
        "cancelled": ["resend", "reissue", "reroute"] if row.size is not None else [],
    }
    found = by_delivery.get(row.delivery, [])
    if row.acknowledgement in ("rejected", "partially") and "reissue" in found:  # the same bytes would be refused again
        found = ["reissue", *(one for one in found if one != "reissue")]
    if row.acknowledgement in ("expected", "overdue") and row.delivery == "delivered":
        found = [*found, "confirm"]
    if row.acknowledgement in ("overdue", "rejected", "partially") and row.validation != "ignored":
        found = [*found, "ignore"]
    return found


def checked(action: str, reason: str) -> Action:
    """The action of that name. UsageError HUB-6028: there is none, or it needs a reason and has none."""
    chosen = ACTIONS.get(action)
    if chosen is None:
        raise UsageError("HUB-6028", f'Nothing is called "{action}"; these are: {", ".join(ACTIONS)}.')
    if chosen.needs_reason and not reason.strip():
        raise UsageError("HUB-6028", f"To {action} a message needs a reason: the audit log keeps it for whoever asks.")
    return chosen
