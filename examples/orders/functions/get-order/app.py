"""GET /orders/{id}: answers one order. Written the simple way on purpose; README.md tells what that costs."""

import contextlib
import json
import os
import time
import uuid
from datetime import timezone

import boto3
import psycopg2
from psycopg2 import errors

# boto3 before 1.28 does not read AWS_ENDPOINT_URL by itself. Unset means the real AWS.
ENDPOINT_URL = os.environ.get("AWS_ENDPOINT_URL") or None
secrets = boto3.client("secretsmanager", endpoint_url=ENDPOINT_URL)
metrics = boto3.client("cloudwatch", endpoint_url=ENDPOINT_URL)

SELECT_ORDER = "SELECT id, customer, items, amount_cents, status, created_at FROM orders WHERE id = %s"


def handler(event, context):
    started = time.perf_counter()
    order_id = event["pathParameters"]["id"]
    if not is_uuid(order_id):
        return reply(400, {"message": "the id of an order is a UUID"})

    with contextlib.closing(connect()) as database:
        order = find(database, order_id)

    count_request("GetOrder", (time.perf_counter() - started) * 1000)
    if order is None:
        return reply(404, {"message": f"there is no order {order_id}"})
    return reply(200, order)


def connect():
    secret = secrets.get_secret_value(SecretId=os.environ["DATABASE_SECRET_ID"])
    credentials = json.loads(secret["SecretString"])
    return psycopg2.connect(
        host=os.environ["DATABASE_HOST"],
        port=os.environ["DATABASE_PORT"],
        dbname=os.environ["DATABASE_NAME"],
        user=credentials["username"],
        password=credentials["password"],
    )


def find(database, order_id):
    with database.cursor() as cursor:
        try:
            cursor.execute(SELECT_ORDER, (order_id,))
        except errors.UndefinedTable:  # nobody has ordered anything yet
            return None
        row = cursor.fetchone()
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


def count_request(operation, milliseconds):
    dimensions = [{"Name": "Operation", "Value": operation}]
    metrics.put_metric_data(
        Namespace=os.environ["METRICS_NAMESPACE"],
        MetricData=[
            {"MetricName": "Requests", "Dimensions": dimensions, "Unit": "Count", "Value": 1},
            {"MetricName": "Duration", "Dimensions": dimensions, "Unit": "Milliseconds", "Value": milliseconds},
        ],
    )


def is_uuid(text):
    try:
        return str(uuid.UUID(text)) == text.lower()
    except ValueError:
        return False


def reply(status_code, body):
    return {"statusCode": status_code, "headers": {"content-type": "application/json"}, "body": json.dumps(body)}
