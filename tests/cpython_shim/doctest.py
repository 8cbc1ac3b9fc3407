"""Enough of doctest to import tests that also have examples in docstrings; the examples are not run."""

import unittest

ELLIPSIS = NORMALIZE_WHITESPACE = IGNORE_EXCEPTION_DETAIL = DONT_ACCEPT_TRUE_FOR_1 = 0


def DocTestSuite(*args, **kwargs):
    return unittest.TestSuite()


def testmod(*args, **kwargs):
    raise unittest.SkipTest("requires doctest")


class DocTestFinder:
    def find(self, *args, **kwargs):
        raise unittest.SkipTest("requires doctest")
