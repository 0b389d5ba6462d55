"""Time zones by their IANA names."""

from zoneinfo import ZoneInfo, available_timezones

from hub.partner.suggest import suggestion


def zone_fault(name: str) -> str | None:
    """What is wrong with a zone's name, as a sentence's end; None: nothing."""
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        hint = suggestion(name, available_timezones())
        return f'found "{name}", expected an IANA time zone such as America/Chicago{hint}'
    return None
