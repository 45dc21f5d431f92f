"""Connect with psycopg, write and read, and print what was read and whether the session is encrypted."""

import os

import psycopg

with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
    connection.execute("drop table if exists from_psycopg")
    connection.execute("create table from_psycopg (n int)")
    with connection.cursor() as cursor:
        cursor.executemany("insert into from_psycopg values (%s)", [(1,), (2,), (3,)])
    numbers = connection.execute("select n from from_psycopg order by n").fetchall()
    (ssl,) = connection.execute("select ssl from pg_stat_ssl where pid = pg_backend_pid()").fetchone()
    print(*(n for (n,) in numbers), "TLS" if ssl else "plain")
