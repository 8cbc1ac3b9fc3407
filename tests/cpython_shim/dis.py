"""Enough of dis to import tests of which a few look at CPython's byte code; those are skipped."""

import unittest


def _missing(*args, **kwargs):
    raise unittest.SkipTest("requires CPython's byte code")


dis = get_instructions = Bytecode = findlinestarts = stack_effect = code_info = _missing
opmap = {}
opname = []
COMPILER_FLAG_NAMES = {
    1: "OPTIMIZED", 2: "NEWLOCALS", 4: "VARARGS", 8: "VARKEYWORDS", 16: "NESTED", 32: "GENERATOR", 64: "NOFREE",
    128: "COROUTINE", 256: "ITERABLE_COROUTINE", 512: "ASYNC_GENERATOR",
}
