"""Wires the runtime together; in zygote mode first waits to be told who to be."""

import os
import sys

from . import endpoint, log_output
from .invocation import InvocationLoop
from .payload import Encoder
from .runtime_client import RuntimeApiError, RuntimeClient, parse_target

EXIT_RUNTIME_API_FAILED = 1


def run_environment():
    """Runs the function described by os.environ. Never returns."""
    encoder = Encoder()
    output = log_output.install(encoder)
    root = os.environ.get("LAMBDA_TASK_ROOT") or os.getcwd()
    sys.path.insert(0, root)
    endpoint.install()
    try:
        target = parse_target(os.environ.pop("SURGETANK_RUNTIME_SOCKET", None), os.environ.get("AWS_LAMBDA_RUNTIME_API"))
        client = RuntimeClient(target, output.diagnostic)
        InvocationLoop(client, output, encoder).run(os.environ.get("_HANDLER", ""))
    except RuntimeApiError as error:
        output.diagnostic("LAMBDA_RUNTIME %s" % error)
        sys.exit(EXIT_RUNTIME_API_FAILED)


def main():
    zygote_fd = os.environ.pop("SURGETANK_ZYGOTE_FD", None)
    if zygote_fd is not None:
        from . import zygote

        zygote.serve(int(zygote_fd))  # returns in the children
    run_environment()
