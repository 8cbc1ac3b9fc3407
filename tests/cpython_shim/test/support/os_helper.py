"""Files, folders and the environment."""

import contextlib
import os
import unittest
import warnings

TESTFN_ASCII = "@test_{}_tmp".format(os.getpid())
FS_NONASCII = '\xe6'
TESTFN_NONASCII = TESTFN_ASCII + FS_NONASCII
TESTFN_UNICODE = TESTFN_ASCII + "-\xe0\xf2\u0258\u0141\u011f"
TESTFN_UNENCODABLE = TESTFN_ASCII + "-\ud800"
TESTFN_UNDECODABLE = os.fsencode(TESTFN_ASCII) + b'\xff'
TESTFN = TESTFN_NONASCII
SAVEDCWD = os.getcwd()


def unlink(filename):
    with contextlib.suppress(FileNotFoundError, NotADirectoryError):
        os.unlink(filename)


def rmdir(dirname):
    with contextlib.suppress(FileNotFoundError):
        os.rmdir(dirname)


def rmtree(path):
    import shutil
    with contextlib.suppress(FileNotFoundError):
        shutil.rmtree(path)


@contextlib.contextmanager
def temp_dir(path=None, quiet=False):
    """A new folder, gone after the block."""
    import tempfile
    made = True
    if path is None:
        path = os.path.realpath(tempfile.mkdtemp())
    else:
        try:
            os.mkdir(path)
        except OSError as exc:
            if not quiet:
                raise
            made = False
            warnings.warn(f'tests may fail, unable to create temporary directory {path!r}: {exc}',
                          RuntimeWarning, stacklevel=3)
    try:
        yield path
    finally:
        if made:
            rmtree(path)


@contextlib.contextmanager
def change_cwd(path, quiet=False):
    before = os.getcwd()
    try:
        os.chdir(os.path.realpath(path))
    except OSError as exc:
        if not quiet:
            raise
        warnings.warn(f'tests may fail, unable to change the current working directory to {path!r}: {exc}',
                      RuntimeWarning, stacklevel=3)
    try:
        yield os.getcwd()
    finally:
        os.chdir(before)


@contextlib.contextmanager
def temp_cwd(name='tempcwd', quiet=False):
    with temp_dir(path=name, quiet=quiet) as path:
        with change_cwd(path, quiet=quiet) as cwd:
            yield cwd


def create_empty_file(filename):
    open(filename, 'wb').close()


def make_bad_fd():
    with open(TESTFN, "wb") as file:
        number = file.fileno()
    unlink(TESTFN)
    return number


def can_symlink():
    return hasattr(os, 'symlink')


def skip_unless_symlink(test):
    return unittest.skipUnless(can_symlink(), "Requires functional symlink implementation")(test)


def skip_unless_hardlink(test):
    return unittest.skipUnless(hasattr(os, 'link'), "requires hardlink support")(test)


def skip_unless_xattr(test):
    return unittest.skipUnless(hasattr(os, 'setxattr'), "no non-broken extended attribute support")(test)


def skip_unless_working_chmod(test):
    return unittest.skipUnless(hasattr(os, 'chmod'), "requires working os.chmod()")(test)


def _is_root():
    return hasattr(os, 'geteuid') and os.geteuid() == 0


def skip_if_dac_override(test):
    return unittest.skipIf(_is_root(), "incompatible with CAP_DAC_OVERRIDE")(test)


def skip_unless_dac_override(test):
    return unittest.skipUnless(_is_root(), "requires CAP_DAC_OVERRIDE")(test)


def fs_is_case_insensitive(directory):
    import tempfile
    with tempfile.NamedTemporaryFile(dir=directory) as base:
        other = base.name.upper()
        if other == base.name:
            other = base.name.lower()
        return os.path.exists(other)


def fd_count():
    return len(os.listdir('/proc/self/fd')) - 1


class FakePath:
    """Has a path, or raises one."""

    def __init__(self, path):
        self.path = path

    def __repr__(self):
        return f'<FakePath {self.path!r}>'

    def __fspath__(self):
        if isinstance(self.path, BaseException) or (
                isinstance(self.path, type) and issubclass(self.path, BaseException)):
            raise self.path
        return self.path


class EnvironmentVarGuard:
    """Changes of os.environ made through it end with the block."""

    def __init__(self):
        self._environ = os.environ
        self._changed = {}

    def __getitem__(self, envvar):
        return self._environ[envvar]

    def _keep(self, envvar):
        self._changed.setdefault(envvar, self._environ.get(envvar))

    def __setitem__(self, envvar, value):
        self._keep(envvar)
        self._environ[envvar] = value

    def __delitem__(self, envvar):
        self._keep(envvar)
        self._environ.pop(envvar, None)

    def __contains__(self, envvar):
        return envvar in self._environ

    def __iter__(self):
        return iter(self._environ)

    def __len__(self):
        return len(self._environ)

    def get(self, envvar, default=None):
        return self._environ.get(envvar, default)

    def keys(self):
        return self._environ.keys()

    def set(self, envvar, value):
        self[envvar] = value

    def unset(self, envvar, /, *envvars):
        for name in (envvar, *envvars):
            del self[name]

    def copy(self):
        return dict(self._environ)

    def __enter__(self):
        return self

    def __exit__(self, *ignore_exc):
        for name, value in self._changed.items():
            self._environ.pop(name, None)
            if value is not None:
                self._environ[name] = value
        os.environ = self._environ
