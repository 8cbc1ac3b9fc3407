"""Enough of pdb for tests that replace its functions."""


def set_trace(*, header=None):
    raise RuntimeError("there is no debugger")
