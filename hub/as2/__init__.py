"""AS2 (RFC 4130) as pure functions: messages and receipts made and read, with their signatures and encryption.

No network, no clock, no randomness of its own: the time and a source of random bytes are passed in.
"""

from hub.as2.fault import As2Error
from hub.as2.keys import (
    Key,
    describe,
    encryption_certificate,
    ending_soon,
    read_certificates,
    read_key,
    signing_key,
)
from hub.as2.message import (
    Heading,
    Made,
    Opened,
    Protection,
    Rules,
    Wanted,
    make,
    normal_mic,
    open_message,
    quote_name,
    read_heading,
    unquote_name,
)
from hub.as2.receipt import Receipt, is_receipt, make_receipt, read_receipt

__all__ = [
    "As2Error",
    "Heading",
    "Key",
    "Made",
    "Opened",
    "Protection",
    "Receipt",
    "Rules",
    "Wanted",
    "describe",
    "encryption_certificate",
    "ending_soon",
    "is_receipt",
    "make",
    "make_receipt",
    "normal_mic",
    "open_message",
    "quote_name",
    "read_certificates",
    "read_heading",
    "read_key",
    "read_receipt",
    "signing_key",
    "unquote_name",
]
