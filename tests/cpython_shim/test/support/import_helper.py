"""Importing modules in particular ways."""

import contextlib
import importlib
import os
import sys
import unittest
import warnings


@contextlib.contextmanager
def _quiet(ignore):
    with warnings.catch_warnings():
        if ignore:
            warnings.filterwarnings("ignore", ".+ (module|package)", DeprecationWarning)
        yield


def unload(name):
    sys.modules.pop(name, None)


def forget(modname):
    unload(modname)


def import_module(name, deprecated=False, *, required_on=()):
    """A module; the test is skipped if there is none."""
    with _quiet(deprecated):
        try:
            return importlib.import_module(name)
        except ImportError as error:
            if sys.platform.startswith(tuple(required_on)):
                raise
            raise unittest.SkipTest(str(error))


@contextlib.contextmanager
def frozen_modules(enabled=True):
    yield


def _take_modules(names):
    prefixes = tuple(name + '.' for name in names)
    return {name: sys.modules.pop(name) for name in list(sys.modules) if name in names or name.startswith(prefixes)}


def import_fresh_module(name, fresh=(), blocked=(), *, deprecated=False, usefrozen=False):
    """A new copy of a module, made with new copies of some modules and without others.

    None if one of the fresh modules cannot be imported. A module that cannot do without a blocked one has no second
    implementation: the tests of that one run with the only one there is.
    """
    with _quiet(deprecated):
        names = {name, *fresh, *blocked}
        before = _take_modules(names)
        sys.modules.update(dict.fromkeys(blocked))
        try:
            try:
                for each in fresh:
                    __import__(each)
            except ImportError:
                return None
            try:
                return importlib.import_module(name)
            except ImportError:
                if not blocked:
                    raise
            for each in blocked:
                sys.modules.pop(each, None)
            sys.modules.pop(name, None)
            return importlib.import_module(name)
        finally:
            _take_modules(names)
            sys.modules.update(before)


class CleanImport:
    """Modules imported in the block are new ones."""

    def __init__(self, *module_names, usefrozen=False):
        self.before = sys.modules.copy()
        for name in module_names:
            module = sys.modules.pop(name, None)
            if module is not None:
                sys.modules.pop(module.__name__, None)

    def __enter__(self):
        return self

    def __exit__(self, *ignore_exc):
        sys.modules.update(self.before)


class DirsOnSysPath:
    """Folders are at the end of sys.path during the block."""

    def __init__(self, *paths):
        self.before = sys.path, sys.path[:]
        sys.path.extend(paths)

    def __enter__(self):
        return self

    def __exit__(self, *ignore_exc):
        sys.path, content = self.before
        sys.path[:] = content


def modules_setup():
    return sys.modules.copy(),


def modules_cleanup(oldmodules):
    sys.modules.clear()
    sys.modules.update(oldmodules)


@contextlib.contextmanager
def isolated_modules():
    (before,) = modules_setup()
    try:
        yield
    finally:
        modules_cleanup(before)


@contextlib.contextmanager
def ready_to_import(name=None, source=""):
    """A module of the given text that can be imported during the block."""
    from .os_helper import temp_dir
    name = name or "spam"
    with temp_dir() as folder:
        path = os.path.join(folder, name + '.py')
        with open(path, 'w', encoding='utf-8') as file:
            file.write(source)
        before = sys.modules.pop(name, None)
        sys.path.insert(0, folder)
        try:
            yield name, path
        finally:
            sys.path.remove(folder)
            sys.modules.pop(name, None)
            if before is not None:
                sys.modules[name] = before


def ensure_lazy_imports(imported_module, modules_to_block):
    raise unittest.SkipTest("needs a process of its own")
