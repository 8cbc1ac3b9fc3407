"""Tests with processes that go on with the same program are skipped."""
import unittest


def get_start_method():
    return "spawn"


def get_context(method=None):
    raise unittest.SkipTest("multiprocessing is not supported")
