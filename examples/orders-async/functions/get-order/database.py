"""The connection of this environment: made with its first use, kept between invocations, made anew when it broke.

The secret is read with it, and so as rarely.
"""

import json
import os

import boto3
import psycopg2

# boto3 before 1.28 does not read AWS_ENDPOINT_URL by itself. Unset means the real AWS.
secrets = boto3.client("secretsmanager", endpoint_url=os.environ.get("AWS_ENDPOINT_URL") or None)

_connection = None


def connection():
    global _connection
    if _connection is None:
        _connection = connect()
    return _connection


def forget():
    global _connection
    broken, _connection = _connection, None
    if broken is not None:
        broken.close()


def connect():
    secret = secrets.get_secret_value(SecretId=os.environ["DATABASE_SECRET_ID"])
    credentials = json.loads(secret["SecretString"])
    made = psycopg2.connect(
        host=os.environ["DATABASE_HOST"],
        port=os.environ["DATABASE_PORT"],
        dbname=os.environ["DATABASE_NAME"],
        user=credentials["username"],
        password=credentials["password"],
        connect_timeout=3,
        options="-c statement_timeout=5000",
    )
    made.autocommit = True
    return made
