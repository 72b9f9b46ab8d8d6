"""The mailbox: messages and replies in the database, so that nothing is lost whatever is killed.

A channel keeps each message with :meth:`Mailbox.accept` before it tells its platform that we have it;
:class:`Workers` have it answered; a :class:`Postman` per channel sends the replies. See docs/mailbox.md.
"""

from __future__ import annotations

from bot.mailbox.burst import Rhythm
from bot.mailbox.errors import Refused, Retry, SendError
from bot.mailbox.mailbox import Mailbox, check_conversation
from bot.mailbox.metrics import Metrics
from bot.mailbox.model import Accepted, Answer, Conversation, Entry, Letter, Outcome, Reply, Sent, Turn
from bot.mailbox.pace import Limits
from bot.mailbox.senders import Postman, Sender
from bot.mailbox.words import Notices, load_notices, notice
from bot.mailbox.workers import Respond, Workers

__all__ = [
    "Accepted",
    "Answer",
    "Conversation",
    "Entry",
    "Letter",
    "Limits",
    "Mailbox",
    "Metrics",
    "Notices",
    "Outcome",
    "Postman",
    "Refused",
    "Reply",
    "Respond",
    "Retry",
    "Rhythm",
    "SendError",
    "Sender",
    "Sent",
    "Turn",
    "Workers",
    "check_conversation",
    "load_notices",
    "notice",
]
