"""Files and streams of every form, one article after another."""
