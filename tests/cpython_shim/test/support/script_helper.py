"""Running scripts in processes of their own."""

import collections
import os
import sys
import unittest

_PythonRunResult = collections.namedtuple("_PythonRunResult", ("rc", "out", "err"))


def _subprocess():
    try:
        import subprocess
    except ImportError:
        raise unittest.SkipTest("requires subprocess support")
    return subprocess


def interpreter_requires_environment():
    return False


def run_python_until_end(*args, **env_vars):
    subprocess = _subprocess()
    env_vars.pop('__isolated', None)
    env = {} if env_vars.pop('__cleanenv', False) else dict(os.environ)
    cwd = env_vars.pop('__cwd', None)
    env.update(env_vars)
    done = subprocess.run([sys.executable, *args], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, env=env, cwd=cwd)
    return _PythonRunResult(done.returncode, done.stdout, done.stderr), [sys.executable, *args]


def _assert_python(expected_success, args, env_vars):
    result, command = run_python_until_end(*args, **env_vars)
    if bool(result.rc) == expected_success:
        raise AssertionError(
            f"Process return code is {result.rc}\ncommand line: {command!r}\n"
            f"stdout:\n{result.out.decode('ascii', 'replace')}\nstderr:\n{result.err.decode('ascii', 'replace')}")
    return result


def assert_python_ok(*args, **env_vars):
    return _assert_python(True, args, env_vars)


def assert_python_failure(*args, **env_vars):
    return _assert_python(False, args, env_vars)


def spawn_python(*args, **kw):
    subprocess = _subprocess()
    kw.setdefault('stdout', subprocess.PIPE)
    kw.setdefault('stderr', subprocess.STDOUT)
    return subprocess.Popen([sys.executable, *args], stdin=subprocess.PIPE, **kw)


def kill_python(p):
    p.stdin.close()
    data = p.stdout.read()
    p.stdout.close()
    p.wait()
    return data


def make_script(script_dir, script_basename, source, omit_suffix=False):
    name = script_basename if omit_suffix else script_basename + '.py'
    path = os.path.join(script_dir, name)
    with open(path, 'w', encoding='utf-8') as file:
        file.write(source)
    return path


def make_pkg(pkg_dir, init_source=''):
    os.mkdir(pkg_dir)
    make_script(pkg_dir, '__init__', init_source)
