"""Settings of everything that faces people: the environment (``MOTCUA_…``) or ``.env``.

The environment wins over the file; an empty value counts as not set. ``.env.example`` documents
every setting.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from bot.errors import SettingsError

ROOT = Path(__file__).resolve().parent.parent
PREFIX = "MOTCUA_"


def _web_address(value: str) -> str:
    parts = urlsplit(value)
    try:
        good = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0 and " " not in value
    except ValueError:  # a port that is none
        good = False
    if not good:
        raise ValueError("must be an address such as https://example.vn")
    return value.rstrip("/")


def _database(value: str) -> str:
    if not re.match(r"(sqlite|postgres|postgresql)(\+\w+)?://\S", value):
        raise ValueError("must be sqlite:///path/to/file.db or postgresql://user:password@host/name")
    return value


def _split(value: object) -> object:
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


def _like(pattern: str, expected: str) -> AfterValidator:
    def check(value: str | SecretStr) -> str | SecretStr:
        if not re.fullmatch(pattern, value.get_secret_value() if isinstance(value, SecretStr) else value):
            raise ValueError(f"must be {expected}")
        return value

    return AfterValidator(check)


WebAddress = Annotated[str, AfterValidator(_web_address)]
Database = Annotated[str, AfterValidator(_database)]
Secret = Annotated[SecretStr, _like(r"[\w:.~+/=-]+", "one word as the platform shows it, without spaces")]
HookSecret = Annotated[SecretStr, _like(r"[A-Za-z0-9_-]{1,256}", "1 to 256 letters, digits, _ and -")]
Host = Annotated[str, _like(r"[\w.:-]+", "a host name or an address, such as 127.0.0.1")]
Digits = Annotated[str, _like(r"[0-9]+", "digits only")]
LongSecret = Annotated[
    SecretStr,
    _like(r"[\w.:~+/=-]{24,}", "at least 24 letters and digits, such as `openssl rand -hex 32` prints"),
]
ViewAddress = Annotated[
    SecretStr,
    _like(
        r"(sqlite|postgres|postgresql|mysql|mariadb|mssql)(\+\w+)?://\S+",
        "an address such as postgresql://reader:password@host/name (or mysql, mariadb, mssql, sqlite)",
    ),
]
LogLevel = Annotated[
    Literal["debug", "info", "warning", "error"],
    BeforeValidator(lambda value: value.lower() if isinstance(value, str) else value),
]


class Settings(BaseSettings):
    """One field a setting; ``MOTCUA_<FIELD>`` is its name outside."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_file_encoding="utf-8", env_ignore_empty=True, extra="ignore"
    )

    database_url: Database = "sqlite:///var/motcua.db"
    var: Path = Path("var")
    host: Host = "127.0.0.1"
    port: Annotated[int, Field(ge=1, le=65535)] = 8080
    public_url: WebAddress | None = None
    centre_file: Path = Path("centre.yml")
    engine_urls: Annotated[list[WebAddress], NoDecode, BeforeValidator(_split)] = []
    engine_secret: Secret | None = None
    actions_url: WebAddress | None = None
    log_level: LogLevel = "info"

    dossiers_token: LongSecret | None = None
    dossiers_folder: Path | None = None
    dossiers_mapping: Path | None = None
    dossiers_view_url: ViewAddress | None = None
    dossiers_view_mapping: Path | None = None

    zalo_app_id: Digits | None = None
    zalo_app_secret: Secret | None = None
    zalo_oa_secret: Secret | None = None
    zalo_access_token: Secret | None = None
    zalo_refresh_token: Secret | None = None
    zalo_template_id: Annotated[str, _like(r"\w{1,64}", "the number of an approved template")] | None = None
    zalo_api_url: WebAddress = "https://openapi.zalo.me"
    zalo_oauth_url: WebAddress = "https://oauth.zaloapp.com"

    telegram_token: Secret | None = None
    telegram_api_url: WebAddress = "https://api.telegram.org"
    telegram_mode: Literal["polling", "webhook"] = "polling"
    telegram_secret: HookSecret | None = None
    # A forum group of the volunteers; such numbers are negative.
    telegram_desk_chat: Annotated[int, Field(lt=0)] | None = None

    @model_validator(mode="after")
    def _webhook_needs_its_secret(self) -> Settings:
        if self.telegram_token and self.telegram_mode == "webhook" and self.telegram_secret is None:
            raise ValueError(f"{PREFIX}TELEGRAM_SECRET: must be set when MOTCUA_TELEGRAM_MODE is webhook")
        return self

    @model_validator(mode="after")
    def _view_needs_its_mapping(self) -> Settings:
        if (self.dossiers_view_url is None) != (self.dossiers_view_mapping is None):
            missing = "MAPPING" if self.dossiers_view_mapping is None else "URL"
            raise ValueError(f"{PREFIX}DOSSIERS_VIEW_{missing}: must be set too, a live view needs both")
        return self

    @property
    def database(self) -> str:
        """The database's URL as it is opened: the default lies below ``var``, wherever that is."""
        if "database_url" in self.model_fields_set:
            return absolute_sqlite(self.database_url)
        return f"sqlite:///{self.var.absolute()}/motcua.db"

    @property
    def centre(self) -> Path:
        """The centre's file; the one beside the program when the working directory has none."""
        here = self.centre_file.absolute()
        return here if here.exists() or self.centre_file.is_absolute() else ROOT / self.centre_file

    @property
    def learned(self) -> Path:
        """The file of what the centre's people asked and its leads approved; it need not be there."""
        return self.centre.parent / "centre" / "learned" / "questions.yml"

    def without_channels(self) -> Settings:
        """The same with neither Zalo nor Telegram: nothing is asked of a platform, nothing polled."""
        theirs = [name for name in type(self).model_fields if name.startswith(("zalo_", "telegram_"))]
        fields = type(self).model_fields
        return self.model_copy(update={name: fields[name].default for name in theirs})

    @property
    def address(self) -> str:
        """Where a browser on this machine finds the gateway."""
        return local_address(self.host, self.port)

    def environment(self) -> dict[str, str]:
        """Every setting as a child process is given it, with paths that hold in any directory."""
        values = {name: getattr(self, name) for name in type(self).model_fields}
        values.update(database_url=self.database, var=self.var.absolute(), centre_file=self.centre)
        for name in ("dossiers_folder", "dossiers_mapping", "dossiers_view_mapping"):
            values[name] = values[name] and values[name].absolute()
        return {PREFIX + name.upper(): _outside(value) for name, value in values.items()}


