"""SQLAlchemy Core on SQLite: one writer thread, a journal, migrations."""
