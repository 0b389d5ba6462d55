"""The hosted mailbox: an SFTP server whose folders are rows of the store."""

from hub.mailbox.login import MailboxUser
from hub.mailbox.server import MailboxServer
from hub.mailbox.uploads import Receive, Uploaded

__all__ = ["MailboxServer", "MailboxUser", "Receive", "Uploaded"]
