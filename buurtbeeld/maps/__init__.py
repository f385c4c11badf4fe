"""Figures in, map out: colours, the file a browser fetches, and the deck that names it. Pure; no screen, no mart."""
