"""Threads in tests."""

import contextlib
import functools
import threading
import time
import unittest

from test import support

can_start_thread = True


def requires_working_threading(*, module=False):
    if module:
        if not can_start_thread:
            raise unittest.SkipTest("requires threading support")
        return None
    return unittest.skipUnless(can_start_thread, "requires threading support")


def threading_setup():
    return threading.active_count(), len(threading.enumerate())


def threading_cleanup(*original_values):
    for _ in support.sleeping_retry(support.SHORT_TIMEOUT, error=False):
        if threading.active_count() <= original_values[0]:
            return


def reap_threads(func):
    @functools.wraps(func)
    def decorator(*args):
        before = threading_setup()
        try:
            return func(*args)
        finally:
            threading_cleanup(*before)
    return decorator


@contextlib.contextmanager
def wait_threads_exit(timeout=None):
    """Waits after the block for the threads started in it."""
    timeout = support.SHORT_TIMEOUT if timeout is None else timeout
    before = threading.active_count()
    try:
        yield
    finally:
        deadline = time.monotonic() + timeout
        while threading.active_count() > before:
            if time.monotonic() > deadline:
                raise AssertionError(f"{threading.active_count() - before} threads did not end in {timeout} seconds")
            time.sleep(0.010)


def join_thread(thread, timeout=None):
    thread.join(support.SHORT_TIMEOUT if timeout is None else timeout)
    if thread.is_alive():
        raise AssertionError(f"failed to join the thread in {timeout:.1f} seconds")


@contextlib.contextmanager
def start_threads(threads, unlock=None):
    """The threads run during the block and are joined after it."""
    started = []
    try:
        for thread in threads:
            thread.start()
            started.append(thread)
        yield
    finally:
        if unlock:
            unlock()
        for thread in started:
            thread.join(support.LONG_TIMEOUT)
        alive = [thread for thread in started if thread.is_alive()]
        if alive:
            raise AssertionError('Unable to join %d threads' % len(alive))


class catch_threading_exception:
    """Keeps what threading.excepthook is told."""

    def __init__(self):
        self.exc_type = self.exc_value = self.exc_traceback = self.thread = None

    def _hook(self, args):
        self.exc_type = args.exc_type
        self.exc_value = args.exc_value
        self.exc_traceback = args.exc_traceback
        self.thread = args.thread

    def __enter__(self):
        self._before = threading.excepthook
        threading.excepthook = self._hook
        return self

    def __exit__(self, *exc_info):
        threading.excepthook = self._before
        del self.exc_type, self.exc_value, self.exc_traceback, self.thread
