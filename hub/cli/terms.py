"""What is agreed with a partner for the messages of a file: severities, guides and mappings."""

from collections.abc import Callable
from datetime import UTC, datetime

from hub.cli.check import Terms, TermsOf
from hub.cli.library import open_library
from hub.cli.options import Options
from hub.cli.output import complain
from hub.cli.read import TECHNICAL
from hub.errors import UsageError
from hub.partner import Agreement
from hub.syntax.model import Interchange, MessageSpan
from hub.workspace import open_workspace


def terms_with(options: Options, partner: str | None, guide: str | None) -> TermsOf:
    """What is agreed with the partner for each message, and the guide named, which wins over the agreement's.

    UsageError: no such partner. ConfigError: no such guide, or it is faulty.
    """
    library = open_library(options)
    named = library.guide(guide) if guide else None
    agreement_of = _agreement_of(options, partner) if partner else None

    def terms(interchange: Interchange, span: MessageSpan) -> Terms:
        agreement = agreement_of(interchange, span) if agreement_of else None
        if agreement is None:
            return Terms(guide=named)
        agreed = library.guide(agreement.guide) if agreement.guide else None
        return Terms(agreement.severities, named or agreed, agreement.mapping)

    return terms


def _agreement_of(options: Options, partner: str) -> Callable[[Interchange, MessageSpan], Agreement | None]:
    """Finds the agreement each message from the partner comes under: that of the message's environment, else of the
    other, because samples are often test files. Once for each type that none is for a sentence says so. UsageError: no
    such partner."""
    partners = open_workspace(options.workspace).partners()
    if partner not in partners:
        known = ", ".join(one.id for one in partners)
        raise UsageError("HUB-4008", f'There is no partner "{partner}" in this workspace. There are: {known}.')
    now = datetime.now(UTC)

    missed: set[str] = set()

    def agreement_of(interchange: Interchange, span: MessageSpan) -> Agreement | None:
        message = (interchange.standard, span.type, span.version, span.association)
        for environment in ("test", "production") if interchange.test else ("production", "test"):
            for account in partners.accounts():
                agreement = partners.agreement_in(partner, account.id, environment, *message, now=now)
                if agreement is not None:
                    return agreement
        name = "/".join(part for part in (interchange.standard, span.version, span.type) if part)
        if name not in missed and span.type not in TECHNICAL:
            missed.add(name)
            complain(f"{partner} has no agreement in force to receive {name}; it is taken as anybody's.")
        return None

    return agreement_of
