"""Figures in, chart out: a Vega-Lite specification, or a small drawing in SVG. Pure; no screen, no mart."""

from altair.utils.schemapi import disable_debug_mode

# Altair would check every piece of a chart against its schema each time. The tests check charts as a whole.
disable_debug_mode()
