"""The lock on measuring bicycles: what of their rides may be kept, so that none of them can be followed.

A ride says where somebody lives, works and goes. So nothing of a ride leaves here: no device, no place, no time. What
does, is the median of everything measured in one square in one hour, and only when both of these hold.

1. **It was measured under way.** Everything near where a device began, ended or stood is cut away before anything is
   counted, also when a whole ride is near: then nothing of it remains. A ride ends where its device is silent for `GAP`
   or its place jumps. A device that sends on while it gets ahead less than `STANDS` in `STILL` stands there. Near is
   within `CUT_DISTANCE` of any such place of the same device, whenever it comes by, and within `CUT_TIME` of such a
   moment of the same ride.
2. **At least `LEAST` devices measured it there.** They are counted for each quantity by itself, and each counts once
   in the median, by the median of its own: one that waits for an hour has no more weight than one that passes.

How many devices there were is not told, for of two answers that number says who came in between. For the same reason
an hour may be released only once, when no more is expected of it: of the same hour before and after one more device
came, the difference is that device. `releasable` says from when, and whoever keeps the result has to keep to it.

What this can't know, and does not promise: whether five devices are five people, or five of one household or school
that ride together, day after day; whether a device was given to somebody else. Whoever rides with four devices himself
learns from a square that it appears that somebody else was there that hour, though not who, or where.

Source: the rule of five and of ends cut away is the project's own. That a few places and hours of a person tell who it
is: Y.-A. de Montjoye and others, "Unique in the Crowd", Scientific Reports 3 (2013) 1376. That cutting a fixed distance
from the ends alone does not hide them from whoever sees the rides, and squares therefore come on top: W.U. Hassan and
others, "Analysis of Privacy Protections in Fitness Tracking Social Networks", USENIX Security 2018.
"""

from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.spatial import KDTree

LEAST = 5
"""Devices in one square in one hour."""
SQUARE = (0.0075, 0.0046)
"""Degrees of longitude and latitude: some 510 m in the middle of the Netherlands."""
GAP = 120.0
"""Seconds. Devices send every 11 to 14 seconds as long as they move, so one that is silent for longer was put away."""
STILL, STANDS = 180.0, 150.0
"""Seconds and metres, 3 km/h: who gets ahead less than that does not even walk, and longer than a traffic light is a
stay."""
FASTEST, INACCURATE = 60 / 3.6, 100.0
"""Metres a second and metres: a place that is further on than this was not cycled to, so a first place may be wrong."""
CUT_DISTANCE = 300.0
"""Metres: a circle of 28 hectares, while a square has 26. So who finds where a ride was cut is no nearer to its end
than the square already says."""
CUT_TIME = 120.0
"""Seconds: 500 m at 15 km/h, since a device may find its place only when it is already under way."""
SETTLED = timedelta(hours=6)
"""After this only one reading in a hundred was still to come, in the two days that were recorded."""

_CHUNK = 1_000_000  # readings; a device is never split over two
_EARTH = 6_371_000.0  # metres
_ELSEWHERE = 1e9  # metres between two devices, so that one tree holds the places of all
_SECOND = 1_000_000  # microseconds
_HOUR = 3600 * _SECOND
_HOURS, _SQUARES = 1 << 25, 1 << 16  # what is added to hours and squares, so that none is below 0

Numbers = NDArray[np.float64]
Index = NDArray[np.int64]
Mask = NDArray[np.bool_]


class Hours(NamedTuple):
    """Medians by quantity, hour and square, in that order; every array has one item for each.

    `hour` is when it ends, in UTC: what was measured at exactly ten is of the hour that ends then. `east` and `north`
    number the square: its lower left corner is at (east, north) times `SQUARE`.
    """

    quantity: NDArray[np.str_]
    hour: NDArray[np.datetime64]
    east: Index
    north: Index
    median: Numbers
    cut: int
    """How many readings lay near a place where a device began, ended or stood."""
    few: int
    """How many hours of a square had too few devices for every quantity."""


def releasable(now: datetime) -> date:
    """The last day, of UTC, of which the hours may be released at `now` (UTC, without a zone), each once."""
    return (now - SETTLED).date() - timedelta(days=1)


