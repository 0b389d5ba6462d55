"""AS2 (RFC 4130) as pure functions: messages and receipts made and read, with their signatures and encryption.

No network, no clock, no randomness of its own: the time and a source of random bytes are passed in.
"""

from hub.as2.fault import TOLD, As2Error
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
    read_heading,
)
from hub.as2.mime import entity
from hub.as2.names import domain_of, key_of, message_id_of, quote_name, unquote_name
from hub.as2.receipt import Receipt, is_receipt, make_receipt, read_receipt

__all__ = [
    "TOLD",
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
    "domain_of",
    "encryption_certificate",
    "ending_soon",
    "entity",
    "is_receipt",
    "key_of",
    "make",
    "make_receipt",
    "message_id_of",
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
