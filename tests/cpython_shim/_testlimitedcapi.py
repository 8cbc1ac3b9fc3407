"""Tests import it for functions of CPython's C API, which are not here: whatever asks for one fails."""


def __getattr__(name):
    if name.startswith('__'):
        raise AttributeError(name)

    def missing(*args, **kwargs):
        raise NotImplementedError(f"_testlimitedcapi.{name}")
    return missing