def hours(
    device: ArrayLike,
    time: ArrayLike,
    lon: ArrayLike,
    lat: ArrayLike,
    values: Mapping[str, ArrayLike],
    counted: ArrayLike | None = None,
) -> Hours:
    """What may be kept of these readings, whatever order they come in.

    device: (n,), numbers or text, only to tell one from another. time: (n,), datetime64 in UTC. lon, lat: (n,) degrees.
    values: for each quantity (n,), NaN where it was not measured. counted: (n,), whether a reading may count, such as
    those inside a gemeente; the others still say where rides begin and end. A reading without a time or a place does
    not exist. Puts all readings in order, which takes some 40 bytes of each, and then works on a million at a time, or
    on all of one device where it has more.
    """
    lons, lats = np.asarray(lon, dtype=float), np.asarray(lat, dtype=float)
    numbers = {name: np.asarray(each, dtype=float) for name, each in sorted(values.items())}
    may = np.ones(len(lons), dtype=bool) if counted is None else np.asarray(counted, dtype=bool)
    found: dict[str, list[tuple[Index, Numbers]]] = {name: [] for name in numbers}
    seen: list[Index] = []
    cut = 0
    for each, which, at in _by_device(device, time, lons, lats):
        under_way = _under_way(which, at, lons[each], lats[each])
        cut += len(each) - int(under_way.sum())
        under_way &= may[each]
        left, of = each[under_way], which[under_way]
        cells = _cells(at[under_way], lons[left], lats[left])
        seen.append(np.unique(cells))
        for name, all_values in numbers.items():
            there = np.isfinite(all_values[left])
            found[name].append(_of_devices(of[there], cells[there], all_values[left[there]]))
    return _told(found, np.unique(np.concatenate(seen)) if seen else np.empty(0, dtype=np.int64), cut)


def _by_device(device: ArrayLike, time: ArrayLike, lon: Numbers, lat: Numbers) -> Iterator[tuple[Index, Index, Index]]:
    """The readings by device and time, many devices at a time: which, of what device, and at which microsecond."""
    at = np.asarray(time, dtype="datetime64[us]")
    within = (at > np.datetime64("0001-01-02")) & (at < np.datetime64("9999-12-31"))  # NaT is not
    usable = np.flatnonzero(within & (np.abs(lon) <= 180) & (np.abs(lat) <= 90))
    which = np.unique(np.asarray(device)[usable], return_inverse=True)[1].astype(np.int64)
    micros = at.astype(np.int64)
    order = np.lexsort((lat[usable], lon[usable], micros[usable], which))
    usable, which = usable[order], which[order]
    ends = np.append(np.flatnonzero(np.diff(which)) + 1, len(which))
    start = 0
    while start < len(which):
        first, beyond = np.searchsorted(ends, (start, start + _CHUNK), side="right")
        end = int(ends[max(first, beyond - 1)])
        yield usable[start:end], which[start:end], micros[usable[start:end]]
        start = end


def _under_way(device: Index, at: Index, lon: Numbers, lat: Numbers) -> Mask:
    """Which readings, in order of device and time, are not near where their device began, ended or stood."""
    places = _on_earth(lon, lat)
    passed = np.diff(at) / _SECOND
    further = np.linalg.norm(np.diff(places, axis=0), axis=1)
    ends = (np.diff(device) != 0) | (passed > GAP) | (further > FASTEST * passed + INACCURATE)
    standing = _standing(places, passed, ends)
    parts = np.concatenate(([0], np.cumsum(ends | (np.diff(standing) != 0))))
    first = np.concatenate(([0], np.flatnonzero(np.diff(parts)) + 1))
    last = np.append(first[1:], len(at)) - 1
    left = np.flatnonzero(
        ~standing & (at - at[first][parts] > CUT_TIME * _SECOND) & (at[last][parts] - at > CUT_TIME * _SECOND)
    )
    by_device = np.column_stack((places, device * _ELSEWHERE))
    tree = KDTree(by_device[np.unique(np.concatenate((first, last)))])
    near = np.isfinite(tree.query(by_device[left], distance_upper_bound=np.nextafter(CUT_DISTANCE, np.inf))[0])
    found = np.zeros(len(at), dtype=bool)
    found[left[~near]] = True
    return found


