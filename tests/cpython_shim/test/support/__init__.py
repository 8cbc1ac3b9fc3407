"""What the tests of the standard library ask of `test.support`, written anew and light to import.

It only adapts: no assertion is weaker here than where the tests come from, and
tests about details of one implementation run as well instead of being skipped.
"""

import contextlib
import functools
import os
import sys
import unittest

LOOPBACK_TIMEOUT = 10.0
INTERNET_TIMEOUT = 60.0
SHORT_TIMEOUT = 30.0
LONG_TIMEOUT = 5 * 60.0

TEST_SUPPORT_DIR = os.path.dirname(os.path.abspath(__file__))
TEST_HOME_DIR = os.path.dirname(TEST_SUPPORT_DIR)
STDLIB_DIR = os.path.dirname(TEST_HOME_DIR)
REPO_ROOT = os.path.dirname(STDLIB_DIR)
TEST_DATA_DIR = os.path.join(TEST_HOME_DIR, "data")

verbose = 1
use_resources = None
max_memuse = 0
real_max_memuse = 0
failfast = False

MS_WINDOWS = is_jython = is_android = is_emscripten = is_wasi = is_apple_mobile = is_apple = False
PGO = PGO_EXTENDED = Py_GIL_DISABLED = Py_DEBUG = Py_TRACE_REFS = HAVE_ASAN_FORK_BUG = False
has_fork_support = hasattr(os, "fork")
has_subprocess_support = True
has_socket_support = True
has_strftime_extensions = True
unix_shell = '/bin/sh'
MISSING_C_DOCSTRINGS = False
HAVE_DOCSTRINGS = True

PIPE_MAX_SIZE = 4 * 1024 * 1024 + 1
SOCK_MAX_SIZE = 16 * 1024 * 1024 + 1
MAX_Py_ssize_t = sys.maxsize
NHASHBITS = sys.hash_info.width
_1M = 1 << 20
_1G = 1 << 30
_2G = 2 << 30
_4G = 4 << 30


class Error(Exception):
    """The root of what this module raises."""


class TestFailed(Error):
    """A test failed."""
    def __init__(self, msg, *args, stats=None):
        self.msg = msg
        self.stats = stats
        super().__init__(msg, *args)


class TestDidNotRun(Error):
    """A test did not run."""


class ResourceDenied(unittest.SkipTest):
    """A resource that a test needs must not be used."""


# Marks of tests

def _unchanged(obj):
    return obj


def anticipate_failure(condition):
    return unittest.expectedFailure if condition else _unchanged


def cpython_only(test):
    return test


def impl_detail(msg=None, **guards):
    return _unchanged if check_impl_detail(**guards) else unittest.skip(msg or "another implementation's detail")


def check_impl_detail(**guards):
    """Whether details of CPython are asked for: they are tried here too."""
    if not guards:
        return True
    return guards.get('cpython', not next(iter(guards.values())))


def refcount_test(test):
    return no_tracing(test)


def no_tracing(func):
    """Lets a test run without a trace function."""
    if not hasattr(sys, 'gettrace'):
        return func

    @functools.wraps(func)
    def wrapper(*args, **kwargs):
        tracer = sys.gettrace()
        try:
            sys.settrace(None)
            return func(*args, **kwargs)
        finally:
            sys.settrace(tracer)
    return wrapper


def is_resource_enabled(resource):
    return use_resources is None or resource in use_resources


def requires(resource, msg=None):
    if not is_resource_enabled(resource):
        raise ResourceDenied(msg or "Use of the %r resource not enabled" % resource)


def requires_resource(resource):
    if resource == 'gui':
        return unittest.skip("no display")
    return _unchanged if is_resource_enabled(resource) else unittest.skip(f"resource {resource!r} is not enabled")


def _requires_module(name):
    def requirement(reason=f'requires {name}'):
        try:
            __import__(name)
        except ImportError:
            return unittest.skip(reason)
        return _unchanged
    return requirement


requires_zlib = _requires_module('zlib')
requires_gzip = _requires_module('gzip')
requires_bz2 = _requires_module('bz2')
requires_lzma = _requires_module('lzma')


def requires_IEEE_754(test):
    return unittest.skipUnless(float.__getformat__("double").startswith("IEEE"), "test requires IEEE 754 doubles")(test)


