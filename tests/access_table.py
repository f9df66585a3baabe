"""The rows of `tests/test_access.py`."""

POST: set[str] = set()
ACCESS: dict[str, str] = {}
