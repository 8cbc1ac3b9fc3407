"""Terminals are not part of what the tests of event loops need of this module."""
