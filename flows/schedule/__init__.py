"""Runs at their times, and the Prefect server behind them."""
