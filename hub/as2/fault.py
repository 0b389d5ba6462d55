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


class As2Error(DataError):
    """It cannot be taken. Whatever bytes come in, of this package only this comes out."""

    @property
    def modifier(self) -> str:
        """The modifier of the disposition (RFC 4130, 7.4.3 and 7.5)."""
        return MODIFIERS[self.code]
