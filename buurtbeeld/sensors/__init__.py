"""Readings of sensors: how they come in, which are believed, and what hours and days are made of them."""
