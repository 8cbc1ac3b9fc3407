"""There is one implementation of abstract base classes."""

from abc import ABCMeta, get_cache_token
