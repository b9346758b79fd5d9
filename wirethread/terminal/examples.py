"""By command: the group that the help lists it in, and examples that it shows."""

from collections.abc import Mapping, Sequence

__all__ = ["EXAMPLES", "GROUPS"]

_BY_GROUP = {
    "Take in": ("run", "ingest", "demo", "sources", "schedule", "config"),
    "Ask": (
        "stories", "story", "article", "similar", "explain", "sql", "outdated", "copied", "wire",
        "duplicates", "dedupe", "compare",
    ),
    "Hand on": ("serve", "export", "convert", "plot", "mcp"),
    "Judge": ("correct", "label", "calibrate", "evaluate"),
    "Keep": ("status", "metrics", "verify", "repair", "backup", "restore", "forget", "migrate"),
}  # fmt: skip

GROUPS: Mapping[str, str] = {name: group for group, names in _BY_GROUP.items() for name in names}

EXAMPLES: Mapping[str, Sequence[str]] = {
    "run": (
        "wirethread run articles.jsonl",
        "wirethread run texts/ --outlet-from folder",
        "wirethread run table.csv --columns title=kop,text=tekst",
        "wirethread run https://example.org/feed.xml",
    ),
    "ingest": (
        "wirethread ingest --data ingesting --config config.yaml",
        "wirethread ingest 'archives/*.warc.gz' --data ingesting --files /mnt/news",
    ),
    "demo": ("wirethread demo", "wirethread demo --serve"),
    "stories": (
        "wirethread stories --since today",
        "wirethread stories --outlet 'Bay Courier' --agency Reuters",
        "wirethread stories --state developing --json",
    ),
    "story": ("wirethread story t4abe41428ed4b9bc",),
    "article": (
        "wirethread article https://example.org/news/1",
        "wirethread article https://example.org/news/1 --as ninjs",
    ),
    "similar": (
        "wirethread similar 'rescuers pulled a girl from the rubble'",
        "wirethread similar --from sentences.txt --by words --json",
    ),
    "explain": ("wirethread explain FIRST-ARTICLE OTHER-ARTICLE",),
    "sql": (
        "wirethread sql 'FROM articles LIMIT 5'",
        "wirethread sql 'FROM passages' --csv > passages.csv",
        "wirethread sql 'FROM passages' --parquet --output passages.parquet",
    ),
    "outdated": (
        "wirethread outdated",
        "wirethread outdated --agency AP --kind kill --json",
    ),
    "copied": (
        "wirethread copied --by 'Bay Courier'",
        "wirethread copied --from 'Bay Courier' --since today --json",
    ),
    "wire": ("wirethread wire --outlet 'Bay Courier'", "wirethread wire --by-agency"),
    "duplicates": ("wirethread duplicates --since today",),
    "dedupe": (
        "wirethread dedupe texts.jsonl --keep kept.jsonl",
        "wirethread dedupe table.csv --key body --threshold 0.9 --json",
    ),
    "export": (
        "wirethread export folder",
        "wirethread export passages.json --format passim-clusters",
        "wirethread export folder --format csv --since 2024-03-01 --without-text",
    ),
    "sources": ("wirethread sources", "wirethread sources --all --json"),
    "config": ("wirethread config", "wirethread config --defaults > config.yaml"),
    "schedule": ("wirethread schedule --config config.yaml",),
    "plot": (
        "wirethread plot agencies",
        "wirethread plot timeline t4abe41428ed4b9bc --output story.html",
        "wirethread plot wire-share --since 2024-03-01 --output shares.svg",
    ),
    "mcp": ("wirethread mcp --data wirethread-data",),
    "serve": ("wirethread serve --data wirethread-data",),
    "correct": (
        "wirethread correct join FIRST-ARTICLE OTHER-ARTICLE --why 'the same fire'",
        "wirethread correct list",
    ),
    "correct join": (
        "wirethread correct join FIRST-ARTICLE OTHER-ARTICLE --why 'the same fire'",
        "wirethread correct join s831e53418198a6d9 s6c0d2f1b7a3e4958 --by Ada",
    ),
    "correct split": ("wirethread correct split FIRST-ARTICLE OTHER-ARTICLE --why 'two fires'",),
    "correct pin-title": ("wirethread correct pin-title s831e53418198a6d9 'The Ostrel quake'",),
    "correct undo": ("wirethread correct undo CORRECTION",),
    "correct list": ("wirethread correct list --all",),
    "label": ("wirethread label", "wirethread label --limit 5 --by Ada"),
    "calibrate": (
        "wirethread calibrate",
        "wirethread calibrate --labels labels.jsonl --write config.yaml",
    ),
    "evaluate": ("wirethread evaluate stories labelled.jsonl",),
    "evaluate stories": (
        "wirethread evaluate stories labelled.jsonl",
        "wirethread evaluate stories labelled.jsonl --level threads --json",
    ),
    "evaluate passages": ("wirethread evaluate passages articles.jsonl gold.jsonl",),
    "evaluate clusters": ("wirethread evaluate clusters out.json",),
    "status": ("wirethread status", "wirethread status --json"),
    "metrics": ("wirethread metrics", "wirethread metrics --output wirethread.prom"),
    "verify": ("wirethread verify",),
    "repair": ("wirethread repair", "wirethread repair --again"),
    "restore": ("wirethread restore backups/today", "wirethread restore backups/today --force"),
    "backup": ("wirethread backup backups/today",),
    "migrate": (
        "wirethread migrate wirethread-data 'ducklake:postgres:dbname=news' --files /mnt/news",
        "wirethread migrate wirethread-data 'ducklake:postgres:dbname=news' --files s3://news/a",
        "wirethread migrate 'ducklake:postgres:dbname=news' wirethread-data",
    ),
    "forget": ("wirethread forget --outlet 'Bay Courier'",),
}
