"""Marts in every state that a page may find them in. Each function works on a DATA_DIR of the test's own."""

import os
import shutil
from datetime import datetime
from pathlib import Path

import duckdb
import pyarrow as pa

from buurtbeeld.settings import Settings, read
from tests import measuring

NEWBORN = "BU03440311"
CONVERTED, UNCONVERTED = "BU03440111", "BU03440131"


def own(sample: Path, folder: Path) -> Path:
    """A DATA_DIR in `folder` with a copy of the mart that the one in `sample` has."""
    mart = settings(sample).mart_link.resolve()
    kept = settings(folder).marts_dir / mart.name
    kept.parent.mkdir(parents=True)
    shutil.copyfile(mart, kept)
    publish(folder, kept)
    return folder


def missing(folder: Path) -> None:
    """No mart was made yet."""
    settings(folder).mart_link.unlink()


def empty(folder: Path) -> None:
    """A mart that can be read, without a single figure in it."""
    changed(folder, "empty", "DELETE FROM mart_figure; DELETE FROM mart_series")


def other(folder: Path) -> None:
    """A whole mart of another gemeente."""
    changed(folder, "other", "UPDATE mart_build SET gemeente = 'GM0363'")


def unsettled(folder: Path) -> None:
    """The crimes of 2025 are provisional, and of those before 2023 the borders are older: one has moved since."""
    crimes = "WHERE indicator_id = (SELECT indicator_id FROM mart_indicator WHERE id = 'crimes')"
    changed(
        folder,
        "unsettled",
        f"""UPDATE mart_figure SET provisional = true {crimes} AND year(period) = 2025;
            UPDATE mart_figure SET edition = 2023 {crimes} AND year(period) < 2023;
            UPDATE mart_area SET changed = if(code = 'BU03440131', 3, 1) WHERE level = 'buurt'""",
    )


def converted(folder: Path) -> None:
    """The crimes of 2021 and 2022 were counted on other borders in two buurten; of one they could be converted."""
    crimes = (
        "WHERE indicator_id = (SELECT indicator_id FROM mart_indicator WHERE id = 'crimes') AND year(period) < 2023"
    )
    area = "AND area_id = (SELECT area_id FROM mart_area WHERE code = '{}')"
    known = "low = value - 9, high = value + 9"
    lost = "value = NULL, low = NULL, high = NULL, n = NULL, status = 'not_measured'"
    changed(
        folder,
        "converted",
        f"""UPDATE mart_figure SET converted = true, {known} {crimes} {area.format(CONVERTED)};
            UPDATE mart_figure SET converted = true, {lost} {crimes} {area.format(UNCONVERTED)}""",
    )


def newborn(folder: Path) -> None:
    """There is a buurt that nobody has published a row of yet."""
    rows = f"area_id IN (SELECT area_id FROM mart_area WHERE code = '{NEWBORN}')"
    marked = f"UPDATE mart_area SET changed = 2 WHERE code = '{NEWBORN}'"
    changed(folder, "newborn", f"DELETE FROM mart_figure WHERE {rows}; {marked}")


def places(folder: Path) -> None:
    """Schools and containers: 61 in one buurt, some of one name, one in another, and what no visitor may see."""
    key = "(SELECT source_id FROM mart_source WHERE id = '{}')"
    source, closed = key.format("cbs_key_figures"), key.format("police_crime")
    schools = "'school_primary', 'School ' || lpad(n::VARCHAR, 2, '0')"
    changed(
        folder,
        "places",
        f"""UPDATE mart_source SET openness = 'aggregate' WHERE id = 'police_crime';
            UPDATE mart_source SET is_simulated = true WHERE id = 'cbs_key_figures';
            INSERT INTO mart_place (source_id, id, kind, name, code, lon, lat)
            SELECT {source}, n::VARCHAR, {schools}, '{CONVERTED}', 5.08, 52.09 FROM range(1, 60) AS each(n);
            INSERT INTO mart_place (source_id, id, kind, name, code, lon, lat) VALUES
            ({source}, 'a', 'waste_container', 'glass', '{CONVERTED}', 5.0800012, 52.09),
            ({source}, 'b', 'waste_container', 'glass', '{CONVERTED}', 5.08, 52.09),
            ({source}, 'c', 'waste_container', '<b>*paper*', '{NEWBORN}', 5.1, 52.11),
            ({source}, 'd', 'waste_container', 'far away', NULL, 6.5, 53.2),
            ({source}, 'e', 'unheard_of', 'no words', '{NEWBORN}', 5.1, 52.11),
            ({closed}, 'f', 'charging_point', 'for nobody', '{NEWBORN}', 5.1, 52.11)""",
    )


