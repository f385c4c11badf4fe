"""Figures and areas as files for others: pure functions from a table to bytes."""
