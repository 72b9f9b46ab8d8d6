"""What the desk's handlers work with, and the bootstrap that builds it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from bot.channels.words import Words, load_words
from bot.desk.speech import Speech
from bot.desk.store import Store
from bot.gateway.messages import Message
from bot.gateway.templating import TEMPLATES, amount, day, dong, plain_name
from bot.mailbox import Mailbox
from bot.notifications.notifier import build_view
from bot.settings import Settings
from dossiers.view import LiveView
from procedures_catalog import CatalogStore
from procedures_catalog.centre import VIET_NAM, Centre

HERE = Path(__file__).parent
# Asks the engine; raises EngineError.
Ask = Callable[[Message], Awaitable[dict]]


@dataclass
class Desk:
    """One for a gateway. ``database``: its URL; ``ask``: the engine, for drafts; ``public_url``: what links
    begin with; ``view``: the centre's own database of dossiers, where the settings name one; ``fetch``: gets
    a file that somebody sent on Telegram, raises PlatformAway."""

    store: Store
    database: str
    centre: Centre
    catalog: CatalogStore
    ask: Ask
    words: Words
    centre_file: Path
    public_url: str | None = None
    view: LiveView | None = None
    fetch: Callable[[str], Awaitable[bytes]] | None = None
    today: Callable[[], date] = lambda: datetime.now(VIET_NAM).date()
    templates: Environment = field(default_factory=lambda: build_templates())
    # What its handlers opened; closed with the gateway.
    opened: ExitStack = field(default_factory=ExitStack)
    speech: Speech = field(init=False)

    def __post_init__(self) -> None:
        self.templates.globals.update(words=self.words, centre=self.centre)
        self.speech = Speech(self.words)


def build_desk(
    settings: Settings,
    mailbox: Mailbox,
    centre: Centre,
    catalog: CatalogStore,
    ask: Ask,
    today: Callable[[], date],
) -> Desk:
    """The desk of a gateway with these settings; nothing is opened yet."""
    return Desk(
        store=Store(mailbox),
        database=settings.database,
        centre=centre,
        catalog=catalog,
        ask=ask,
        words=load_words(centre, HERE / "words.yml"),
        centre_file=settings.centre,
        public_url=settings.public_url,
        view=build_view(settings),
        today=today,
    )


def build_templates() -> Environment:
    """The desk's templates; every value is escaped, a missing one is an error."""
    environment = Environment(
        loader=FileSystemLoader([HERE / "templates", TEMPLATES]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    # What is given to scripts keeps the order that the words have.
    environment.policies["json.dumps_kwargs"] = {"sort_keys": False, "ensure_ascii": False}
    environment.filters.update(amount=amount, day=day, dong=dong, moment=moment, plain_name=plain_name)
    return environment


def moment(seconds: float | None) -> str:
    """``8 giờ 05, 21/11/2026``; empty where there is none."""
    if seconds is None:
        return ""
    local = datetime.fromtimestamp(seconds, VIET_NAM)
    return f"{local.hour} giờ {local:%M, %d/%m/%Y}"
