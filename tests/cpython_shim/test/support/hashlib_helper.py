"""Tests that need a hash function."""

import functools
import hashlib
import unittest


def requires_hashdigest(digestname, openssl=None, usedforsecurity=True):
    """Skips a test, or all of a class, where a hash function is missing."""
    def check():
        try:
            hashlib.new(digestname, usedforsecurity=usedforsecurity)
        except ValueError:
            raise unittest.SkipTest(f"hash digest {digestname!r} is not available.")

    def decorator(item):
        if isinstance(item, type):
            set_up = item.setUpClass

            def setUpClass(cls):
                check()
                return set_up()
            item.setUpClass = classmethod(setUpClass)
            return item

        @functools.wraps(item)
        def wrapper(*args, **kwargs):
            check()
            return item(*args, **kwargs)
        return wrapper
    return decorator