def _standing(places: Numbers, passed: Numbers, ends: Mask) -> Mask:
    """Which readings lie between two of the same ride that are `STILL` apart, and less than `STANDS` from each other.

    ends: whether a ride ends between a reading and the next.
    """
    # One clock on which rides follow each other: between two of them it goes on by more than is looked ahead.
    clock = np.concatenate(([0.0], np.cumsum(np.where(ends, 2 * (STILL + GAP), passed))))
    ride = np.concatenate(([0], np.cumsum(ends)))
    later = np.minimum(np.searchsorted(clock, clock + STILL), len(clock) - 1)
    stands = (clock[later] - clock >= STILL) & (ride[later] == ride)
    stands &= np.linalg.norm(places[later] - places, axis=1) < STANDS
    steps = np.zeros(len(clock) + 1, dtype=np.int64)
    np.add.at(steps, np.flatnonzero(stands), 1)
    np.add.at(steps, later[stands] + 1, -1)
    return np.asarray(np.cumsum(steps[:-1]) > 0)


def _on_earth(lon: Numbers, lat: Numbers) -> Numbers:
    """(n, 3) metres from the middle of a round earth: distances are right within half a percent, everywhere."""
    east, north = np.radians(lon), np.radians(lat)
    flat = np.cos(north)
    return _EARTH * np.column_stack((flat * np.cos(east), flat * np.sin(east), np.sin(north)))


def _cells(at: Index, lon: Numbers, lat: Numbers) -> Index:
    """One number for the hour and the square; in order of hour, then of east and north."""
    ends = -(-at // _HOUR) + _HOURS
    east, north = (np.floor(each / size).astype(np.int64) for each, size in zip((lon, lat), SQUARE, strict=True))
    return np.asarray((ends * 2 * _SQUARES + east + _SQUARES) * 2 * _SQUARES + north + _SQUARES)


def _of_devices(device: Index, cells: Index, values: Numbers) -> tuple[Index, Numbers]:
    """For each device in each cell the cell, and the median of what it measured there."""
    order = np.lexsort((values, cells, device))
    device, cells, values = device[order], cells[order], values[order]
    new = np.flatnonzero((np.diff(device) != 0) | (np.diff(cells) != 0)) + 1
    starts = np.concatenate(([0], new))[: len(cells)]
    return cells[starts], _medians(values, starts)


def _medians(values: Numbers, starts: Index) -> Numbers:
    """The median of each group of ascending values; `starts` is where each begins."""
    counts = np.diff(np.append(starts, len(values)))
    return np.asarray((values[starts + (counts - 1) // 2] + values[starts + counts // 2]) / 2)


def _told(found: Mapping[str, list[tuple[Index, Numbers]]], seen: Index, cut: int) -> Hours:
    names: list[Any] = []
    cells, medians = [], []
    for name, parts in found.items():
        of, values = (np.concatenate(each) for each in zip(*parts, strict=True)) if parts else (np.empty(0),) * 2
        order = np.lexsort((values, of))
        of, values = of[order], values[order]
        starts = np.concatenate(([0], np.flatnonzero(np.diff(of)) + 1))[: len(of)]
        enough = np.diff(np.append(starts, len(of))) >= LEAST
        names.append(np.repeat(np.array([name]), int(enough.sum())))
        cells.append(of[starts][enough].astype(np.int64))
        medians.append(_medians(values, starts)[enough])
    cell = np.concatenate(cells) if cells else np.empty(0, dtype=np.int64)
    rest, north = np.divmod(cell, 2 * _SQUARES)
    hour, east = np.divmod(rest, 2 * _SQUARES)
    return Hours(
        quantity=np.concatenate(names) if names else np.empty(0, dtype=str),
        hour=((hour - _HOURS) * _HOUR).astype("datetime64[us]"),
        east=east - _SQUARES,
        north=north - _SQUARES,
        median=np.concatenate(medians) if medians else np.empty(0),
        cut=cut,
        few=len(np.setdiff1d(seen, cell)),
    )
