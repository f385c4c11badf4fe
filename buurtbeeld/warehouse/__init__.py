"""Raw files → one DuckDB mart. `python -m buurtbeeld.warehouse` builds and publishes it."""
