"""Names as running text. Some names hold commas, so a comma between two names would make them look like three."""

from collections.abc import Sequence

from buurtbeeld.texts import Words


def joined(names: Sequence[str]) -> str:
    """Names behind each other: `a, b, c`; with ; between them where a name holds a comma itself."""
    return _between(names).join(names)


def listed(names: Sequence[str], words: Words) -> str:
    """The same as part of a sentence: `a, b en c`, or `a, with a comma; b; en c`."""
    *first, last = names or ("",)
    if not first:
        return last
    mark = _between(names)
    return words.t("list.and", first=mark.join(first) + mark.strip(" ,"), last=last)


def _between(names: Sequence[str]) -> str:
    return "; " if any("," in name for name in names) else ", "