def requires_docstrings(test):
    return test


def requires_limited_api(test):
    return _requires_module('_testlimitedcapi')('needs _testcapi and _testlimitedcapi modules')(test)


def requires_specialization(test):
    return test


def requires_gil_enabled(msg="needs the GIL enabled"):
    return _unchanged


def expected_failure_if_gil_disabled():
    return _unchanged


def _of_other_system(*min_version):
    return _unchanged


requires_mac_ver = requires_freebsd_version = requires_linux_version = _of_other_system


def requires_fork():
    return unittest.skipUnless(has_fork_support, "requires working os.fork()")


def requires_subprocess():
    return unittest.skipUnless(has_subprocess_support, "requires subprocess support")


def requires_working_socket(*, module=False):
    return None if module else _unchanged


def requires_debug_ranges(reason='requires co_positions / debug_ranges'):
    return _unchanged


def has_no_debug_ranges():
    return False


def check_sanitizer(*, address=False, memory=False, ub=False, thread=False):
    if not (address or memory or ub or thread):
        raise ValueError('At least one of address, memory, ub or thread must be True')
    return False


def skip_if_sanitizer(reason=None, *, address=False, memory=False, ub=False, thread=False):
    return _unchanged


def skip_if_pgo_task(test):
    return test


def skip_if_buggy_ucrt_strfptime(test):
    return test


def skip_if_broken_multiprocessing_synchronize():
    """There is nothing broken to skip."""


def skip_if_suppress_immortalization():
    return _unchanged


def without_optimizer(func):
    return func


skip_on_s390x = _unchanged


def bigmemtest(size, memuse, dry_run=True):
    """A test for big objects runs with small ones, unless it cannot."""
    def decorator(function):
        @functools.wraps(function)
        def wrapper(self):
            if not dry_run:
                raise unittest.SkipTest("not enough memory: %.1fG minimum needed" % (size * memuse / _1G))
            return function(self, 5147)
        wrapper.size = size
        wrapper.memuse = memuse
        return wrapper
    return decorator


def bigaddrspacetest(function):
    @functools.wraps(function)
    def wrapper(self):
        raise unittest.SkipTest("not enough memory: try a 32-bit build instead")
    return wrapper


# Modules, packages and files

def load_package_tests(pkg_dir, loader, standard_tests, pattern):
    package_tests = loader.discover(start_dir=pkg_dir, top_level_dir=STDLIB_DIR, pattern=pattern or "test*")
    standard_tests.addTests(package_tests)
    return standard_tests


def get_attribute(obj, name):
    """An attribute; a test that needs it is skipped where it is missing."""
    try:
        return getattr(obj, name)
    except AttributeError:
        raise unittest.SkipTest("object %r has no attribute %r" % (obj, name))


def findfile(filename, subdir=None):
    if os.path.isabs(filename):
        return filename
    if subdir is not None:
        filename = os.path.join(subdir, filename)
    for folder in [TEST_HOME_DIR, *sys.path]:
        path = os.path.join(folder, filename)
        if os.path.exists(path):
            return path
    return filename


def open_urlresource(url, *args, **kw):
    raise ResourceDenied("no files from the network")


def detect_api_mismatch(ref_api, other_api, *, ignore=()):
    missing = set(dir(ref_api)) - set(dir(other_api)) - set(ignore)
    return {name for name in missing if not name.startswith('_') or name.endswith('__')}


def check__all__(test_case, module, name_of_module=None, extra=(), not_exported=()):
    """Asserts that a module's __all__ has all of its public names, and no others."""
    import types
    if name_of_module is None:
        owners = (module.__name__,)
    elif isinstance(name_of_module, str):
        owners = (name_of_module,)
    else:
        owners = name_of_module
    expected = set(extra)
    for name in dir(module):
        if name.startswith('_') or name in not_exported:
            continue
        obj = getattr(module, name)
        owner = getattr(obj, '__module__', None)
        if owner in owners or (owner is None and not isinstance(obj, types.ModuleType)):
            expected.add(name)
    test_case.assertCountEqual(module.__all__, expected)


# Output

