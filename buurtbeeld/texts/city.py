"""Sentences about what is wrong in the city's own files: the place, what is wrong there, and what to do."""

from typing import Any

from buurtbeeld.catalogue import Catalogue, CityProblem
from buurtbeeld.texts import Words
from buurtbeeld.texts.lists import joined, listed


def said(problem: CityProblem, words: Words, catalogue: Catalogue) -> str:
    """The sentence: `city/targets.csv, rij 3, kolom value: …`. Raises KeyError for a key without words."""
    given = {name: _written(name, value, words, catalogue) for name, value in problem.values.items()}
    return f"{', '.join([f'city/{problem.file}', *_where(problem, words)])}: {words.t(problem.key, **given)}"


def _where(problem: CityProblem, words: Words) -> list[str]:
    match problem.rows:
        case []:
            return []
        case [row]:
            column = [words.t("city.column", column=problem.column)] if problem.column else []
            return [words.t("city.row", row=row), *column]
        case rows:
            return [words.t("city.rows", rows=listed([str(row) for row in rows], words))]


def _written(name: str, value: Any, words: Words, catalogue: Catalogue) -> object:
    """What is filled in under `name`, as a sentence writes it."""
    match name:
        case "cell" | "begin" | "near":
            return _quoted(value)
        case "names":
            return joined([_quoted(each) if each else words.t("city.nameless") for each in value])
        case "columns":
            return joined(value)
        case "codes":
            return listed(value, words)
        case "low" | "high":
            return words.plain(value)
        case "level":
            return _level(value, words, catalogue)
        case "levels":
            return joined([_level(each, words, catalogue) for each in value])
        case "unit":
            return catalogue.units[value].word.get(words.lang)
    return value


def _quoted(cell: str) -> str:
    """A cell as it was written. Signs that can't be seen are spelt out, because a sentence ends up in a terminal."""
    return repr(cell if len(cell) <= 60 else f"{cell[:60]}…")


def _level(id: str, words: Words, catalogue: Catalogue) -> str:
    return catalogue.levels[id].singular.get(words.lang)
