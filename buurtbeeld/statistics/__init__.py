"""Calculations on arrays: pure functions with their formula and source. No data, no words, no screen."""
