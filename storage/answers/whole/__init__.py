"""What exports, plots and labels ask of a whole published archive: rows, in any number."""
