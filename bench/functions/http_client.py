"""The official Python client's way of talking to the Runtime API, without its C++ core: http.client over one kept-alive TCP connection."""
import http.client
import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "python"))
from app import handler  # noqa: E402

connection = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])
base = "/2018-06-01/runtime/invocation/"
while True:
    connection.request("GET", base + "next")
    reply = connection.getresponse()
    event = json.loads(reply.read())
    result = json.dumps(handler(event, None))
    connection.request("POST", base + reply.headers["Lambda-Runtime-Aws-Request-Id"] + "/response", body=result)
    connection.getresponse().read()
