"""Lets an old AWS SDK find the server.

botocore reads AWS_ENDPOINT_URL and AWS_ENDPOINT_URL_<SERVICE> by itself since 1.31; Debian 12 has 1.26, which would talk to the real
AWS. When the function imports botocore's session module and its botocore is that old, clients made without endpoint_url get the
endpoint of the environment, in the order that newer versions document. Newer versions are left alone. A function that never imports
botocore pays nothing.
"""

import importlib.abc
import importlib.machinery
import os
import sys

_MODULE = "botocore.session"
_READS_ENVIRONMENT_SINCE = (1, 31)


def endpoint_for(service_name, environment=os.environ):
    """The endpoint that the environment names for a service ("secretsmanager", "apigatewayv2"); None if it names none."""
    if environment.get("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "").lower() == "true":
        return None
    specific = "AWS_ENDPOINT_URL_" + service_name.upper().replace("-", "_").replace(" ", "_")
    return environment.get(specific) or environment.get("AWS_ENDPOINT_URL") or None


def _version(text):
    parts = []
    for part in text.split(".")[:2]:
        if not part.isdigit():
            break
        parts.append(int(part))
    return tuple(parts)


def _patch(module):
    import botocore

    if _version(botocore.__version__) >= _READS_ENVIRONMENT_SINCE:
        return
    create_client = module.Session.create_client

    def create_client_with_endpoint(self, service_name, *arguments, **named):
        # endpoint_url is the sixth positional parameter; boto3 and everybody else name it.
        if len(arguments) < 5 and named.get("endpoint_url") is None:
            named["endpoint_url"] = endpoint_for(service_name)
        return create_client(self, service_name, *arguments, **named)

    module.Session.create_client = create_client_with_endpoint


class _Loader(importlib.abc.Loader):
    """Runs the module's own loader, then patches what it made."""

    def __init__(self, loader):
        self._loader = loader

    def create_module(self, spec):
        return self._loader.create_module(spec)

    def exec_module(self, module):
        self._loader.exec_module(module)
        _patch(module)


class _Finder(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path, target=None):
        if name != _MODULE:
            return None
        sys.meta_path.remove(self)
        spec = importlib.machinery.PathFinder.find_spec(name, path, target)
        if spec is not None and spec.loader is not None:
            spec.loader = _Loader(spec.loader)
        return spec


def install():
    """Call once, before user code is imported. Does nothing where no endpoint is configured (on AWS itself)."""
    if any(name.startswith("AWS_ENDPOINT_URL") for name in os.environ):
        sys.meta_path.insert(0, _Finder())
