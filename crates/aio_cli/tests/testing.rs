//! `aio test`: finding tests, reporting, and exit statuses.

#[path = "program/started.rs"]
mod started;

use started::{Seen, aio, with_input};
use std::fs;
use std::path::Path;

/// Runs in a folder with these files.
fn tested(files: &[(&str, &str)], arguments: &[&str]) -> Seen {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap_or(Path::new("."))).expect("a folder");
        fs::write(path, text).expect("written");
    }
    let mut seen = with_input(aio().current_dir(folder.path()).args(arguments), "");
    // Times differ from run to run, and the folder does, too.
    let place = folder.path().canonicalize().expect("the folder is there").display().to_string();
    seen.out = seen.out.replace(&place, "FOLDER").replace(&folder.path().display().to_string(), "FOLDER");
    seen
}

const MIXED: &str = "\
import asyncio

def test_plain():
    print('nobody sees this')

async def test_sleeps_for_a_day():
    await asyncio.sleep(86400)

def test_values():
    print('seen')
    found = [1, 2, 3]
    assert found == [1, 5, 3], 'the middle'

class TestGroup:
    def setup_method(self):
        self.value = 7

    async def test_inside(self):
        assert self.value == 7

def helper():
    raise RuntimeError
";

const OLD: &str = "\
import unittest

class TestCase(unittest.TestCase):
    def test_old(self):
        self.assertEqual(1, 1)

    @unittest.skip('not today')
    def test_skipped(self):
        pass
";

const FAILURE: &str = "\
=================================== FAILURES ===================================
_________________________________ test_values __________________________________

Traceback (most recent call last):
  File \"FOLDER/test_mixed.aio\", line 12, in test_values
    assert found == [1, 5, 3], 'the middle'
           ^^^^^^^^^^^^^^^^^^
AssertionError: the middle
assert [1, 2, 3] == [1, 5, 3]
  At index 1 diff: 2 != 5
----------------------------- Captured stdout call -----------------------------
seen
=========================== short test summary info ============================
FAILED test_mixed.aio::test_values - AssertionError: the middle
==================== 1 failed, 4 passed, 1 skipped in ";

#[test]
fn a_report_shows_what_failed_and_why() {
    let seen = tested(&[("test_mixed.aio", MIXED), ("old/case_test.py", OLD)], &["test"]);
    assert_eq!((seen.code, seen.err.as_str()), (Some(1), ""));
    assert!(seen.out.contains("collected 6 items\n\n"), "{}", seen.out);
    assert!(seen.out.contains("\ntest_mixed.aio ..F. ") && seen.out.contains("\nold/case_test.py .s "), "{}", seen.out);
    assert!(seen.out.contains(FAILURE), "{}", seen.out);
    assert!(!seen.out.contains("nobody sees this"));
}

#[test]
fn statuses_are_those_of_pytest() {
    let fine = "def test_one(): pass\n";
    assert_eq!(tested(&[("one_test.py", fine), ("deep/er/test_two.aio", fine)], &["test"]).code, Some(0));
    assert_eq!(tested(&[("module.aio", fine)], &["test"]).code, Some(5));
    assert_eq!(tested(&[("test_bad.aio", "def test_one(:\n")], &["test"]).code, Some(2));
    assert_eq!(tested(&[("test_bad.aio", "import nowhere\n")], &["test"]).code, Some(2));
    let missing = tested(&[], &["test", "nowhere.aio"]);
    assert_eq!((missing.code, missing.err.as_str()), (Some(4), "ERROR: file or directory not found: nowhere.aio\n"));
    let unknown = tested(&[], &["test", "--nonsense"]);
    assert_eq!(
        (unknown.code, unknown.err.as_str()),
        (Some(4), "aio test: error: unrecognized arguments: --nonsense\n")
    );
    assert_eq!(tested(&[], &["test", "--durations=x"]).code, Some(4));
    let exits = tested(&[("test_exit.aio", "import sys\ndef test_one(): sys.exit(0)\n")], &["test"]);
    assert_eq!(exits.code, Some(1), "{}", exits.out);
}

