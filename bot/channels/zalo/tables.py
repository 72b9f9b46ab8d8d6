"""The table of Zalo's tokens: one row an app. Times are seconds since 1970."""

from __future__ import annotations

from sqlalchemy import Column, Double, Integer, MetaData, String, Table, Text

metadata = MetaData()

tokens = Table(
    "zalo_tokens",
    metadata,
    Column("app_id", String(40), primary_key=True),
    Column("access_token", Text, nullable=False),
    # Single use: whoever spends it commits what came for it before anything else.
    Column("refresh_token", Text, nullable=False),
    Column("obtained_at", Double, nullable=False),
    Column("expires_at", Double, nullable=False),
    # Digest of the pair in the settings that this row began with; another pair there replaces it.
    Column("settings_digest", String(64), nullable=False),
    # Who is refreshing, and how long that is believed.
    Column("lock_owner", String(32)),
    Column("lock_until", Double),
    # The last refresh that failed, in words; how often in a row.
    Column("failure", String(200)),
    Column("failed_at", Double),
    Column("failures", Integer, nullable=False),
)
