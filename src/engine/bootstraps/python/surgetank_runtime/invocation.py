"""Loading the handler, and the life of invocations: event in, handler called, result or error out, next event."""

import importlib
import os
import sys

from . import log_output
from .context import LambdaContext, fixed_fields
from .faults import Fault, current_error
from .payload import parse_event, serialize_result
from .runtime_client import RuntimeApiError


def load_handler(name):
    """"pkg/module.handler" or "pkg.module.handler" -> the function. Raises Fault or what the module raises."""
    module_name, dot, function_name = name.rpartition(".")
    if not dot:
        # Python's own text for the failed unpacking, which is what AWS shows.
        raise Fault("Runtime.MalformedHandlerName", "Bad handler '%s': not enough values to unpack (expected 2, got 1)" % name)
    if module_name.split(".")[0] in sys.builtin_module_names:
        raise Fault("Runtime.BuiltInModuleConflict", "Cannot use built-in module %s as a handler module" % module_name)
    try:
        module = importlib.import_module(module_name.replace("/", "."))
    except ImportError as error:
        raise Fault("Runtime.ImportModuleError", "Unable to import module '%s': %s" % (module_name, error)) from error
    except SyntaxError as error:
        trace = ['  File "%s" Line %s\n    %s' % (error.filename, error.lineno, error.text)]
        raise Fault("Runtime.UserCodeSyntaxError", "Syntax error in module '%s': %s" % (module_name, error), trace) from error
    try:
        return getattr(module, function_name)
    except AttributeError:
        raise Fault("Runtime.HandlerNotFound", "Handler '%s' missing on module '%s'" % (function_name, module_name)) from None


class InvocationLoop:
    def __init__(self, client, output, encoder):
        self._client = client
        self._output = output
        self._encoder = encoder
        self._fixed_fields = fixed_fields()

    def run(self, handler_name):
        """Never returns: the process ends by SystemExit, or by an exception that no handler may swallow."""
        try:
            handler = load_handler(handler_name)
        except Exception:
            error = current_error()
            self._output.failure(error)
            self._client.fail_init(error["errorType"], self._encoder.encode(error))
            sys.exit(1)
        while True:
            self._invoke(handler, self._client.next())

    def _invoke(self, handler, event):
        headers = event.headers
        request_id = headers.get("lambda-runtime-aws-request-id")
        if not request_id:
            raise RuntimeApiError("the Runtime API sent an event without a request id")
        log_output.set_current_request(request_id, headers.get("lambda-runtime-aws-tenant-id"))
        trace = headers.get("lambda-runtime-trace-id")
        if trace:
            os.environ["_X_AMZN_TRACE_ID"] = trace
        else:
            os.environ.pop("_X_AMZN_TRACE_ID", None)
        error = None
        try:
            context = LambdaContext(headers, self._fixed_fields, self._output.event)
            result = handler(parse_event(event.body, headers.get("content-type")), context)
            body, content_type = serialize_result(self._encoder, result)
        except Exception:  # SystemExit and the like end the process, as on AWS
            error = current_error(request_id)
        if error is None:
            self._client.respond(request_id, body, content_type)
        else:
            self._output.failure(error)
            self._client.fail(request_id, error["errorType"], self._encoder.encode(error))
