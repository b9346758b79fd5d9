"""DuckDB itself: the door, the lock, migrations, files, bulk loads."""
