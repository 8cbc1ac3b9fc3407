"""Tests import it for CPython's internals, which are not here: whatever asks for one fails."""


def __getattr__(name):
    if name.startswith('__'):
        raise AttributeError(name)

    def missing(*args, **kwargs):
        raise NotImplementedError(f"_testinternalcapi.{name}")
    return missing
