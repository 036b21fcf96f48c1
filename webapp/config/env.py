"""Typed readers for environment variables. A value that makes no sense stops the start with a sentence that says so.

Only settings.py calls them, each variable once.
"""

import os
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

YES = frozenset({"1", "true", "yes", "on"})
NO = frozenset({"0", "false", "no", "off"})


class BadEnvironment(SystemExit):
    """Ends the process with its sentence on standard error and no traceback, whatever was starting."""


def env_str(name: str, default: str = "", choices: Sequence[str] = ()) -> str:
    value = os.environ.get(name, "").strip() or default
    if choices and value not in choices:
        raise BadEnvironment(f"{name} is {value!r}; it must be one of {', '.join(choices)}.")
    return value


def env_int(name: str, default: int, least: int | None = None, most: int | None = None) -> int:
    text = env_str(name)
    if not text:
        return default
    try:
        value = int(text)
    except ValueError:
        raise BadEnvironment(f"{name} is {text!r}; it must be a whole number.") from None
    return int(_within(name, value, least, most))


def env_float(name: str, default: float, least: float | None = None, most: float | None = None) -> float:
    text = env_str(name)
    if not text:
        return default
    try:
        value = float(text)
    except ValueError:
        raise BadEnvironment(f"{name} is {text!r}; it must be a number.") from None
    if value != value:
        raise BadEnvironment(f"{name} is {text!r}; it must be a number.")
    return _within(name, value, least, most)


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
    """Comma-separated; blanks are dropped."""
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
    like = "s3://bucket/folder?endpoint=http://host:9000&region=eu-west-1"
    if url.scheme != "s3" or not url.netloc or url.fragment:
        raise BadEnvironment(f"{name} is {text!r}; it must look like {like}.")
    if "@" in url.netloc:
        raise BadEnvironment(f"{name} holds a key; keys go into AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.")
    asked = dict(parse_qsl(url.query, keep_blank_values=True))
    if unknown := sorted(asked.keys() - {"endpoint", "region"}):
        raise BadEnvironment(f"{name} says {unknown[0]!r}; after the ? it takes endpoint and region.")
    endpoint = asked.get("endpoint")
    if endpoint is not None and (urlsplit(endpoint).scheme not in ("http", "https") or not urlsplit(endpoint).netloc):
        raise BadEnvironment(f"{name} has the endpoint {endpoint!r}; it must begin with http:// or https://.")
    found = {"bucket_name": url.netloc, "location": url.path.strip("/"), "address": f"s3://{url.netloc}{url.path}"}
    named = {"endpoint_url": endpoint, "region_name": asked.get("region")}
    return found | {option: value for option, value in named.items() if value}


def env_secret(name: str) -> str:
    """The variable itself, or the text of the file that NAME_FILE names, as container secrets come."""
    value, file = env_str(name), env_str(f"{name}_FILE")
    if value and file:
        raise BadEnvironment(f"{name} and {name}_FILE are both set; keep one of them.")
    if not file:
        return value
    try:
        return Path(file).read_text().strip()
    except OSError as error:
        raise BadEnvironment(f"{name}_FILE is {file!r}, which cannot be read: {error.strerror}.") from None


def _within(name: str, value: float, least: float | None, most: float | None) -> float:
    if least is not None and value < least:
        raise BadEnvironment(f"{name} is {value}; it must be at least {least}.")
    if most is not None and value > most:
        raise BadEnvironment(f"{name} is {value}; it must be at most {most}.")
    return value
