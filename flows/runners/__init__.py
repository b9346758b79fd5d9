"""Where partitions of a stage are worked on: here, in processes, on Dask; the answers are equal."""
