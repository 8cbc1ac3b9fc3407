"""Enough of pydoc to import tests of which a few look at help texts; those are skipped."""

import unittest


def _missing(*args, **kwargs):
    raise unittest.SkipTest("requires pydoc")


Helper = HTMLDoc = TextDoc = Doc = render_doc = plaintext = plain = getdoc = _missing
