"""Whatever is wrong in a catalogue file is refused in a sentence that names the file, the key and the reason."""

from pathlib import Path

import pytest

from buurtbeeld.catalogue import CatalogueError, load

IND, T, U, L, C, M = "indicators", "themes", "units", "levels", "licences", "missing"
Q, K = "quantities", "sensor_kinds"
MINIMUM = 'minimum = { of = "residents", least = 50, whose = "ours" }'
MEAN = "kind = 'mean'\nweight = "
CIRCLE = 'numerator = "older_share"'
SHARE = 'method = "register"\nlevels = ["gemeente", "buurt"]\nnumerator = "older"'

BREAK = (
    '{ period = 2019-01-01, kind = "definition", link = "https://example.org/why", '
    'note = { nl = "Anders geteld.", en = "Counted otherwise." } }'
)

TWIN = 'twin = { of = "older", quote = "residents", why = { nl = "Anders geteld.", en = "Counted otherwise." } }'

SPOILT = [
    # file, what is there, what is put there, key of the problem, words of the reason
    *(
        (IND, "decimals = 0", f"decimals = 0\n{TWIN.replace(was, now)}", f"residents.{key}", reason)
        for was, now, key, reason in (
            ('"older"', '"nobody"', "twin.of", "There is no other indicator 'nobody'"),
            ('of = "older"', 'of = "residents"', "twin.of", "There is no other indicator 'residents'"),
            ('of = "older"', 'of = "older_share"', "twin.of", "'older_share' is in another unit"),
            ('quote = "residents"', 'quote = "land_area"', "twin.quote", "Choose 'residents' or 'older'"),
            ("geteld.", "geteld", "twin.why.nl", "It must be one sentence"),
        )
    ),
    (
        IND,
        'theme = "people"',
        'theme = "peeple"',
        "residents.theme",
        "'peeple' is not in themes.toml, which has people",
    ),
    (IND, 'unit = "people"', 'unit = "persons"', "residents.unit", "'persons' is not in units.toml"),
    (Q, 'unit = "people"', 'unit = "persons"', "dust.unit", "'persons' is not in units.toml"),
    (Q, "low = 0", 'low = 0\nshare = { whole = "dust", rest = "air" }', "dust.share", "'air' is not in quantities"),
    (Q, "low = 0", 'low = 0\nshare = { whole = "dust" }', "dust.share", "a share has either taken or rest"),
    (Q, "low = 0", "low = 0\ntolerated = [1, 2000]", "dust", "tolerated has to lie around both"),
    (K, '["dust"]', '["smoke"]', "school.quantities", "'smoke' is not in quantities.toml"),
    (K, "[school]", "[pole]", "pole", "It is no kind of place in places.toml"),
    (IND, '["rounded"]', '["vague"]', "residents.caveats", "'vague' is not in caveats.toml"),
    (IND, '["rounded"]', '["rounded", "rounded"]', "residents.caveats", "'rounded' is there more than once"),
    (IND, '["gemeente", "buurt"]', '["gemeente", "dorp"]', "residents.levels", "'dorp' is not in levels.toml"),
    (IND, '["gemeente", "buurt"]', "[]", "residents.levels", "The list is empty"),
    (IND, '["gemeente", "buurt"]', '"buurt"', "residents.levels", "It must be a list between [ and ]"),
    (IND, '["gemeente", "buurt"]', '["gemeente"]', "older_share.levels", "'residents' has no figures for buurt"),
    (IND, 'nl = "Inwoners", ', "", "residents.title.nl", "This key is missing"),
    (IND, 'en = "Residents"', 'en = " "', "residents.title.en", "It is empty"),
    (IND, 'en = "Residents"', 'en = "Residents", de = "Einwohner"', "residents.title.de", "This key is unknown"),
    (IND, '{ nl = "Inwoners", en = "Residents" }', '"Inwoners"', "residents.title", "a text for nl and one for en"),
    (IND, 'en = "Residents"', 'en = "Older people"', "older.title.en", "'Older people' is also that of residents"),
    (IND, '"Residents"', f'"{"Residents " * 5}"', "residents.title.en", "It has 49 characters; at most 45 fit"),
    (IND, '"Hoeveel mensen er wonen."', '""', "residents.description.nl", "It is empty"),
    (IND, "er wonen.", "er wonen. Dat is alles.", "residents.description.nl", "It must be one sentence"),
    (IND, "er wonen.", "er wonen", "residents.description.nl", "ends with a full stop"),
    (IND, "{value} mensen", "veel mensen", "residents.sentence.nl", "{value} is missing from it"),
    (IND, "In {period} woonden er {value} m", "{value} m", "residents.sentence.nl", "{period} is missing from it"),
    (IND, "mensen in {area}", "{unit} in {area}", "residents.sentence.nl", "{unit} can't be filled in; it"),
    (IND, "mensen in {area}", "mensen in {area", "residents.sentence.nl", "It can't be filled in"),
    (IND, 'kind = "count"', 'kind = "number"', "residents.kind", "'number' is not allowed; choose 'share', 'rate'"),
    (IND, 'direction = "neither"', 'direction = "up"', "residents.direction", "choose 'more_is_better'"),
    (IND, 'method = "register"', 'method = "guess"', "residents.method", "'guess' is not allowed"),
    (IND, 'method = "register"', "", "residents.method", "This key is missing"),
    (IND, 'method = "register"', 'methode = "register"', "residents.methode", "This key is unknown; look for a typing"),
    (IND, "decimals = 0", "decimals = 9", "residents.decimals", "9 is not allowed; it must be 3 or less"),
    (IND, "decimals = 0", "decimals = -1", "residents.decimals", "-1 is not allowed; it must be 0 or more"),
    (IND, "decimals = 0", 'decimals = "0"', "residents.decimals", "It must be a whole number without quotation marks"),
    (IND, "decimals = 0", "decimals = 0\nheadline = 1", "residents.headline", "It must be true or false"),
    (IND, "decimals = 0", "decimals = 0\nalike = 1", "residents.alike", "It must be true or false"),
    (
        IND,
        "decimals = 0",
        "decimals = 0\nalike = true",
        "residents.alike",
        "A count can't tell whether areas are alike",
    ),
    (
        IND,
        SHARE,
        SHARE.replace("register", "model") + "\nalike = true",
        "older_share.alike",
        "It needs the method register",
    ),
    (IND, "decimals = 0", 'decimals = 0\nscale = "1000"', "residents.scale", "It must be a number without quotation"),
    (IND, "decimals = 0", "decimals = 0\nscale = 0", "residents.scale", "0 is not allowed; it must be more than 0"),
    (IND, "decimals = 0", "decimals = 0\ngrain = 'week'", "residents.grain", "choose 'year', 'month' or 'day'"),
    (IND, "decimals = 0", "decimals = 0\ngrain = 'month'", "older_share.denominator", "'residents' is per month"),
    (IND, "decimals = 0", "decimals = 0\ndisplay = 'areas'", "residents.display", "A count is drawn as circles"),
    (IND, "factor = 100", "factor = 100\ndisplay = 'circles'", "older_share.display", "A share is drawn as areas"),
    (IND, "factor = 100", "factor = 1000", "older_share.factor", "A share is in percent, so its factor is 100"),
    (IND, 'kind = "share"', 'kind = "mean"', "older_share.unit", "A share is in percent and nothing else is"),
    (IND, 'kind = "share"', 'kind = "class"', "older_share.decimals", "A class is a whole number"),
    (IND, "decimals = 0", 'decimals = 0\nid = "r"', "residents.id", "The id is the table's name; leave this key out"),
    (IND, "[residents]", "[Residents]", "Residents", "'Residents' has the wrong form"),
    (IND, "[residents]", "loose = 1\n[residents]", "loose", "It stands outside a table"),
    (IND, '"AantalInwoners"', "'a\"; DROP TABLE'", "residents.column", "has the wrong form"),
    (IND, 'source = "cbs"', "", "residents.source", "an indicator has a source and a column"),
    (IND, 'column = "AantalInwoners"', "", "residents.column", "This key is missing; an indicator has"),
    (IND, "decimals = 0", "decimals = 0\nfactor = 2", "residents.factor", "since the indicator is read"),
    (IND, "factor = 100", "factor = 100\nscale = 2", "older_share.scale", "since the indicator is derived"),
    (IND, "factor = 100", 'factor = 100\ncolumn = "X"', "older_share.column", "It is read (column) and derived"),
    (IND, 'denominator = "residents"', "", "older_share.denominator", "This key is missing"),
    (IND, 'numerator = "older"', 'numerator = "young"', "older_share.numerator", "There is no indicator 'young'"),
    (IND, 'numerator = "older"', CIRCLE, "older_share", "It is made from itself, directly or by way of other in"),
    (IND, "decimals = 0", "decimals = 0\nparts = ['dogs']", "residents.parts", "There is no indicator 'dogs'"),
    (IND, "decimals = 0", "decimals = 0\nparts = 'older'", "residents.parts", "It must be a list between [ and ]"),
    (IND, "decimals = 0", "decimals = 0\nparts = ['older', 'older']", "residents.parts", "'older' is there more than"),
    (IND, "decimals = 0", "decimals = 0\nparts = ['older_share']", "residents", "It is made from itself, directly or"),
    (IND, "factor = 100", "factor = 100\nparts = ['older']", "older_share.parts", "since the indicator is derived"),
    (IND, "factor = 100", "factor = 100\nminimum = 0", "", "It can't be read as TOML"),
    (IND, "decimals = 0", "decimals = 0\ninterval = 'guess'", "residents.interval", "choose 'none', 'rounded'"),
    (IND, "decimals = 0", "decimals = 0\ninterval = 'rounded'", "residents.rounding", "interval 'rounded' needs it"),
    (IND, "decimals = 0", "decimals = 0\nrounding = 5", "residents.rounding", "since the interval is 'none'"),
    (IND, "decimals = 0", "decimals = 0\ninterval = 'survey'", "residents.interval", "A count can't have the interval"),
    (IND, "decimals = 0", "decimals = 0\ninterval = 'published'", "residents.low_column", "'published' needs it"),
    (IND, "decimals = 0", "decimals = 0\nwidest = 1", "residents.widest", "since the indicator is read"),
    (IND, "factor = 100", "factor = 100\ninterval = 'none'", "older_share.interval", "since the indicator is derived"),
    (
        IND,
        '["rounded"]',
        '[]\nlocal_caveats = [{ key = "x", times_city = 2 }]',
        "residents.local_caveats",
        "'x' is not in",
    ),
    *[
        (IND, "decimals = 0", f"decimals = 0\nbreaks = [{breaks}]", f"residents.breaks.{key}", reason)
        for breaks, key, reason in (
            (BREAK.replace("2019-01-01", "2019-07-01"), "0.period", "2019-07-01 is not the first day of a year"),
            (f"{BREAK}, {BREAK}", "1.period", "2019-01-01 must be later than the break before it"),
            (BREAK.replace("2019-01-01", '"2019"'), "0.period", "a day without quotation"),
            (BREAK.replace("definition", "feeling"), "0.kind", "choose 'definition', 'method' or 'border'"),
            (BREAK.replace("https", "http"), "0.link", "has the wrong form"),
            (BREAK.replace("Anders geteld.", "Anders geteld"), "0.note.nl", "ends with a full stop"),
            (BREAK.replace(', en = "Counted otherwise."', ""), "0.note.en", "This key is missing"),
        )
    ],
    (IND, 'kind = "count"', 'kind = "mean"', "residents.weight", "This key is missing; it is a count, or homes"),
    (
        IND,
        'kind = "count"',
        f"{MEAN}'dogs'",
        "residents.weight",
        "There is no indicator 'dogs', and it is none of homes",
    ),
    (IND, 'kind = "count"', f"{MEAN}'older_share'", "residents.weight", "'older_share' is no count"),
    (IND, 'kind = "count"', f"{MEAN}'older'\ngrain = 'month'", "residents.weight", "'older' is not per month"),
    (
        IND,
        "decimals = 0",
        "decimals = 0\nweight = 'older'",
        "residents.weight",
        "belongs to a share, rate, mean or index",
    ),
    (IND, "factor = 100", "factor = 100\nweight = 'homes'", "older_share.weight", "or index that is read"),
    (
        IND,
        "factor = 100",
        "factor = 100\nwithhold_below = 5",
        "older_share.withhold_below",
        "Only a count that is read",
    ),
    (IND, "decimals = 0", "decimals = 0\nformerly = ['people']", "residents.formerly", "with withhold_below"),
    (IND, "decimals = 0", "decimals = 0\nwithhold_below = 0", "residents.withhold_below", "it must be more than 0"),
    (IND, "factor = 100", "factor = 100\nprecision = 5", "older_share.precision", "since the indicator is derived"),
    (IND, MINIMUM, "", "older_share.minimum", "This key is missing; it says of how many"),
    (IND, "decimals = 0", f"decimals = 0\n{MINIMUM}", "residents.minimum", "belongs to a share, rate, mean or index"),
    (IND, "least = 50", "least = 0", "older_share.minimum.least", "it must be more than 0"),
    (IND, '"ours"', '"theirs"', "older_share.minimum.whose", "choose 'publisher' or 'ours'"),
    (IND, MINIMUM, MINIMUM.replace("residents", "older"), "older_share.minimum.of", "counts its denominator"),
    *[
        (IND, 'kind = "count"', f"{MEAN}'older'\n{MINIMUM.replace('residents', of)}", "residents.minimum.of", reason)
        for of, reason in (
            ("homes", "There is no number of homes per area to keep to a rule of ours with"),
            ("older_share", "'older_share' is no count that is read, nor homes"),
            ("none", "'none' is no count that is read, nor homes"),
            ("dogs", "'dogs' is no count that is read, nor homes"),
        )
    ],
    (IND, ', column = "Inwoners" }', " }", "residents.also.0.column", "This key is missing"),
    (IND, ', column = "Inwoners" }', ', column = "X", factor = 2 }', "residents.also.0.factor", "This key is unknown"),
    (IND, "decimals = 0", 'decimals = 0\nsynonyms = ["a", "a"]', "residents.synonyms", "'a' is there more than once"),
    (IND, "decimals = 0", 'decimals = 0\ncontains = [""]', "residents.contains.0", "It is empty"),
    (IND, "decimals = 0", 'decimals = 0\nrelated = ["residents"]', "residents.related", "but this one is called that"),
    (IND, "decimals = 0", 'decimals = 0\nearlier = ["A", "A"]', "residents.earlier", "'A' is there more than once"),
    (IND, "factor = 100", 'factor = 100\nearlier = ["A"]', "older_share.earlier", "since the indicator is derived"),
    (IND, "factor = 100", 'factor = 100\ngroup = "A"', "older_share.group", "since the indicator is derived"),
    (IND, "factor = 100", 'factor = 100\ncounts = ["a"]', "older_share.factor", "since the indicator is counted"),
    (IND, "decimals = 0", 'decimals = 0\ncounts = ["a"]', "residents.column", "since the indicator is counted"),
    (IND, 'kind = "count"', 'kind = "mean"\ncounts = ["a"]', "residents.counts", "Places are counted once a year"),
    (IND, "decimals = 0", 'decimals = 0\ncounts = ["a", "a"]', "residents.counts", "'a' is there more than once"),
    (
        IND,
        "decimals = 0",
        'decimals = 0\ncontains = ["a"]\nrelated = ["a"]',
        "residents.related",
        "'a' is in contains as well",
    ),
    (T, "Wie er wonen.", "Wie er wonen", "people.description.nl", "ends with a full stop"),
    (T, "[people]", "[people", "", "It can't be read as TOML"),
    (U, '"{n}%"', '"%"', "percent.pattern.nl", "{n} is missing from it"),
    (L, "rank = 4", "rank = 1", "buurt.rank", "1 is also the rank of gemeente"),
    (L, "rank = 4", 'rank = "4"', "buurt.rank", "It must be a whole number"),
    (C, "https://", "www.", "cc0.url", "has the wrong form"),
    (M, '"later"', '"soon"', "code.0.status", "'soon' is not allowed; choose 'ok', 'unreliable'"),
    (M, '"later"', '"ok"', "-99995", "A missing code can't have a shown status"),
    (M, "floor = -99990", "", "floor", "This key is missing"),
]


