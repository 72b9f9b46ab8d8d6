"""The desk in a Telegram forum group: a topic for each conversation, claimed by a button, answered there.

An option for teams who live in Telegram, beside ``/desk``: a case is the same one in both. Whoever is in
the group counts as a volunteer.
"""

from __future__ import annotations

from functools import partial

from bot.channels import Channels
from bot.desk.desk import Desk
from bot.desk.topics.group import Group
from bot.desk.topics.sender import TopicSender
from bot.desk.topics.upkeep import Upkeep
from bot.settings import Settings

__all__ = ["add_topics"]


def add_topics(settings: Settings, channels: Channels, desk: Desk) -> None:
    """Adds the group to the channels, when ``MOTCUA_TELEGRAM_DESK_CHAT`` names one."""
    telegram, chat = channels.telegram, settings.telegram_desk_chat
    if telegram is None or chat is None:
        return
    group = Group(chat, desk, telegram.bot, telegram.reception.courtesies)
    telegram.reception.group = group
    channels.closing.insert(0, partial(group.close))
    channels.senders.append(TopicSender(chat, desk, telegram.bot, channels.words))
    channels.background.append(partial(Upkeep(chat, desk, telegram.bot).run))
