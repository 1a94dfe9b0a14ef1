"""JSON in and out, as the Lambda Python runtime does it.

That runtime serialises with simplejson, whose differences from the standard json module are visible to users and kept here:
Decimals become numbers, named tuples objects, bytes inside a result text. The text is ASCII-only before Python 3.12.
"""

import json
import math
import os
import re
import sys

from .faults import Fault

_FIRST_UNICODE_VERSION = (3, 12)
_PLAIN = (str, int, float, bool, type(None))
_CONTAINERS = (dict, list, tuple)


def declared_version():
    """The Python version the function was created for; the interpreter at hand may be another one."""
    match = re.fullmatch(r"AWS_Lambda_python(\d+)\.(\d+)", os.environ.get("AWS_EXECUTION_ENV", ""))
    return (int(match[1]), int(match[2])) if match else sys.version_info[:2]


def _is_named_tuple(value):
    return isinstance(value, tuple) and callable(getattr(value, "_asdict", None))


def _has_named_tuple(value, path):
    """Whether a walk finds one. `path` holds the ids of the containers around: a cycle ends the walk, the encoder reports it."""
    if type(value) in _PLAIN or not isinstance(value, _CONTAINERS) or id(value) in path:
        return False
    if _is_named_tuple(value):
        return True
    path.add(id(value))
    try:
        items = value.values() if isinstance(value, dict) else value
        return any(_has_named_tuple(item, path) for item in items if type(item) not in _PLAIN)
    finally:
        path.discard(id(value))


def _without_named_tuples(value):
    if _is_named_tuple(value):
        value = value._asdict()
    if isinstance(value, dict):
        return {key: _without_named_tuples(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_without_named_tuples(item) for item in value]
    return value


class Encoder:
    def __init__(self):
        self._ascii = declared_version() < _FIRST_UNICODE_VERSION
        # The C encoder cannot emit raw numbers: Decimals leave as marked strings and are unquoted afterwards. The mark is a
        # random text, so that no result contains it by chance or design.
        self._mark = "surgetank-decimal-" + os.urandom(16).hex() + ":"
        self._saw_decimal = False
        self._encode = json.JSONEncoder(ensure_ascii=self._ascii, default=self._default).encode

    def _default(self, value):
        decimal = sys.modules.get("decimal")  # a Decimal can only exist if someone has imported it
        if decimal is not None and isinstance(value, decimal.Decimal):
            if value.is_nan():
                return math.nan
            self._saw_decimal = True
            return self._mark + str(value)
        if isinstance(value, bytes):
            return str(value, "utf-8")
        raise TypeError("Object of type %s is not JSON serializable" % type(value).__name__)

    def encode(self, value):
        """-> bytes. Raises what the value makes the encoder raise."""
        self._saw_decimal = False
        try:
            if _has_named_tuple(value, set()):
                value = _without_named_tuples(value)
        except RecursionError:
            pass  # the encoder will say so
        text = self._encode(value)
        if self._saw_decimal:
            text = re.sub('"%s([^"]*)"' % self._mark, r"\1", text)
        return text.encode("utf-8")


def parse_event(body, content_type):
    if content_type not in (None, "application/json"):
        return bytes(body)
    try:
        return json.loads(body)
    except Exception as error:
        raise Fault("Runtime.UnmarshalError", "Unable to unmarshal input: %s" % error) from error


def serialize_result(encoder, result):
    """-> (bytes, content type)"""
    if isinstance(result, bytes):
        return result, "application/unknown"
    try:
        return encoder.encode(result), "application/json"
    except Exception as error:
        raise Fault("Runtime.MarshalError", "Unable to marshal response: %s" % error) from error