def _outside(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    return ",".join(value) if isinstance(value, list) else str(value)


def local_address(host: str, port: int) -> str:
    """``http://host:port`` for a client on this machine; a wildcard host becomes the loopback."""
    host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, host)
    return f"http://[{host}]:{port}" if ":" in host and not host.startswith("[") else f"http://{host}:{port}"


def absolute_sqlite(url: str) -> str:
    """``url`` with a relative SQLite path made absolute, so that every process opens the same file."""
    match = re.fullmatch(r"(sqlite(?:\+\w+)?:///)([^/:][^?]*)(\?.*)?", url)
    return f"{match[1]}{Path(match[2]).absolute()}{match[3] or ''}" if match else url


def sqlite_file(url: str) -> Path | None:
    """The file behind a SQLite URL; None for another database or one in memory."""
    match = re.fullmatch(r"sqlite(?:\+\w+)?:///([^?:][^?]*)(?:\?.*)?", url)
    return Path(match[1]) if match else None


def load_settings(env_file: Path | None = Path(".env"), **given: object) -> Settings:
    """The settings of this process; ``given`` (field names) wins over environment and file.

    Raises:
        SettingsError: one line that names each wrong setting and what is expected.
    """
    try:
        return Settings(_env_file=env_file, **given)  # type: ignore[call-arg]
    except ValidationError as error:
        raise SettingsError("; ".join(_fault(dict(fault)) for fault in error.errors())) from None
    except UnicodeDecodeError:
        raise SettingsError(f"{env_file}: must be UTF-8 text") from None
    except OSError as error:
        raise SettingsError(f"{env_file}: cannot be read ({error.strerror})") from None


def _fault(fault: dict) -> str:
    """One wrong setting in words; the value itself is left out where it may be a secret."""
    message = fault["msg"].removeprefix("Value error, ")
    if not fault["loc"]:
        return message
    name = str(fault["loc"][0])
    setting = name if name.startswith(PREFIX) else PREFIX + name.upper()
    annotation = str(Settings.model_fields[name].annotation) if name in Settings.model_fields else ""
    secret = "Secret" in annotation or name == "database_url"
    value = "" if secret else f" (it is {str(fault['input'])[:60]!r})"
    return f"{setting}: {message[:1].lower()}{message[1:]}{value}"
