"""The tables of the API: tokens, and the keys under which jobs were asked for."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, String, Table, UniqueConstraint

from gas.adapters.sql.schema import metadata

__all__ = ["api_token", "metadata", "request_key"]

api_token = Table(
    "api_token",
    metadata,
    Column("id", String, primary_key=True),
    Column("token_hash", String, nullable=False),
    Column("account_id", String, nullable=False),
    Column("name", String, nullable=False),
    Column("scopes", String, nullable=False),  # names, with spaces between
    Column("created_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Column("last_used_at", BigInteger),
    UniqueConstraint("token_hash", name="api_token_hash"),
    Index("api_token_of_account", "account_id", "id"),
    Index("api_token_expiry", "expires_at"),
)

request_key = Table(
    "request_key",
    metadata,
    Column("account_id", String, primary_key=True),
    Column("key_hash", String, primary_key=True),
    Column("upload_id", String, nullable=False),
    Column("made_at", BigInteger, nullable=False),
    Index("request_key_age", "made_at"),
    sqlite_with_rowid=False,
)
