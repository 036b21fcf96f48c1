"""The database's clock, which all processes share; their own may differ."""

from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import DateTimeField, ExpressionWrapper
from django.db.models.functions import Now


def now() -> datetime:
    with connection.cursor() as cursor:
        cursor.execute("SELECT statement_timestamp()")
        moment: datetime = cursor.fetchone()[0]
        return moment


def after(seconds: float) -> Any:
    """`seconds` from now (negative: ago), as an expression that the database evaluates."""
    return ExpressionWrapper(Now() + timedelta(seconds=seconds), output_field=DateTimeField())


def text(moment: datetime) -> str:
    """ISO 8601 in UTC with milliseconds, as in all JSON of the studio."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
