"""The archive for language models: questions over the Model Context Protocol, nothing else."""
