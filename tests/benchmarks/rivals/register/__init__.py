"""The register as a Django app."""