def simulated(folder: Path, times: str = "1", only: str = "") -> None:
    """Every figure and every source is simulated; the values are `times` (SQL) what the sample has.

    only: an indicator, of which alone the figures then are.
    """
    some = f"WHERE indicator_id = (SELECT indicator_id FROM mart_indicator WHERE id = '{only}')" if only else ""
    sources = "" if only else "UPDATE mart_source SET is_simulated = true"
    changed(
        folder,
        "simulated",
        f"""UPDATE mart_figure SET is_simulated = true, value = value * {times}, low = low * {times},
                                  high = high * {times} {some};
            {sources}""",
    )


def corrupt(folder: Path) -> None:
    """What is left of a mart after a full disk: its first half."""
    mart = _aside(folder, "corrupt")
    whole = settings(folder).mart_link.read_bytes()
    mart.write_bytes(whole[: len(whole) // 2])
    publish(folder, mart)


def blank(folder: Path) -> None:
    """A file of no length."""
    mart = _aside(folder, "blank")
    mart.touch()
    publish(folder, mart)


def fill_in(folder: Path) -> None:
    """The city's own files with goals and measures that are made up, and say so."""
    city = settings(folder).city_dir
    city.mkdir(exist_ok=True)
    for name, rows in FILLED.items():
        (city / name).write_text(rows, encoding="utf-8")


FILLED = {
    "targets.csv": """indicator;code;year;value;document;link
good_health;GM0344;2030;80;TEST besluit | gezondheid;https://example.org/test(1)
good_health;BU03440611;2028;75,5;TEST besluit | gezondheid;https://example.org/test(1)
good_health;BU03440611;2022;70;TEST oud besluit;https://example.org/test/oud
crimes;GM0344;2027;20000;TEST besluit veiligheid;https://example.org/test/2
crimes;BU03440111;2027;300;TEST besluit veiligheid;https://example.org/test/2
severe_loneliness;WK034406;2027;50;TEST besluit veiligheid;https://example.org/test/2
walk;GM0344;2030;50;TEST besluit lopen;https://example.org/test/3
""",
    "measures.csv": """code;from;to;title;link
GM0344;2014-03-01;2016-02-01;TEST maatregel *één*;https://example.org/een
BU03440611;2016-09-01;;TEST maatregel twee;https://example.org/twee
WK034406;2022-06-01;2023-12-01;TEST maatregel drie;https://example.org/drie
BU03440111;2022-06-01;2022-06-01;TEST maatregel vier;https://example.org/vier
GM0344;2025-01-01;;TEST maatregel vijf;https://example.org/vijf
""",
}


def settings(folder: Path) -> Settings:
    """The settings of a dashboard over `folder`."""
    return read({"DATA_DIR": str(folder)})


def publish(folder: Path, mart: Path) -> None:
    """Makes `mart` the one that is shown, in one step."""
    link = settings(folder).mart_link
    temporary = link.with_name(".link")
    temporary.symlink_to(mart)
    os.replace(temporary, link)


def changed(folder: Path, name: str, statement: str) -> None:
    """Publishes a copy of the mart that is shown, after `statement`."""
    mart = _aside(folder, name)
    shutil.copyfile(settings(folder).mart_link, mart)
    with duckdb.connect(mart) as con:
        con.execute(statement)
    publish(folder, mart)


def _aside(folder: Path, name: str) -> Path:
    folder = settings(folder).marts_dir
    return folder / f"{name}-{len(list(folder.iterdir()))}.duckdb"  # a server may have one of that name open


def measured(folder: Path, now: datetime = measuring.AT, *, simulated: bool = False, build: str = "") -> None:
    """Sensors that are made up, as `measuring` says, seen at `now` (UTC without zone). build: a name of its own."""
    mart = _aside(folder, "measured")
    shutil.copyfile(settings(folder).mart_link, mart)
    with duckdb.connect(mart) as con:
        con.execute(
            """INSERT INTO mart_source SELECT * REPLACE (
                   (SELECT max(source_id) + 1 FROM mart_source) AS source_id, 'test_feed' AS id, 'TEST feed' AS title,
                   'Bron: TEST feed' AS attribution, 'rows' AS openness, false AS is_sample
               ) FROM mart_source LIMIT 1"""
        )
        for table, rows in measuring.tables(now, simulated).items():
            # From Arrow: thousands of rows one by one take seconds.
            columns = dict.fromkeys(key for row in rows for key in row)
            con.register("made", pa.table({key: [row.get(key) for row in rows] for key in columns}))
            con.execute(f"INSERT INTO {table} BY NAME SELECT * FROM made")
            con.unregister("made")
        con.execute(measuring.DAYS_OF_HOURS)
        if build:
            con.execute("UPDATE mart_build SET id = $build", {"build": build})
    publish(folder, mart)
