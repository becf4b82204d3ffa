"""The case database: tables, connection, migrations. SQLite by default, PostgreSQL by URL."""
