"""Which buurt each of ten million points lies in: ours, and `geopandas.sjoin`, each in a process of its own.

The outlines are those of Utrecht's buurten in full detail where the copies behind the sample are at hand, else those of
the sample, which are lighter. The points are made up: spread evenly over the box around the city.
"""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import shapely

PROJECT = Path(__file__).parents[2]
FULL = "utrecht_municipal_boundaries_2015/buurten_2015_wgs84.parquet"
SEED = 20_150_101
WAYS = {
    "ours": """
from buurtbeeld.statistics import within
def assign(lon, lat, frame):
    return within.index(lon, lat, dict(zip(frame.index, frame.geometry)))
""",
    "geopandas.sjoin": """
def assign(lon, lat, frame):
    points = gpd.GeoDataFrame(geometry=gpd.points_from_xy(lon, lat), crs=frame.crs)
    joined = gpd.sjoin(points, frame, predicate="intersects")["index_right"]
    found = np.full(len(lon), -1, dtype=np.int32)
    joined = joined.sort_values(ascending=False)  # a point on a border is in two: the first is written last
    found[joined.index] = joined
    return found
""",
}
"""Name -> a script that declares `assign`, given columns and buurten numbered from 0."""


@dataclass(frozen=True)
class Assigned:
    """One way: seconds, and megabytes of memory at its highest, above what its process held before."""

    way: str
    seconds: float
    megabytes: float


@dataclass(frozen=True)
class Measured:
    """Everything, for `report`."""

    points: int
    areas: int
    corners: int
    inside: int
    different: int
    ways: tuple[Assigned, ...]


def run(folder: Path, points: int = 10_000_000) -> Measured:
    """Makes the points in `folder` and has them assigned in both ways."""
    buurten = outlines()
    gpd.GeoDataFrame(geometry=buurten, crs=4326).to_parquet(folder / "buurten.parquet")
    west, south, east, north = shapely.total_bounds(buurten)
    random = np.random.default_rng(SEED)
    np.save(folder / "lon.npy", random.uniform(west, east, points))
    np.save(folder / "lat.npy", random.uniform(south, north, points))
    ways = tuple(_measure(folder, number, way) for number, way in enumerate(WAYS))
    found = [np.load(folder / f"{number}.npy") for number in range(len(WAYS))]
    return Measured(
        points=points,
        areas=len(buurten),
        corners=int(shapely.get_num_coordinates(buurten).sum()),
        inside=int((found[0] >= 0).sum()),
        different=int((found[0] != found[1]).sum()),
        ways=ways,
    )


def outlines() -> list[shapely.Geometry]:
    """Utrecht's buurten, in degrees."""
    full = (PROJECT / os.environ.get("REALDATA", "../shared/realdata")).resolve() / FULL
    frame = gpd.read_parquet(full) if full.exists() else gpd.read_file(PROJECT / "data" / "sample" / "outlines.geojson")
    return list(frame.to_crs(4326).geometry)


def report(measured: Measured) -> str:
    """As a table, with what ours is to the other."""
    ours, other = measured.ways
    lines = [
        f"{measured.points:,} points, {measured.areas} buurten of {measured.corners:,} corners together; "
        f"{measured.inside / measured.points:.0%} lie in one",
        f"{'':20} {'':>9} {'points a second':>16} {'memory':>11}",
    ]
    for each in measured.ways:
        rate = measured.points / each.seconds
        lines.append(f"{each.way:20} {each.seconds:7.2f} s {rate:16,.0f} {each.megabytes:8,.0f} MB")
    lines.append(
        f"{other.seconds / ours.seconds:.1f} times faster, at 1/{other.megabytes / ours.megabytes:.1f} of the memory; "
        f"{measured.different} answers differ."
    )
    return "\n".join(lines)


def _measure(folder: Path, number: int, way: str) -> Assigned:
    script = _SCRIPT.format(assign=WAYS[way], folder=str(folder), number=number)
    ran = subprocess.run([sys.executable, "-c", script], cwd=PROJECT, capture_output=True, text=True, check=True)
    said = json.loads(ran.stdout)
    return Assigned(way, said["seconds"], said["megabytes"])


# The highest memory of a process by the kernel's own count, less what it held when points and outlines were read.
_SCRIPT = """
import json, time
from pathlib import Path
import geopandas as gpd
import numpy as np
{assign}
def highest(name):
    line = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith(name))
    return int(line.split()[1]) / 1024
folder = Path({folder!r})
lon, lat = np.load(folder / "lon.npy"), np.load(folder / "lat.npy")
frame = gpd.read_parquet(folder / "buurten.parquet")
before, started = highest("VmRSS"), time.perf_counter()
found = assign(lon, lat, frame)
print(json.dumps({{"seconds": time.perf_counter() - started, "megabytes": highest("VmHWM") - before}}))
np.save(folder / "{number}.npy", found)
"""
