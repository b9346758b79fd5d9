"""The road of a run, as a Prefect flow: the only place where the other packages meet."""
