"""Databases: a real PostgreSQL made by boto3, used by psycopg2, over restarts and kills."""
import unittest

import psycopg2
from botocore.exceptions import ClientError

from harness import PATIENCE, Server, alive, command_lines, descendants, eventually

PASSWORD = "a-password-of-the-test"


class Database(unittest.TestCase):
    def test_a_database_lives_through_restarts_and_kills_and_ends_when_deleted(self):
        with Server() as server:
            made = self.create(server)
            self.assertEqual(("creating", "postgres"), (made["DBInstanceStatus"], made["Engine"]))
            with self.connected(server) as connection, connection.cursor() as cursor:
                cursor.execute("create table t (n int primary key); insert into t select generate_series(1, 100)")
            self.assertEqual((100, 5050), self.ask(server, "select count(*), sum(n) from t"))
            self.check_refusals(server)
            self.check_too_many_connections(server)

            address = self.available(server)["Endpoint"]
            processes = descendants(server.process.pid)
            server.restart()
            self.assertFalse(alive(processes), command_lines(alive(processes)))
            self.assertEqual((100, 5050), self.ask(server, "select count(*), sum(n) from t"))
            self.assertEqual(address["Port"], self.available(server)["Endpoint"]["Port"])

            self.kill_under_load(server)
            self.check_deletion(server)

    def create(self, server):
        return server.boto("rds").create_db_instance(
            DBInstanceIdentifier="db", Engine="postgres", DBInstanceClass="db.t4g.micro", AllocatedStorage=20, DBName="app",
            MasterUsername="owner", MasterUserPassword=PASSWORD)["DBInstance"]

    def available(self, server):
        rds = server.boto("rds")

        def probe():
            instance, = rds.describe_db_instances(DBInstanceIdentifier="db")["DBInstances"]
            self.assertNotEqual("failed", instance["DBInstanceStatus"], instance)
            return instance if instance["DBInstanceStatus"] == "available" else None
        return eventually(probe, "the database is available")

    def connect(self, server, **more):
        endpoint = self.available(server)["Endpoint"]
        arguments = {"user": "owner", "password": PASSWORD, "dbname": "app", **more}
        return psycopg2.connect(host=endpoint["Address"], port=endpoint["Port"], connect_timeout=PATIENCE, **arguments)

    def connected(self, server, **more):
        return _Closing(self.connect(server, **more))

    def ask(self, server, query):
        with self.connected(server) as connection, connection.cursor() as cursor:
            cursor.execute(query)
            return cursor.fetchone()

    def check_refusals(self, server):
        with self.assertRaisesRegex(psycopg2.OperationalError, "password authentication failed"):
            self.connect(server, password="wrong")
        with self.assertRaisesRegex(psycopg2.OperationalError, 'database "none" does not exist'):
            self.connect(server, dbname="none")
        with self.assertRaisesRegex(ClientError, "DBInstanceAlreadyExists"):
            self.create(server)

    def check_too_many_connections(self, server):
        limit = int(self.ask(server, "select current_setting('max_connections')")[0])
        self.assertTrue(50 < limit < 200, limit)
        held = []
        try:
            # Both texts are PostgreSQL's 53300, which psycopg2 does not show for a connection that failed. What was just closed may
            # still be ending and some slots are the superuser's: so the count is not exact.
            with self.assertRaises(psycopg2.OperationalError) as refused:
                for _ in range(limit + 1):
                    held.append(self.connect(server))
            self.assertRegex(str(refused.exception), "FATAL: .*(too many clients already|remaining connection slots are reserved)")
            self.assertGreater(len(held), limit - 15)
        finally:
            for connection in held:
                connection.close()

        def connects_again():
            try:
                self.connect(server).close()
                return True
            except psycopg2.OperationalError:
                return False
        eventually(connects_again, "there is place again")

    def kill_under_load(self, server):
        """Every insert that was committed is there after the server was killed."""
        committed = 100
        processes = descendants(server.process.pid)
        with self.connected(server) as connection, connection.cursor() as cursor:
            connection.autocommit = True
            for number in range(101, 301):
                cursor.execute("insert into t values (%s)", (number,))
                committed = number
            server.kill()
        eventually(lambda: not alive(processes), "PostgreSQL ends with the server", seconds=30)
        server.start()
        self.assertEqual((committed,), self.ask(server, "select count(*) from t"))

    def check_deletion(self, server):
        rds = server.boto("rds")
        processes = descendants(server.process.pid)
        self.assertTrue(processes)
        deleted = rds.delete_db_instance(DBInstanceIdentifier="db", SkipFinalSnapshot=True)["DBInstance"]
        self.assertEqual("deleting", deleted["DBInstanceStatus"])

        def gone():
            try:
                rds.describe_db_instances(DBInstanceIdentifier="db")
                return False
            except rds.exceptions.DBInstanceNotFoundFault:
                return True
        eventually(gone, "the database is gone")
        eventually(lambda: "postgres" not in command_lines(alive(processes)), "PostgreSQL has ended")


class _Closing:
    """psycopg2's own context manager commits, but does not close; this one does both."""

    def __init__(self, connection):
        self.connection = connection

    def __enter__(self):
        return self.connection

    def __exit__(self, kind, *_):
        if kind is None and not self.connection.closed:
            try:
                self.connection.commit()
            except psycopg2.OperationalError:
                pass  # the server was killed under it
        self.connection.close()


if __name__ == "__main__":
    unittest.main()
