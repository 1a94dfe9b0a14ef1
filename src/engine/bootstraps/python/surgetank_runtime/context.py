"""The second argument of a handler: attributes, methods and printed form of the Lambda context."""

import json
import os
import time

from .faults import Fault


def _shown(value, names):
    return "%s([%s])" % (type(value).__name__, ",".join("%s=%s" % (name, getattr(value, name)) for name in names))


class _Record:
    """An object with fixed attributes, filled from a dictionary."""

    __slots__ = ()

    def __init__(self, values):
        for name in self.__slots__:
            setattr(self, name, values.get(name))

    def __repr__(self):
        return _shown(self, self.__slots__)


class CognitoIdentity(_Record):
    __slots__ = ("cognito_identity_id", "cognito_identity_pool_id")


class Client(_Record):
    __slots__ = ("installation_id", "app_title", "app_version_name", "app_version_code", "app_package_name")


class ClientContext(_Record):
    __slots__ = ("custom", "env", "client")


def _parse(text, name):
    if not text:
        return None
    try:
        return json.loads(text)
    except Exception as error:
        raise Fault("Runtime.LambdaContextUnmarshalError", "Unable to parse %s JSON: %s" % (name, error)) from error


def fixed_fields():
    """The attributes that are the same for every invocation of a process."""
    return {
        "log_group_name": os.environ.get("AWS_LAMBDA_LOG_GROUP_NAME"),
        "log_stream_name": os.environ.get("AWS_LAMBDA_LOG_STREAM_NAME"),
        "function_name": os.environ.get("AWS_LAMBDA_FUNCTION_NAME"),
        "memory_limit_in_mb": os.environ.get("AWS_LAMBDA_FUNCTION_MEMORY_SIZE"),
        "function_version": os.environ.get("AWS_LAMBDA_FUNCTION_VERSION"),
    }


class LambdaContext:
    _SHOWN = (
        "aws_request_id",
        "log_group_name",
        "log_stream_name",
        "function_name",
        "memory_limit_in_mb",
        "function_version",
        "invoked_function_arn",
        "client_context",
        "identity",
        "tenant_id",
    )

    def __init__(self, headers, fixed, log):
        """fixed: what fixed_fields() returned; log(text): writes one event."""
        self.__dict__.update(fixed)
        self.aws_request_id = headers.get("lambda-runtime-aws-request-id")
        self.invoked_function_arn = headers.get("lambda-runtime-invoked-function-arn")
        self.tenant_id = headers.get("lambda-runtime-aws-tenant-id")

        client = _parse(headers.get("lambda-runtime-client-context"), "Client Context")
        self.client_context = None if client is None else ClientContext(client)
        if client is not None and self.client_context.client is not None:
            self.client_context.client = Client(self.client_context.client)

        identity = _parse(headers.get("lambda-runtime-cognito-identity"), "Cognito Identity") or {}
        self.identity = CognitoIdentity(
            {
                "cognito_identity_id": identity.get("cognitoIdentityId"),
                "cognito_identity_pool_id": identity.get("cognitoIdentityPoolId"),
            }
        )
        self._deadline_ms = int(headers.get("lambda-runtime-deadline-ms") or 0)
        self._log = log

    def get_remaining_time_in_millis(self):
        return max(0, self._deadline_ms - int(time.time() * 1000))

    def log(self, message):
        self._log(str(message))

    def __repr__(self):
        return _shown(self, self._SHOWN)
