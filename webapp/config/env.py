"""Typed readers of environment variables. An invalid value stops the start with a message.

Only settings.py calls them, once for each variable.
"""

import math
import os
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

YES = frozenset({"1", "true", "yes", "on"})
NO = frozenset({"0", "false", "no", "off"})


class BadEnvironment(SystemExit):
    """Ends the process with its message on standard error and without a traceback."""


def env_str(name: str, default: str = "", choices: Sequence[str] = ()) -> str:
    value = os.environ.get(name, "").strip() or default
    if choices and value not in choices:
        raise BadEnvironment(f"{name} is {value!r}; it must be one of {', '.join(choices)}.")
    return value


def env_int(name: str, default: int, minimum: int | None = None, maximum: int | None = None) -> int:
    text = env_str(name)
    if not text:
        return default
    try:
        value = int(text)
    except ValueError:
        raise BadEnvironment(f"{name} is {text!r}; it must be a whole number.") from None
    return int(_within(name, value, minimum, maximum))


def env_float(name: str, default: float, minimum: float | None = None, maximum: float | None = None) -> float:
    text = env_str(name)
    if not text:
        return default
    try:
        value = float(text)
    except ValueError:
        raise BadEnvironment(f"{name} is {text!r}; it must be a number.") from None
    if math.isnan(value):
        raise BadEnvironment(f"{name} is {text!r}; it must be a number.")
    return _within(name, value, minimum, maximum)


def env_bool(name: str, default: bool) -> bool:
    text = env_str(name).lower()
    if not text:
        return default
    if text in YES:
        return True
    if text in NO:
        return False
    raise BadEnvironment(f"{name} is {text!r}; it must be yes or no.")


def env_list(name: str, default: Sequence[str] = ()) -> list[str]:
    """Comma-separated values without surrounding spaces; empty ones are left out."""
    return [part.strip() for part in env_str(name).split(",") if part.strip()] or list(default)


def env_path(name: str, default: Path) -> Path:
    text = env_str(name)
    return Path(text).expanduser().resolve() if text else default


def env_bucket(name: str) -> dict[str, str] | None:
    """An object store, `s3://bucket/folder?endpoint=http://host:9000&region=eu-west-1`; None where it is unset."""
    text = env_str(name)
    if not text:
        return None
    url = urlsplit(text)
    example = "s3://bucket/folder?endpoint=http://host:9000&region=eu-west-1"
    if url.scheme != "s3" or not url.netloc or url.fragment:
        raise BadEnvironment(f"{name} is {text!r}; it must look like {example}.")
    if "@" in url.netloc:
        raise BadEnvironment(f"{name} holds a key; keys go into AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.")
    query = dict(parse_qsl(url.query, keep_blank_values=True))
    if unknown := sorted(query.keys() - {"endpoint", "region"}):
        raise BadEnvironment(f"{name} has the option {unknown[0]!r}; only endpoint and region may follow the ?.")
    endpoint = query.get("endpoint")
    if endpoint is not None and (urlsplit(endpoint).scheme not in ("http", "https") or not urlsplit(endpoint).netloc):
        raise BadEnvironment(f"{name} has the endpoint {endpoint!r}; it must begin with http:// or https://.")
    options = {"bucket_name": url.netloc, "location": url.path.strip("/"), "address": f"s3://{url.netloc}{url.path}"}
    optional = {"endpoint_url": endpoint, "region_name": query.get("region")}
    return options | {option: value for option, value in optional.items() if value}


def env_secret(name: str) -> str:
    """The variable's value, or the content of the file named by NAME_FILE, as for secrets of containers."""
    value, file = env_str(name), env_str(f"{name}_FILE")
    if value and file:
        raise BadEnvironment(f"{name} and {name}_FILE are both set; keep one of them.")
    if not file:
        return value
    try:
        return Path(file).read_text().strip()
    except OSError as error:
        raise BadEnvironment(f"{name}_FILE is {file!r}, which cannot be read: {error.strerror}.") from None


def _within(name: str, value: float, minimum: float | None, maximum: float | None) -> float:
    if minimum is not None and value < minimum:
        raise BadEnvironment(f"{name} is {value}; it must be at least {minimum}.")
    if maximum is not None and value > maximum:
        raise BadEnvironment(f"{name} is {value}; it must be at most {maximum}.")
    return value
