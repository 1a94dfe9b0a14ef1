"""Stores the orders of a batch from the queue: one statement for all of them, over the one connection of this environment.

Orders that cannot be stored are named in the reply and come again; storing an order twice changes nothing, for a queue may
deliver twice.
"""

import base64
import gzip
import io
import json
import time

import psycopg2

import database
import metrics

INSERT_ORDERS = """
  INSERT INTO orders (id, customer, items, amount_cents, status)
  SELECT id, customer, items, amount_cents, 'placed'
  FROM jsonb_to_recordset(%s::jsonb) AS batch (id uuid, customer text, items jsonb, amount_cents bigint)
  ON CONFLICT (id) DO NOTHING"""

MAX_UNPACKED_BYTES = 4 * 1024 * 1024


def handler(event, context):
    started = time.perf_counter()
    failed = []
    orders = []
    for record in event["Records"]:
        try:
            orders.append((record["messageId"], unpack(record)))
        except (ValueError, KeyError, OSError, EOFError) as error:
            print(f"message {record['messageId']} is no order: {error}")
            failed.append(record["messageId"])
    if orders:
        store_all(orders, failed)
    metrics.count_batch("StoreOrders", len(event["Records"]) - len(failed), len(failed), (time.perf_counter() - started) * 1000)
    return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in failed]}


def unpack(record):
    text = record["body"]
    encoding = record["messageAttributes"].get("content-encoding", {}).get("stringValue")
    if encoding == "gzip":
        with gzip.GzipFile(fileobj=io.BytesIO(base64.b64decode(text, validate=True))) as packed:
            text = packed.read(MAX_UNPACKED_BYTES + 1)
        if len(text) > MAX_UNPACKED_BYTES:
            raise ValueError("it is too large")
    order = json.loads(text)
    return {name: order[name] for name in ("id", "customer", "items", "amount_cents")}


def store_all(orders, failed):
    """All at once; if the database refuses something in the batch, one by one, to find what it is."""
    try:
        return store(orders)
    except psycopg2.Error as error:
        print(f"a batch of {len(orders)} was refused: {error}")
    for each in orders:
        try:
            store([each])
        except psycopg2.Error as error:
            print(f"message {each[0]} was refused: {error}")
            failed.append(each[0])


def store(orders):
    try:
        with database.connection().cursor() as cursor:
            cursor.execute(INSERT_ORDERS, (json.dumps([order for _, order in orders]),))
    except (psycopg2.OperationalError, psycopg2.InterfaceError):
        database.forget()  # the connection broke or could not be made: the next try makes a new one
        raise