@contextlib.contextmanager
def captured_output(stream_name):
    """Puts a StringIO in the place of a stream of sys."""
    import io
    before = getattr(sys, stream_name)
    setattr(sys, stream_name, io.StringIO())
    try:
        yield getattr(sys, stream_name)
    finally:
        setattr(sys, stream_name, before)


def captured_stdout():
    return captured_output("stdout")


def captured_stderr():
    return captured_output("stderr")


def captured_stdin():
    return captured_output("stdin")


_original_stdout = None


def record_original_stdout(stdout):
    global _original_stdout
    _original_stdout = stdout


def get_original_stdout():
    return _original_stdout or sys.stdout


def flush_std_streams():
    sys.stdout.flush()
    sys.stderr.flush()


def print_warning(msg):
    for line in msg.splitlines():
        print(f"Warning -- {line}", file=sys.__stderr__, flush=True)


def force_not_colorized(func):
    """Nothing here is in colours that should not be."""
    @functools.wraps(func)
    def wrapper(*args, **kwargs):
        names = 'FORCE_COLOR', 'NO_COLOR', 'PYTHON_COLORS'
        before = {name: os.environ.pop(name, None) for name in names}
        os.environ['NO_COLOR'] = '1'
        try:
            return func(*args, **kwargs)
        finally:
            for name, value in before.items():
                os.environ.pop(name, None)
                if value is not None:
                    os.environ[name] = value
    return wrapper


# Code

def run_code(code):
    """The namespace that a piece of code leaves behind."""
    import textwrap
    namespace = {}
    exec(textwrap.dedent(code), namespace)
    return namespace


def check_syntax_error(testcase, statement, errtext='', *, lineno=None, offset=None):
    with testcase.assertRaisesRegex(SyntaxError, errtext) as caught:
        compile(statement, '<test string>', 'exec')
    error = caught.exception
    testcase.assertIsNotNone(error.lineno)
    testcase.assertIsNotNone(error.offset)
    if lineno is not None:
        testcase.assertEqual(error.lineno, lineno)
    if offset is not None:
        testcase.assertEqual(error.offset, offset)


def check_free_after_iterating(test, iter, cls, args=()):
    """Asserts that an iterator lets go of what it iterates over once it is at the end."""
    freed = False

    def iterate():
        class Owned(cls):
            def __del__(self):
                nonlocal freed
                freed = True
                try:
                    next(it)
                except StopIteration:
                    pass

        it = iter(Owned(*args))
        test.assertRaises(StopIteration, next, it)

    iterate()
    gc_collect()
    test.assertTrue(freed)


def check_disallow_instantiation(testcase, tp, *args, **kwds):
    import re
    name = tp.__name__ if tp.__module__ == 'builtins' else f"{tp.__module__}.{tp.__name__}"
    testcase.assertRaisesRegex(TypeError, f"cannot create '{re.escape(name)}' instances", tp, *args, **kwds)


def check_sizeof(test, o, size):
    raise unittest.SkipTest("_testinternalcapi required")


def calcobjsize(fmt):
    import struct
    return struct.calcsize('nP' + fmt + '0n')


def calcvobjsize(fmt):
    import struct
    return struct.calcsize('nPn' + fmt + '0n')


def run_in_subinterp(code):
    raise unittest.SkipTest("requires _testcapi")


def run_in_subinterp_with_config(code, *, own_gil=None, **config):
    raise unittest.SkipTest("requires _testinternalcapi")


def iter_builtin_types():
    import builtins
    return (obj for obj in vars(builtins).values() if isinstance(obj, type))


def iter_slot_wrappers(cls):
    for name, value in vars(cls).items():
        if name.startswith('__') and name.endswith('__') and type(value) is type(object.__init__):
            yield name, True
    for name in dir(cls):
        if name not in vars(cls) and type(getattr(cls, name)) is type(object.__init__):
            yield name, False


# Memory

def gc_collect():
    import gc
    gc.collect()
    gc.collect()
    gc.collect()


@contextlib.contextmanager
def disable_gc():
    import gc
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


@contextlib.contextmanager
def gc_threshold(*args):
    import gc
    before = gc.get_threshold()
    gc.set_threshold(*args)
    try:
        yield
    finally:
        gc.set_threshold(*before)


@contextlib.contextmanager
def suppress_immortalization(suppress=True):
    yield


