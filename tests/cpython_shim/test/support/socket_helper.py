"""Sockets in tests."""

import contextlib
import os
import socket
import unittest

HOST = "localhost"
HOSTv4 = "127.0.0.1"
HOSTv6 = "::1"
has_gethostname = True


def find_unused_port(family=socket.AF_INET, socktype=socket.SOCK_STREAM):
    with socket.socket(family, socktype) as sock:
        return bind_port(sock)


def bind_port(sock, host=HOST):
    sock.bind((host, 0))
    return sock.getsockname()[1]


def bind_unix_socket(sock, addr):
    try:
        sock.bind(addr)
    except PermissionError:
        sock.close()
        raise unittest.SkipTest('cannot bind AF_UNIX sockets')


def _is_ipv6_enabled():
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_STREAM) as sock:
            sock.bind((HOSTv6, 0))
            return True
    except (OSError, AttributeError):
        return False


IPV6_ENABLED = _is_ipv6_enabled()


def skip_unless_bind_unix_socket(test):
    return unittest.skipUnless(hasattr(socket, 'AF_UNIX'), 'No UNIX Sockets')(test)


def create_unix_domain_name():
    import tempfile
    return tempfile.mktemp(prefix="test_", suffix='.sock', dir=os.path.curdir)


@contextlib.contextmanager
def transient_internet(resource_name, *, timeout=30.0, errnos=()):
    yield


def get_socket_conn_refused_errs():
    import errno
    return [errno.ECONNREFUSED, errno.EADDRNOTAVAIL]


def tcp_blackhole():
    return False


def skip_if_tcp_blackhole(test):
    return test
