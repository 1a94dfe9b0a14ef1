"""Surgetank's own Lambda runtime for Python: Runtime API client, handler semantics, log output, zygote."""
