"""Search that forgives: areas, postcodes, figures, themes and pages, by name, by other words and with typing errors.

What is typed is compared with an index that is made once per build and language. It is not kept, and goes into no log
and no address: a result carries ids.
"""

from buurtbeeld.search.find import Found, Result, find
from buurtbeeld.search.index import Index, index

__all__ = ["Found", "Index", "Result", "find", "index"]
