"""What must hold between the keys, entries and files of the catalogue.

Each rule looks at the tables as they were read, not at checked objects, so that one wrong key does not hide another.
It therefore takes nothing for granted: a key may be absent or of the wrong type, which is for `model.py` to report.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from string import Formatter
from typing import Any

from buurtbeeld.catalogue.model import UNCOUNTED
from buurtbeeld.catalogue.problem import Problem

Entry = Mapping[str, Any]
Tables = Mapping[str, Mapping[str, Entry]]
"""File name without .toml -> id -> entry. A file that could not be read is absent."""

LANGUAGES = ("nl", "en")
LONGEST_TITLE = 45
_IN_SENTENCE = {"period", "area", "value"}
PLACEHOLDERS = {"sentence": _IN_SENTENCE, "sentence_one": _IN_SENTENCE, "pattern": {"n"}}
DISPLAYS = {
    "count": ("circles",),
    "rate": ("areas", "circles"),
    "share": ("areas",),
    "mean": ("areas",),
    "index": ("areas",),
    "class": ("areas",),
}
_OF_READ = ("column", "earlier", "group", "scale", "also", "interval", "precision", "parts")
_OF_DERIVED = ("numerator", "denominator", "factor", "widest")
MADE = {
    "read": (("source", "column"), _OF_DERIVED),
    "derived": (("numerator", "denominator"), ("source", *_OF_READ)),
    "counted": (("source", "counts"), (*_OF_READ, *_OF_DERIVED, "relied_on")),
    "sensed": (("source", "quantity"), (*_OF_READ, *_OF_DERIVED, "relied_on", "counts")),
}
"""How an indicator is made -> the keys that it needs, and the keys that only others may have."""
INTERVALS = {
    "none": (("count", "rate", "share", "mean", "index", "class"), ()),
    "rounded": (("count",), ("rounding",)),
    "events": (("count",), ()),
    "published": (("count", "rate", "share", "mean", "index"), ("low_column", "high_column")),
    "survey": (("share",), ("n_column",)),
}
"""Where an interval is from -> the kinds that can have it, and the keys it needs; `n_column` may go with any."""
ONE_SENTENCE = "It must be one sentence that ends with a full stop, without abbreviations."
WEIGHTED = ("share", "rate", "mean", "index")
NEEDS = "an indicator has a source and a column, counts or a quantity, or a numerator and a denominator"


def check(tables: Tables) -> Iterator[Problem]:
    """Every breach of every rule."""
    for rule in RULES:
        yield from rule(tables)


def references(tables: Tables) -> Iterator[Problem]:
    """Themes, units, levels and caveats are those that are declared."""
    for id_, entry in _entries(tables, "indicators"):
        for key, file in (("theme", "themes"), ("unit", "units"), ("levels", "levels"), ("caveats", "caveats")):
            if file in tables:
                for name in _texts(entry.get(key)):
                    if name not in tables[file]:
                        yield _wrong(id_, key, f"{name!r} is not in {file}.toml, which has {_list(tables[file])}.")
        for key in _local_caveats(entry):
            if "caveats" in tables and key not in tables["caveats"]:
                yield _wrong(id_, "local_caveats", f"{key!r} is not in caveats.toml.")


def repetitions(tables: Tables) -> Iterator[Problem]:
    """Nothing is named twice in a list."""
    for id_, entry in _entries(tables, "indicators"):
        for key in ("levels", "caveats", "parts", "earlier", "counts", "synonyms", "contains", "related"):
            names = _texts(entry.get(key))
            for name in dict.fromkeys(name for name in names if names.count(name) > 1):
                yield _wrong(id_, key, f"{name!r} is there more than once.")


def words_without_a_figure(tables: Tables) -> Iterator[Problem]:
    """Of a word in `contains` or `related` the search says that there is no figure, so this one isn't called that.

    Another may be: not every mart holds it, and the search looks whether it does.
    """
    for id_, entry in _entries(tables, "indicators"):
        titles = [_text(entry, "title", lang) for lang in LANGUAGES]
        called = {word.casefold() for word in (*titles, *_texts(entry.get("synonyms")))}
        for key in ("contains", "related"):
            for word in _texts(entry.get(key)):
                if word.casefold() in called:
                    yield _wrong(id_, key, f"{word!r} is said to have no figure, but this one is called that.")
        for word in set(_texts(entry.get("contains"))) & set(_texts(entry.get("related"))):
            yield _wrong(id_, "related", f"{word!r} is in contains as well; choose one.")


def unique_titles(tables: Tables) -> Iterator[Problem]:
    """Two entries of a file never look the same to a visitor."""
    for file in tables:
        for lang in LANGUAGES:
            first: dict[str, str] = {}
            for id_, entry in _entries(tables, file):
                title = _text(entry, "title", lang)
                if title and title in first:
                    yield Problem(f"{file}.toml", f"{id_}.title.{lang}", f"{title!r} is also that of {first[title]}.")
                first.setdefault(title, id_)


def short_titles(tables: Tables) -> Iterator[Problem]:
    """A title fits on a button."""
    for id_, entry in _entries(tables, "indicators"):
        for lang in LANGUAGES:
            if (length := len(_text(entry, "title", lang))) > LONGEST_TITLE:
                yield _wrong(id_, f"title.{lang}", f"It has {length} characters; at most {LONGEST_TITLE} fit.")


def one_sentence(tables: Tables) -> Iterator[Problem]:
    """A description is one sentence; whoever wants more reads the caveats."""
    for file in tables:
        for id_, entry in _entries(tables, file):
            for lang in LANGUAGES:
                if (text := _text(entry, "description", lang)) and not _is_sentence(text):
                    yield Problem(f"{file}.toml", f"{id_}.description.{lang}", ONE_SENTENCE)


def templates(tables: Tables) -> Iterator[Problem]:
    """A template names what can be filled in: all of it, and nothing else."""
    for file, key in (("indicators", "sentence"), ("indicators", "sentence_one"), ("units", "pattern")):
        for id_, entry in _entries(tables, file):
            for lang in LANGUAGES:
                if text := _text(entry, key, lang):
                    for reason in _misfits(text, PLACEHOLDERS[key]):
                        yield Problem(f"{file}.toml", f"{id_}.{key}.{lang}", reason)


def read_or_derived(tables: Tables) -> Iterator[Problem]:
    """An indicator is read from a column, counted from places or derived from two others: one of these, and whole."""
    for id_, entry in _entries(tables, "indicators"):
        if "column" in entry and _is_derived(entry):
            yield _wrong(id_, "column", "It is read (column) and derived (numerator, denominator); choose one.")
            continue
        way = "derived" if _is_derived(entry) else "read"
        way = "sensed" if "quantity" in entry else "counted" if "counts" in entry else way
        needed, refused = MADE[way]
        for key in needed:
            if key not in entry:
                yield _wrong(id_, key, f"This key is missing; {NEEDS}.")
        for key in refused:
            if key in entry:
                yield _wrong(id_, key, f"This key does not belong here, since the indicator is {way}; {NEEDS}.")


def derived_from(tables: Tables) -> Iterator[Problem]:
    """A derived indicator is made from others that exist, at the same grain and on the same levels."""
    indicators = dict(_entries(tables, "indicators"))
    for id_, entry in indicators.items():
        for key, part in _parts(entry):
            if part not in indicators:
                yield _wrong(id_, key, f"There is no indicator {part!r}.")
                continue
            grains = [each.get("grain", "year") for each in (entry, indicators[part])]
            if grains[0] != grains[1]:
                yield _wrong(id_, key, f"{part!r} is per {grains[1]} and this indicator is per {grains[0]}.")
            known = _texts(indicators[part].get("levels"))
            if more := [level for level in _texts(entry.get("levels")) if level not in known]:
                yield _wrong(id_, "levels", f"{part!r} has no figures for {_list(more)}.")


def published_from(tables: Tables) -> Iterator[Problem]:
    """What a publisher is said to have made a figure from, are indicators too."""
    indicators = dict(_entries(tables, "indicators"))
    for id_, entry in indicators.items():
        for part in _texts(entry.get("parts")):
            if part not in indicators:
                yield _wrong(id_, "parts", f"There is no indicator {part!r}.")


def no_circles(tables: Tables) -> Iterator[Problem]:
    """No indicator is, by any way round, made from itself."""
    indicators = dict(_entries(tables, "indicators"))
    for id_ in indicators:
        reached: set[str] = set()
        ahead = [id_]
        while ahead:
            entry = indicators.get(ahead.pop(), {})
            for part in (*(part for _, part in _parts(entry)), *_texts(entry.get("parts"))):
                if part not in reached:
                    reached.add(part)
                    ahead.append(part)
        if id_ in reached:
            yield _wrong(id_, "", "It is made from itself, directly or by way of other indicators.")


def kinds(tables: Tables) -> Iterator[Problem]:
    """Kind, unit, factor, decimals and display tell the same story."""
    for id_, entry in _entries(tables, "indicators"):
        kind, unit = entry.get("kind"), entry.get("unit")
        displays = DISPLAYS.get(kind, ()) if isinstance(kind, str) else ()
        if displays and "display" in entry and entry["display"] not in displays:
            yield _wrong(id_, "display", f"A {kind} is drawn as {_list(displays)}.")
        if kind is not None and unit is not None and (kind == "share") != (unit == "percent"):
            yield _wrong(id_, "unit", f"A share is in percent and nothing else is; this is a {kind} in {unit}.")
        if kind == "share" and _is_derived(entry) and entry.get("factor") != 100:
            yield _wrong(id_, "factor", "A share is in percent, so its factor is 100.")
        if "counts" in entry and (kind != "count" or entry.get("grain", "year") != "year"):
            yield _wrong(id_, "counts", "Places are counted once a year: it is a count, and its grain is year.")
        if kind == "class" and entry.get("decimals") not in (0, None):
            yield _wrong(id_, "decimals", "A class is a whole number, so it has 0 decimals.")


def sure(tables: Tables) -> Iterator[Problem]:
    """Whatever the way to an interval needs is there, and nothing of another way."""
    for id_, entry in _entries(tables, "indicators"):
        interval = entry.get("interval", "none")
        if not isinstance(interval, str) or interval not in INTERVALS:
            continue  # said by model.py
        kinds, needed = INTERVALS[interval]
        kind = entry.get("kind")
        if isinstance(kind, str) and kind in DISPLAYS and kind not in kinds:
            yield _wrong(id_, "interval", f"A {kind} can't have the interval {interval!r}.")
        for key in ("rounding", "low_column", "high_column", "n_column"):
            if key in needed and key not in entry:
                yield _wrong(id_, key, f"This key is missing; the interval {interval!r} needs it.")
            if key in entry and key not in needed and key != "n_column":
                yield _wrong(id_, key, f"This key does not belong here, since the interval is {interval!r}.")


def breaks(tables: Tables) -> Iterator[Problem]:
    """A break begins where a period of the indicator begins, each at a later one, and its note is one sentence."""
    for id_, entry in _entries(tables, "indicators"):
        before = date.min
        for key, each in _breaks(entry):
            if type(period := each.get("period")) is date:
                if not _begins(period, grain := entry.get("grain", "year")):
                    yield _wrong(id_, f"{key}.period", f"{period} is not the first day of a {grain}.")
                if period <= before:
                    yield _wrong(id_, f"{key}.period", f"{period} must be later than the break before it.")
                before = period
            for lang in LANGUAGES:
                if (text := _text(each, "note", lang)) and not _is_sentence(text):
                    yield _wrong(id_, f"{key}.note.{lang}", ONE_SENTENCE)


def alikes(tables: Tables) -> Iterator[Problem]:
    """Areas are called alike by counted figures of what a place is like; never by a judgement, nor by its size."""
    for id_, entry in _entries(tables, "indicators"):
        if entry.get("alike") is not True:
            continue
        if entry.get("kind") in ("count", "class"):
            yield _wrong(id_, "alike", f"A {entry['kind']} can't tell whether areas are alike.")
        if entry.get("method") != "register" or entry.get("direction") != "neither":
            yield _wrong(id_, "alike", "It needs the method register and the direction neither.")


def weighted(tables: Tables) -> Iterator[Problem]:
    """Every share, rate, mean and index that is read says what it is taken over; counts add up by themselves."""
    indicators = dict(_entries(tables, "indicators"))
    for id_, entry in indicators.items():
        needed = entry.get("kind") in WEIGHTED and not _is_derived(entry)
        weight = entry.get("weight")
        if needed and weight is None:
            yield _wrong(id_, "weight", f"This key is missing; it is a count, or {_list(UNCOUNTED)}.")
        if not needed and weight is not None:
            yield _wrong(id_, "weight", "This key belongs to a share, rate, mean or index that is read.")
        if not needed or not isinstance(weight, str) or weight in UNCOUNTED:
            continue
        if weight not in indicators:
            yield _wrong(id_, "weight", f"There is no indicator {weight!r}, and it is none of {_list(UNCOUNTED)}.")
            continue
        if indicators[weight].get("kind") != "count":
            yield _wrong(id_, "weight", f"{weight!r} is no count.")
        if entry.get("grain", "year") != indicators[weight].get("grain", "year"):
            yield _wrong(id_, "weight", f"{weight!r} is not per {entry.get('grain', 'year')}.")


def minima(tables: Tables) -> Iterator[Problem]:
    """Every share, rate, mean and index says of how many it has to be; a count says so itself, and a class is no sum.

    A rule of ours needs a number to keep to; the publisher may count what we have no number of.
    """
    indicators = dict(_entries(tables, "indicators"))
    for id_, entry in indicators.items():
        found, needed = entry.get("minimum"), entry.get("kind") in WEIGHTED
        if needed and found is None:
            yield _wrong(id_, "minimum", "This key is missing; it says of how many the figure has to be at the least.")
        if entry.get("kind") in ("count", "class") and found is not None:
            yield _wrong(id_, "minimum", "This key belongs to a share, rate, mean or index.")
        of = found.get("of") if isinstance(found, Mapping) else None
        if not needed or not isinstance(found, Mapping) or not isinstance(of, str):
            continue
        if _is_derived(entry):
            if of != entry.get("denominator"):
                yield _wrong(id_, "minimum.of", "A derived indicator counts its denominator.")
        elif of in UNCOUNTED and of != "none":
            if found.get("whose") == "ours" and not (of == "sensors" and "quantity" in entry):
                yield _wrong(id_, "minimum.of", f"There is no number of {of} per area to keep to a rule of ours with.")
        elif of not in indicators or indicators[of].get("kind") != "count" or _is_derived(indicators[of]):
            yield _wrong(id_, "minimum.of", f"{of!r} is no count that is read, nor homes, adults or addresses.")


def withheld(tables: Tables) -> Iterator[Problem]:
    """Only counts that are read are hidden by their size, one of a source; what is derived is hidden with them."""
    first: dict[str, str] = {}
    for id_, entry in _entries(tables, "indicators"):
        if "withhold_below" not in entry:
            if "formerly" in entry:
                yield _wrong(id_, "formerly", "It belongs to an indicator with withhold_below.")
            continue
        if entry.get("kind") != "count" or _is_derived(entry):
            yield _wrong(id_, "withhold_below", "Only a count that is read has it; derive other figures from counts.")
        for source in _texts(entry.get("source")):
            if (other := first.setdefault(source, id_)) != id_:
                yield _wrong(
                    id_,
                    "withhold_below",
                    f"{other} of {source} has it too: one may be part of the other, and be found by subtracting.",
                )


def ranks(tables: Tables) -> Iterator[Problem]:
    """Every level has a rank of its own, or 'one level up' means nothing."""
    first: dict[int, str] = {}
    for id_, entry in _entries(tables, "levels"):
        if isinstance(rank := entry.get("rank"), int):
            if rank in first:
                yield Problem("levels.toml", f"{id_}.rank", f"{rank} is also the rank of {first[rank]}.")
            first.setdefault(rank, id_)


def twins(tables: Tables) -> Iterator[Problem]:
    """A twin is another indicator in the same unit, and one of the two is to be quoted."""
    indicators = tables.get("indicators", {})
    for id_, entry in _entries(tables, "indicators"):
        twin = entry.get("twin")
        if not isinstance(twin, Mapping):
            continue
        of = twin.get("of")
        if of == id_ or not isinstance(of, str) or of not in indicators:
            yield _wrong(id_, "twin.of", f"There is no other indicator {of!r}.")
        elif indicators[of].get("unit") != entry.get("unit"):
            yield _wrong(id_, "twin.of", f"{of!r} is in another unit.")
        if twin.get("quote") not in (id_, of):
            yield _wrong(id_, "twin.quote", f"Choose {id_!r} or {of!r}.")
        for lang in LANGUAGES:
            if (text := _text(twin, "why", lang)) and not _is_sentence(text):
                yield _wrong(id_, f"twin.why.{lang}", ONE_SENTENCE)


def signals(tables: Tables) -> Iterator[Problem]:
    """A signal is about kinds of sensor that there are, and about what they measure; what moves is not silent."""
    kinds = dict(_entries(tables, "sensor_kinds"))
    for id_, entry in _entries(tables, "signals"):
        quantity = entry.get("quantity")
        for name in _texts(entry.get("kinds")):
            if "sensor_kinds" not in tables:
                continue  # said already
            if name not in kinds:
                reason = f"{name!r} is not in sensor_kinds.toml, which has {_list(kinds)}."
                yield Problem("signals.toml", f"{id_}.kinds", reason)
            elif isinstance(quantity, str) and quantity not in (known := _texts(kinds[name].get("quantities"))):
                reason = f"{name!r} does not measure {quantity!r}; it measures {_list(known)}."
                yield Problem("signals.toml", f"{id_}.quantity", reason)
            elif "silent" in entry and kinds[name].get("moving") is True:
                reason = f"{name!r} moves, so where it measures nothing it is only somewhere else."
                yield Problem("signals.toml", f"{id_}.kinds", reason)
        of = tables.get("quantities", {}).get(quantity) if isinstance(quantity, str) else None
        about = of if isinstance(of, Mapping) else {}
        low, high, threshold = about.get("low"), about.get("high"), entry.get("threshold")
        match low, high, threshold:
            case float() | int(), float() | int(), float() | int() if not low <= threshold <= high:
                reason = f"{threshold:g} is not between {low:g} and {high:g}, outside which nothing is believed."
                yield Problem("signals.toml", f"{id_}.threshold", reason)


def sensing(tables: Tables) -> Iterator[Problem]:
    """What sensors measure and are is declared: units, quantities, kinds of place."""
    for file, key, other in (
        ("quantities", "unit", "units"),
        ("sensor_kinds", "quantities", "quantities"),
    ):
        for id_, entry in _entries(tables, file):
            for name in _texts(entry.get(key)):
                if other in tables and name not in tables[other]:
                    yield Problem(f"{file}.toml", f"{id_}.{key}", f"{name!r} is not in {other}.toml.")
    for id_, entry in _entries(tables, "indicators"):
        if "quantity" in entry:
            yield from _sensed(id_, entry, tables.get("quantities", {}))
    for id_, _ in _entries(tables, "sensor_kinds"):
        if "places" in tables and id_ not in tables["places"]:
            yield Problem("sensor_kinds.toml", id_, "It is no kind of place in places.toml.")


def shares(tables: Tables) -> Iterator[Problem]:
    """A share is made of quantities that are measured."""
    for id_, entry in _entries(tables, "quantities"):
        share = entry.get("share")
        for part in _texts(list(share.values()) if isinstance(share, Mapping) else []):
            if part not in tables["quantities"]:
                yield Problem("quantities.toml", f"{id_}.share", f"{part!r} is not in quantities.toml.")


def _sensed(id_: str, entry: Entry, quantities: Mapping[str, Entry]) -> Iterator[Problem]:
    """What is made of sensors names what they measure, in its unit, and never puts in order what was made alike."""
    name = entry["quantity"]
    measured = quantities.get(name) if isinstance(name, str) else None
    if not isinstance(measured, Mapping):
        yield _wrong(id_, "quantity", f"{name!r} is not in quantities.toml.")
        return
    if measured.get("unit") != entry.get("unit"):
        yield _wrong(id_, "unit", f"{name} is in {measured.get('unit')}.")
    if entry.get("grain", "year") == "year" or entry.get("method") != "sensor":
        yield _wrong(id_, "quantity", "It needs the method sensor, and the grain day or month.")
    if measured.get("even") and not entry.get("stations") and entry.get("ranked") is not False:
        yield _wrong(id_, "ranked", f"It must be false: {name} of sensors is corrected as if the city were one.")
    minimum = entry.get("minimum")
    least = minimum.get("least") if isinstance(minimum, Mapping) else None
    if not entry.get("stations") and least != measured.get("least"):
        yield _wrong(id_, "minimum.least", f"{name} needs {measured.get('least')} sensors.")


RULES: tuple[Callable[[Tables], Iterator[Problem]], ...] = (
    references,
    repetitions,
    words_without_a_figure,
    unique_titles,
    short_titles,
    one_sentence,
    templates,
    read_or_derived,
    derived_from,
    published_from,
    no_circles,
    kinds,
    sure,
    breaks,
    twins,
    alikes,
    weighted,
    minima,
    withheld,
    ranks,
    sensing,
    shares,
    signals,
)


def _entries(tables: Tables, file: str) -> Iterator[tuple[str, Entry]]:
    for id_, entry in tables.get(file, {}).items():
        if isinstance(entry, Mapping):
            yield id_, entry


def _wrong(id_: str, key: str, reason: str) -> Problem:
    return Problem("indicators.toml", f"{id_}.{key}" if key else id_, reason)


def _is_derived(entry: Entry) -> bool:
    return "numerator" in entry or "denominator" in entry


def _parts(entry: Entry) -> list[tuple[str, str]]:
    return [(key, entry[key]) for key in ("numerator", "denominator") if isinstance(entry.get(key), str)]


def _local_caveats(entry: Entry) -> list[str]:
    local = entry.get("local_caveats")
    named = [each.get("key") for each in local if isinstance(each, Mapping)] if isinstance(local, list) else []
    return [key for key in named if isinstance(key, str)]


def _breaks(entry: Entry) -> list[tuple[str, Entry]]:
    found = entry.get("breaks")
    listed = found if isinstance(found, list) else []
    return [(f"breaks.{place}", each) for place, each in enumerate(listed) if isinstance(each, Mapping)]


def _texts(value: Any) -> list[str]:
    values = value if isinstance(value, list) else [value]
    return [each for each in values if isinstance(each, str)]


def _text(entry: Entry, key: str, lang: str) -> str:
    texts = entry.get(key)
    text = texts.get(lang) if isinstance(texts, Mapping) else None
    return text.strip() if isinstance(text, str) else ""


def _is_sentence(text: str) -> bool:
    ends = list(re.finditer(r"[.!?](?=\s|$)", text))
    return len(ends) == 1 and ends[0].end() == len(text)


def _begins(day: date, grain: Any) -> bool:
    """Whether a period of `grain` begins on `day`; another grain than there is, is for `model.py` to report."""
    return {"year": (day.month, day.day) == (1, 1), "month": day.day == 1}.get(str(grain), True)


def _misfits(template: str, wanted: set[str]) -> Iterator[str]:
    try:
        found = [name for _, name, _, _ in Formatter().parse(template) if name is not None]
    except ValueError as error:
        yield f"It can't be filled in: {error}."
        return
    for name in sorted(wanted - set(found)):
        yield f"{{{name}}} is missing from it."
    for name in sorted(set(found) - wanted):
        yield f"{{{name}}} can't be filled in; it may hold {_list(f'{{{each}}}' for each in sorted(wanted))}."


def _list(names: Iterable[str]) -> str:
    return ", ".join(names)