#[test]
fn tests_are_chosen_and_counted() {
    let files = [("test_mixed.aio", MIXED)];
    let names = |arguments: &[&str]| {
        let seen = tested(&files, &[&["test", "--collect-only"], arguments].concat());
        let ids = seen.out.lines().filter_map(|l| l.strip_prefix("test_mixed.aio::")).map(str::to_owned);
        ids.collect::<Vec<_>>().join(" ")
    };
    assert_eq!(names(&["-k", "values or Group"]), "test_values TestGroup::test_inside");
    assert_eq!(names(&["-k", "plain or values and not plain"]), "test_plain test_values");
    assert_eq!(names(&["test_mixed.aio::TestGroup"]), "TestGroup::test_inside");
    assert_eq!(names(&["test_mixed.aio::test_plain"]), "test_plain");
    assert_eq!(tested(&files, &["test", "-k", "nothing"]).code, Some(5));

    let loud = tested(&files, &["test", "-v", "-s", "-x"]);
    assert!(
        loud.out.contains("nobody sees this\n") && loud.out.contains("test_mixed.aio::test_plain PASSED"),
        "{}",
        loud.out
    );
    assert!(loud.out.contains("1 failed, 2 passed in ") && !loud.out.contains("test_inside"), "{}", loud.out);
    let timed = tested(&files, &["test", "-q", "--durations=2"]);
    assert_eq!(timed.out.lines().filter(|l| l.contains("s call     test_mixed.aio::")).count(), 2, "{}", timed.out);
}

#[test]
fn asserts_of_tests_show_what_they_compared() {
    let text = "\
class Odd:
    def __repr__(self): raise ValueError
def test_dicts():
    assert {'a': 1, 'b': 2} == {'a': 1, 'b': 3, 'c': 4}
def test_lines():
    assert 'a\\nb\\n' == 'a\\nc\\n'
def test_sets():
    assert {1, 2} == {2, 3}
def test_truth():
    assert not [1] + [2]
def test_membership():
    assert len('ab') in (3, 4)
def test_repr():
    assert Odd() is None
async def test_awaited():
    async def one(): return 1
    assert await one() > 1
def test_order():
    seen = []
    def note(v):
        seen.append(v)
        return v
    assert note(1) < note(2)
    assert seen == [1, 2]
";
    let seen = tested(&[("test_values.aio", text), ("plain.aio", "assert 1 == 2\n")], &["test"]);
    for expected in [
        "AssertionError: assert {'a': 1, 'b': 2} == {'a': 1, 'b': 3, 'c': 4}\n  Omitting 1 identical items\n  \
         Differing items:\n  {'b': 2} != {'b': 3}\n  Right contains 1 more item:\n  {'c': 4}\n",
        "AssertionError: assert 'a\\nb\\n' == 'a\\nc\\n'\n    a\n  - c\n  + b\n",
        "assert {1, 2} == {2, 3}\n  Extra items in the left set:\n  1\n  Extra items in the right set:\n  3\n",
        "AssertionError: assert not [1, 2]\n",
        "AssertionError: assert 2 in (3, 4)\n",
        "AssertionError: assert <Odd object, whose repr raised ValueError> is None\n",
        "AssertionError: assert 1 > 1\n",
        "7 failed, 1 passed in ",
    ] {
        assert!(seen.out.contains(expected), "{expected}\n---\n{}", seen.out);
    }
    // Programs say what CPython says.
    let plain = tested(&[("test_plain.aio", "assert 1 == 2\n")], &["test_plain.aio"]);
    assert!(plain.err.ends_with("\nAssertionError\n"), "{}", plain.err);
}

#[test]
fn a_seed_that_made_a_test_fail_is_told() {
    let text = "\
import asyncio
async def test_order():
    seen = []
    async def note(n):
        seen.append(n)
    await asyncio.gather(*map(note, range(6)))
    assert seen == sorted(seen)
";
    let files = [("test_order.aio", text)];
    assert_eq!(tested(&files, &["test"]).code, Some(0));
    let seeds = ["1", "2", "3"];
    let failed: Vec<Seen> = seeds.iter().map(|seed| tested(&files, &["--seed", seed, "test"])).collect();
    let told = |(seen, seed): (&Seen, &&str)| {
        seen.code == Some(1)
            && seen.out.contains(&format!("Again: aio --seed {seed} test test_order.aio::test_order\n"))
    };
    assert!(failed.iter().zip(&seeds).any(told), "{failed:?}");
}