def spoil(folder: Path, file: str, old: str, new: str) -> None:
    """Puts `new` in the place of the first `old`, which must be there."""
    path = folder / f"{file}.toml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


@pytest.mark.parametrize(("file", "old", "new", "key", "reason"), SPOILT, ids=lambda value: str(value)[:40])
def test_a_mistake_is_refused_in_a_sentence(small: Path, file: str, old: str, new: str, key: str, reason: str) -> None:
    spoil(small, file, old, new)
    with pytest.raises(CatalogueError) as error:
        load(small)
    found = [problem for problem in error.value.problems if problem.key == key and reason in problem.reason]
    assert [problem.file for problem in found] == [f"{file}.toml"], str(error.value)
    assert found[0].reason.endswith(".")
    assert str(found[0]) in str(error.value)


def test_two_counts_of_one_source_with_something_to_hide_are_refused(small: Path) -> None:
    spoil(small, IND, "decimals = 0", "decimals = 0\nwithhold_below = 5")
    spoil(small, IND, 'source = "cbs_ages"', 'source = "cbs_ages"\nwithhold_below = 5')
    load(small)
    spoil(small, IND, 'source = "cbs_ages"', 'source = "cbs"')
    with pytest.raises(CatalogueError, match="residents of cbs has it too: one may be part of"):
        load(small)


