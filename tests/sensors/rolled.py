"""Hours as the rollups give them, and sensors as the mart has them, for tests of what is made of them."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.parquet as pq

HOME = ZoneInfo("Europe/Amsterdam")
HOUR = timedelta(hours=1)
HOURS = pa.schema(
    [
        ("source", pa.string()),
        ("sensor", pa.string()),
        ("quantity", pa.string()),
        ("hour", pa.timestamp("us")),
        ("median", pa.float64()),
        ("n", pa.int32()),
        ("status", pa.string()),
        ("first_at", pa.timestamp("us")),
        ("last_at", pa.timestamp("us")),
        ("last_value", pa.float64()),
        ("last_reason", pa.string()),
    ]
)
SENSORS = pa.schema(
    [
        ("source", pa.string()),
        ("sensor", pa.string()),
        ("kind", pa.string()),
        ("code", pa.string()),
        ("last_at", pa.timestamp("us")),
        ("first_at", pa.timestamp("us")),
        ("is_sample", pa.bool_()),
        ("is_simulated", pa.bool_()),
    ]
)


def hour(at, value, quantity="no2", sensor="S1", source="luchtmeetnet", status="ok", after=60, reason=None):
    """A row for the hour that begins `at`; its only message came `after` minutes later."""
    missing = status == "not_measured"
    return {
        "source": source,
        "sensor": sensor,
        "quantity": quantity,
        "hour": at,
        "median": None if missing else value,
        "n": 0 if value is None else 1,
        "status": status,
        "first_at": None if value is None else at + timedelta(minutes=after),
        "last_at": None if value is None else at + timedelta(minutes=after),
        "last_value": value,
        "last_reason": reason,
    }


def fill(at, value, minute=0, **more):
    """A message of a container, at `minute` of the hour that begins `at`; minute 0 would be of the hour before."""
    return hour(at, value, "fill", "C1", "waste_fill", after=minute or 60, **more)


def local_day(at):
    return at.replace(tzinfo=UTC).astimezone(HOME).date()


def write(folder: Path, rows) -> list[Path]:
    """The files of the days that the rows are of; a file that is the same already is left alone."""
    folder.mkdir(parents=True, exist_ok=True)
    days: dict[date, list[dict[str, object]]] = {}
    for row in sorted(rows, key=lambda row: (row["source"], row["sensor"], row["quantity"], row["hour"])):
        days.setdefault(local_day(row["hour"]), []).append(row)
    files = []
    for day, held in sorted(days.items()):
        file = folder / f"{day}.parquet"
        table = pa.Table.from_pylist(held, schema=HOURS)
        if not file.exists() or not pq.read_table(file).equals(table):
            temporary = file.with_suffix(".tmp")
            pq.write_table(table, temporary)
            temporary.replace(file)
        files.append(file)
    return files


def sensor(id="S1", source="luchtmeetnet", kind="air_station", last_at=None, **more):
    about = {"code": "BU03440111", "is_sample": False, "is_simulated": False}
    return {"source": source, "sensor": id, "kind": kind, "last_at": last_at, **about, **more}


def sensors(*rows) -> pa.Table:
    return pa.Table.from_pylist(list(rows), schema=SENSORS)


def at(day: int, hour: int = 0, minute: int = 0) -> datetime:
    """A moment of November 2026, UTC without zone; days run on into December."""
    return datetime(2026, 11, 1) + timedelta(days=day - 1, hours=hour, minutes=minute)
