"""What is wrong with a message or receipt that came by AS2, in the words of an MDN as well."""

from hub.errors import DataError

MODIFIERS = {
    "HUB-5050": "unexpected-processing-error",
    "HUB-5051": "insufficient-message-security",
    "HUB-5052": "authentication-failed",
    "HUB-5053": "integrity-check-failed",
    "HUB-5054": "decryption-failed",
    "HUB-5055": "decompression-failed",
    "HUB-5056": "unknown-trading-partner",
}

TOLD = {
    "unexpected-processing-error": "It is no AS2 message that can be read.",
    "insufficient-message-security": "It is not signed, not encrypted, or by an algorithm that we do not take.",
    "authentication-failed": "It is not signed with a certificate of yours that we know.",
    "integrity-check-failed": "Its content is not what was signed.",
    "decryption-failed": "It cannot be decrypted with our key.",
    "decompression-failed": "It cannot be unpacked.",
    "unknown-trading-partner": "Its AS2-From and AS2-To are not known here.",
}
"""What a sender is told. The details are for the people of the hub alone."""


class As2Error(DataError):
    """It cannot be taken. Whatever bytes come in, of this package only this comes out."""

    @property
    def modifier(self) -> str:
        """The modifier of the disposition (RFC 4130, 7.4.3 and 7.5)."""
        return MODIFIERS[self.code]