def late_deletion(obj):
    """Keeps an object until the very end of the program."""
    _kept.append(obj)


_kept = []


# Recursion

def get_recursion_depth():
    depth = 0
    frame = sys._getframe(1)
    while frame is not None:
        depth += 1
        frame = frame.f_back
    return depth


def get_recursion_available():
    return sys.getrecursionlimit() - get_recursion_depth()


@contextlib.contextmanager
def set_recursion_limit(limit):
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(limit)
    try:
        yield
    finally:
        sys.setrecursionlimit(before)


def infinite_recursion(max_depth=None):
    if max_depth is None:
        max_depth = 20_000
    elif max_depth < 3:
        raise ValueError(f"max_depth must be at least 3, got {max_depth}")
    return set_recursion_limit(max(get_recursion_depth() - 1, 1) + max_depth)


def get_c_recursion_limit():
    # As deep as a build of CPython on this platform goes in C.
    return 10_000


def exceeds_recursion_limit():
    return get_c_recursion_limit() * 3


# Settings for a while

@contextlib.contextmanager
def swap_attr(obj, attr, new_val):
    """Puts a value in the place of an attribute; yields what was there."""
    missing = object()
    before = getattr(obj, attr, missing)
    setattr(obj, attr, new_val)
    try:
        yield None if before is missing else before
    finally:
        if before is not missing:
            setattr(obj, attr, before)
        elif hasattr(obj, attr):
            delattr(obj, attr)


@contextlib.contextmanager
def swap_item(obj, item, new_val):
    """Puts a value in the place of an item; yields what was there."""
    missing = object()
    before = obj[item] if item in obj else missing
    obj[item] = new_val
    try:
        yield None if before is missing else before
    finally:
        if before is not missing:
            obj[item] = before
        elif item in obj:
            del obj[item]


def patch(test_instance, object_to_patch, attr_name, new_value):
    """Changes an attribute until the test is over."""
    getattr(object_to_patch, attr_name)
    own = attr_name in vars(object_to_patch)
    before = getattr(object_to_patch, attr_name)

    def undo():
        if own:
            setattr(object_to_patch, attr_name, before)
        else:
            delattr(object_to_patch, attr_name)
    test_instance.addCleanup(undo)
    setattr(object_to_patch, attr_name, new_value)


@contextlib.contextmanager
def patch_list(orig):
    before = orig[:]
    try:
        yield
    finally:
        orig[:] = before


@contextlib.contextmanager
def adjust_int_max_str_digits(max_digits):
    before = sys.get_int_max_str_digits()
    try:
        sys.set_int_max_str_digits(max_digits)
        yield
    finally:
        sys.set_int_max_str_digits(before)


@contextlib.contextmanager
def run_with_locale(catstr, *locales):
    import locale
    category = getattr(locale, catstr)
    before = locale.setlocale(category)
    for name in locales:
        try:
            locale.setlocale(category, name)
            break
        except locale.Error:
            continue
    try:
        yield
    finally:
        locale.setlocale(category, before)


def run_with_tz(tz):
    def decorator(func):
        @functools.wraps(func)
        def inner(*args, **kwds):
            import time
            if not hasattr(time, 'tzset'):
                raise unittest.SkipTest("tzset required")
            before = os.environ.get('TZ')
            os.environ['TZ'] = tz
            time.tzset()
            try:
                return func(*args, **kwds)
            finally:
                if before is None:
                    del os.environ['TZ']
                else:
                    os.environ['TZ'] = before
                time.tzset()
        return inner
    return decorator


def setswitchinterval(interval):
    return sys.setswitchinterval(interval)


class SuppressCrashReport:
    """A crash leaves no report here anyway."""

    def __enter__(self):
        return self

    def __exit__(self, *ignore_exc):
        return None


class catch_unraisable_exception:
    """Keeps what sys.unraisablehook is told in the attribute `unraisable`."""

    def __init__(self):
        self.unraisable = None

    def __enter__(self):
        def hook(unraisable):
            self.unraisable = unraisable
        self._before = sys.unraisablehook
        sys.unraisablehook = hook
        return self

    def __exit__(self, *exc_info):
        sys.unraisablehook = self._before
        del self.unraisable


def maybe_get_event_loop_policy():
    import asyncio.events
    return getattr(asyncio.events, '_event_loop_policy', None)


