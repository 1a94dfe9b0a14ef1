"""GET /orders/{id}: says how an order is doing: queued, or placed with all there is to know, or not there."""

import json
import os
import time
import uuid
from datetime import timezone

import psycopg2
from psycopg2 import errors

import database

SELECT_ORDER = "SELECT id, customer, items, amount_cents, status, created_at FROM orders WHERE id = %s"

# An order that is not stored yet waits in the queue, unless its id is older than what the queue keeps.
QUEUE_KEEPS_SECONDS = 345_600
TIME_VERSION = 7
CLOCKS_DIFFER_SECONDS = 5


def handler(event, context):
    started = time.perf_counter()
    order_id = read_uuid(event["pathParameters"]["id"])
    if order_id is None:
        return reply(400, {"message": "the id of an order is a UUID"})
    order = find(str(order_id))
    count_request("GetOrder", (time.perf_counter() - started) * 1000)
    if order is not None:
        return reply(200, order)
    if may_be_queued(order_id, time.time()):
        return reply(200, {"id": str(order_id), "status": "queued"}, {"retry-after": "1"})
    return reply(404, {"message": f"there is no order {order_id}"})


def may_be_queued(order_id, now):
    """Ids of orders are UUIDs of version 7, which begin with the milliseconds since 1970."""
    if order_id.version != TIME_VERSION:
        return False
    age = now - (order_id.int >> 80) / 1000
    return -CLOCKS_DIFFER_SECONDS <= age <= QUEUE_KEEPS_SECONDS


def find(order_id):
    try:
        row = select(order_id)
    except (psycopg2.OperationalError, psycopg2.InterfaceError):
        database.forget()  # a connection that broke while the environment slept: once more, with a new one
        row = select(order_id)
    if row is None:
        return None
    id_, customer, items, amount_cents, status, created_at = row
    return {
        "id": id_,
        "customer": customer,
        "items": items,
        "amount_cents": amount_cents,
        "status": status,
        "created_at": created_at.astimezone(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
    }


def select(order_id):
    with database.connection().cursor() as cursor:
        try:
            cursor.execute(SELECT_ORDER, (order_id,))
        except errors.UndefinedTable:  # no worker has started yet
            return None
        return cursor.fetchone()


def count_request(operation, milliseconds):
    metric = {
        "Namespace": os.environ["METRICS_NAMESPACE"],
        "Dimensions": [["Operation"]],
        "Metrics": [{"Name": "Requests", "Unit": "Count"}, {"Name": "Duration", "Unit": "Milliseconds"}],
    }
    line = {
        "_aws": {"Timestamp": int(time.time() * 1000), "CloudWatchMetrics": [metric]},
        "Operation": operation,
        "Requests": 1,
        "Duration": milliseconds,
    }
    print(json.dumps(line))


def read_uuid(text):
    try:
        value = uuid.UUID(text)
    except ValueError:
        return None
    return value if str(value) == text.lower() else None


def reply(status_code, body, headers=None):
    return {
        "statusCode": status_code,
        "headers": {"content-type": "application/json", **(headers or {})},
        "body": json.dumps(body),
    }
