"""Figures in, chart out: a Vega-Lite specification, or a small drawing in SVG. Pure; no screen, no mart."""
