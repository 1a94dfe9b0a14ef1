"""The shapes in which a Python failure leaves the function: {errorMessage, errorType, requestId, stackTrace}."""

import os
import sys
import traceback

_PACKAGE = os.path.dirname(os.path.abspath(__file__)) + os.sep


class Fault(Exception):
    """A failure that the runtime itself names, with the types and texts AWS users know."""

    def __init__(self, fault_type, message, trace=None):
        super().__init__(message)
        self.fault_type = fault_type
        self.message = message
        self.trace = trace or []


def make_error(message, error_type, trace, request_id=""):
    return {"errorMessage": message, "errorType": error_type, "requestId": request_id, "stackTrace": trace}


def current_error(request_id=""):
    """The exception being handled, with the stack from the first frame of the user's code on."""
    error_type, value, tb = sys.exc_info()
    if error_type is Fault:
        return make_error(value.message, value.fault_type, value.trace, request_id)
    # Plain tuples: the lines that Python adds to mark columns are not part of Lambda's format.
    frames = [(frame.filename, frame.lineno, frame.name, frame.line) for frame in traceback.extract_tb(tb)]
    first = next((i for i, frame in enumerate(frames) if not frame[0].startswith(_PACKAGE)), 0)
    try:
        message = str(value)
    except Exception:
        message = "<unprintable %s object>" % error_type.__name__
    return make_error(message, error_type.__name__, traceback.format_list(frames[first:]), request_id)