def test_all_problems_are_reported_together(small: Path) -> None:
    spoil(small, IND, 'theme = "people"', 'theme = "peeple"')
    spoil(small, IND, "decimals = 0", "decimals = 9")
    spoil(small, IND, 'numerator = "older"', 'numerator = "young"')
    spoil(small, U, '"{n}%"', '"%"')
    spoil(small, L, "rank = 4", "rank = 1")
    with pytest.raises(CatalogueError) as error:
        load(small)
    assert sorted(problem.key for problem in error.value.problems) == [
        "buurt.rank",
        "older_share.numerator",
        "percent.pattern.nl",
        "residents.decimals",
        "residents.theme",
    ]
    assert str(error.value).startswith("The catalogue has 5 problems:\n- ")


def test_one_wrong_key_does_not_hide_another_in_the_same_entry(small: Path) -> None:
    spoil(small, IND, 'theme = "people"', 'theme = "peeple"\ncolour = "red"')
    spoil(small, IND, "{value} mensen", "veel mensen")
    with pytest.raises(CatalogueError) as error:
        load(small)
    assert {problem.key for problem in error.value.problems} == {
        "residents.colour",
        "residents.sentence.nl",
        "residents.theme",
    }


def test_a_broken_file_does_not_accuse_the_entries_that_name_it(small: Path) -> None:
    spoil(small, T, "[people]", "[people")
    with pytest.raises(CatalogueError) as error:
        load(small)
    assert [problem.file for problem in error.value.problems] == ["themes.toml"]


def test_a_circle_of_two_is_reported_for_both(small: Path) -> None:
    path = small / "indicators.toml"
    text = path.read_text(encoding="utf-8")
    start = text.index("[older_share]")
    twin = text[start:].replace("[older_share]", "[twin]").replace('"Deel', '"Half').replace('"Share', '"Half')
    twin = twin.replace('numerator = "older"', 'numerator = "older_share"')
    path.write_text(text.replace('numerator = "older"', 'numerator = "twin"') + twin, encoding="utf-8")
    with pytest.raises(CatalogueError) as error:
        load(small)
    assert [problem.key for problem in error.value.problems] == ["older_share", "twin"]