# Waiting

def busy_retry(timeout, err_msg=None, /, *, error=True):
    """Lets the body of a loop run until it breaks or the time is over."""
    import time
    if timeout <= 0:
        raise ValueError("timeout must be greater than zero")
    started = time.monotonic()
    while True:
        yield
        elapsed = time.monotonic() - started
        if elapsed > timeout:
            break
    if error:
        raise AssertionError(f"timeout ({elapsed:.1f} seconds)" + (f": {err_msg}" if err_msg else ""))


def sleeping_retry(timeout, err_msg=None, /, *, init_delay=0.010, max_delay=1.0, error=True):
    """The same with a pause between two turns, longer each time."""
    import time
    delay = init_delay
    for _ in busy_retry(timeout, err_msg, error=error):
        yield
        time.sleep(delay)
        delay = min(delay * 2, max_delay)


class CPUStopwatch:
    """Measures the processor's time of a block."""

    def __enter__(self):
        import time
        self.clock = time.process_time
        self.clock_info = time.get_clock_info('process_time')
        self.start_time = self.clock()
        return self

    def __exit__(self, *exc_info):
        self.seconds = self.clock() - self.start_time


def reap_children():
    """No processes are left over here."""


def wait_process(pid, *, exitcode, timeout=None):
    _, status = os.waitpid(pid, 0)
    got = os.waitstatus_to_exitcode(status)
    if got != exitcode:
        raise AssertionError(f"process {pid} exited with code {got}, but exit code {exitcode} is expected")


def collision_stats(nbins, nballs):
    """The mean and the standard deviation of the collisions of balls thrown into bins."""
    import decimal
    with decimal.localcontext() as context:
        context.prec = max(nbins.bit_length() * 4, 30)
        bins = decimal.Decimal(nbins)
        empty = bins * ((bins - 1) / bins) ** nballs
        two_empty = bins * (bins - 1) * ((bins - 2) / bins) ** nballs
        variance = two_empty + empty - empty ** 2
        return float(nballs - (bins - empty)), float(variance.sqrt())


# Objects that compare in a fixed way

class _ALWAYS_EQ:
    """Equal to everything."""

    def __eq__(self, other):
        return True

    def __ne__(self, other):
        return False


class _NEVER_EQ:
    """Equal to nothing, not even to itself."""

    def __eq__(self, other):
        return False

    def __ne__(self, other):
        return True

    def __hash__(self):
        return 1


@functools.total_ordering
class _LARGEST:
    """Greater than everything but itself."""

    def __eq__(self, other):
        return isinstance(other, _LARGEST)

    def __lt__(self, other):
        return False


@functools.total_ordering
class _SMALLEST:
    """Less than everything but itself."""

    def __eq__(self, other):
        return isinstance(other, _SMALLEST)

    def __gt__(self, other):
        return False


ALWAYS_EQ = _ALWAYS_EQ()
NEVER_EQ = _NEVER_EQ()
LARGEST = _LARGEST()
SMALLEST = _SMALLEST()


def sortdict(dict):
    return "{%s}" % ", ".join("%r: %r" % pair for pair in sorted(dict.items()))


class Matcher:
    """Compares the attributes of an object with expected ones."""

    _partial_matches = ('msg', 'message')

    def matches(self, d, **kwargs):
        return all(self.match_value(k, d.get(k), v) for k, v in kwargs.items())

    def match_value(self, k, dv, v):
        if type(v) != type(dv):
            return False
        if type(dv) is not str or k not in self._partial_matches:
            return v == dv
        return dv.find(v) >= 0


class BrokenIter:
    """Fails where it is told to."""

    def __init__(self, init_raises=False, next_raises=False, iter_raises=False):
        self.next_raises = next_raises
        self.iter_raises = iter_raises
        if init_raises:
            1/0

    def __next__(self):
        if self.next_raises:
            1/0

    def __iter__(self):
        if self.iter_raises:
            1/0
        return self


def args_from_interpreter_flags():
    return []


def optim_args_from_interpreter_flags():
    return []


def python_is_optimized():
    return True


def set_memlimit(limit):
    raise ValueError("memory limits are not supported here")


def get_pagesize():
    return os.sysconf('SC_PAGESIZE')
