"""Buurtbeeld: what goes on in each wijk and buurt of a Dutch gemeente. The engine; see docs/architecture.md."""

__version__ = "0.1.0"
