//! Broken code objects are refused.

use aio_bytecode::ops::{FA, FB, X0, X1};
use aio_bytecode::{Code, Const, Handler, Op, Word, disassemble, verify};
use std::sync::Arc;

/// A function of one local and three temporaries.
fn code(words: &[(Word, u16)]) -> Code {
    let mut all = Vec::new();
    let mut live = Vec::new();
    for &(word, alive) in words {
        let cache = Op::from_u8(word.op_number()).map_or(0, |op| op.info().cache);
        all.push(word.0);
        all.extend(std::iter::repeat_n(0, cache as usize));
        live.extend(std::iter::repeat_n(alive, cache as usize + 1));
    }
    Code {
        name: "f".into(),
        qualname: "f".into(),
        filename: "test".into(),
        first_line: 1,
        flags: 0,
        positional: 1,
        positional_only: 0,
        keyword_only: 0,
        locals: 1,
        registers: 4,
        words: all.into(),
        consts: [Const::Int(1), Const::None].into(),
        names: ["n".into()].into(),
        local_names: ["x".into()].into(),
        free_names: Box::default(),
        cells: Box::default(),
        captures: Box::default(),
        handlers: Box::default(),
        live: live.into(),
        places: Default::default(),
        lines: Default::default(),
        doc: None,
    }
}

fn end() -> (Word, u16) {
    (Word::abc(Op::ReturnNone, 0, 0, 0, 0), 0)
}

fn refused(code: &Code, why: &str) {
    let error = verify(code).expect_err(why);
    assert!(error.contains(why), "{error}");
}

#[test]
fn a_sound_function_passes() {
    let code = code(&[
        (Word::abx(Op::LoadGlobal, 0, 1, 0), 0),
        (Word::abc(Op::Move, 0, 2, 0, 0), 1),
        (Word::abc(Op::Call, 0, 1, 1, 0), 0),
        (Word::abc(Op::Return, FA, 1, 0, 0), 0),
    ]);
    assert_eq!(verify(&code), Ok(()));
    let text = disassemble(&code);
    assert!(text.contains("Call          t0 1"), "{text}");
    assert!(text.contains("LoadGlobal    t0 'n'"), "{text}");
}

#[test]
fn operands_have_to_be_in_range() {
    let load = |reg, k| code(&[(Word::abx(Op::LoadK, 0, reg, k), 0), end()]);
    refused(&load(9, 0), "wrong operand a");
    refused(&load(1, 7), "wrong operand b");
    let name = code(&[(Word::abc(Op::GetAttr, 0, 1, 0, 5), 0), end()]);
    refused(&name, "wrong operand c");
    let flag = code(&[(Word::abx(Op::LoadK, FA, 1, 0), 0), end()]);
    refused(&flag, "wrong operand a");
    let borrowed = code(&[(Word::abc(Op::Move, FB, 1, 0, 0), 0), end()]);
    refused(&borrowed, "wrong operand b");
    let window = code(&[(Word::abc(Op::MakeTuple, 0, 2, 4, 0), 1), end()]);
    refused(&window, "window of MakeTuple is too long");
    let local = code(&[(Word::abc(Op::MakeTuple, 0, 0, 1, 0), 0), end()]);
    refused(&local, "wrong operand a");
    let zero = code(&[(Word::abc(Op::ModI, 0, 1, 0, 0), 0), end()]);
    refused(&zero, "breaks its own rule");
}

#[test]
fn jumps_have_to_land_on_instructions() {
    let jump = |distance: i32| {
        code(&[
            (Word::abx(Op::Jump, 0, 0, distance as u32), 0),
            (Word::abx(Op::LoadGlobal, 0, 1, 0), 0),
            (Word::abc(Op::Return, FA, 1, 0, 0), 0),
        ])
    };
    assert_eq!(verify(&jump(0)), Ok(()));
    refused(&jump(1), "wrong operand b");
    refused(&jump(9), "wrong operand b");
    refused(&jump(-9), "wrong operand b");
    let over = 1 + i32::from(Op::LoadGlobal.info().cache);
    refused(&jump(over), "read, but dead");
    let with = |place: usize, word: u64| {
        let mut code = jump(0);
        let mut words = code.words.to_own();
        words[place] = word;
        code.words = words.into();
        code
    };
    let cache = with(2, 1);
    refused(&cache, "cache is not empty");
    let unknown = with(0, 255);
    refused(&unknown, "no such operation");
}

#[test]
fn temporaries_are_consumed_exactly_once() {
    let load = (Word::abx(Op::LoadK, 0, 1, 0), 0);
    let drop = (Word::abc(Op::Drop, FA, 1, 0, 0), 0);
    assert_eq!(verify(&code(&[load, drop, end()])), Ok(()));
    refused(&code(&[load, end()]), "alive at the end");
    refused(&code(&[load, load, drop, end()]), "overwritten, but alive");
    refused(&code(&[load, drop, drop, end()]), "read, but dead");
    let branch = (Word::abx(Op::JumpTrue, 0, 0, 1), 0);
    refused(&code(&[branch, load, end()]), "");
    let uncounted = (Word::abx(Op::LoadGlobal, 0, 2, 0), 0);
    refused(&code(&[load, uncounted, drop, end()]), "alive, but does not count");
    refused(&code(&[load, drop]), "falls off the end");
}

#[test]
fn a_call_that_is_awaited_is_followed_by_its_await() {
    let call = (Word::abc(Op::Call, X1, 1, 0, 0), 0);
    let load = (Word::abx(Op::LoadK, 0, 1, 0), 0);
    let get = (Word::abc(Op::GetAwait, FB, 1, 1, 0), 0);
    let run = (Word::abc(Op::Await, 0, 1, 0, 0), 0);
    let ret = (Word::abc(Op::Return, FA, 1, 0, 0), 0);
    assert_eq!(verify(&code(&[load, call, get, run, ret])), Ok(()));
    refused(&code(&[load, call, ret]), "breaks its own rule");
}

#[test]
fn what_does_more_than_itself_is_followed_by_that() {
    let eq = (Word::abx(Op::LoadKEq, X0, 1, 2), 0);
    let jump = (Word::abc(Op::JumpEq, FB, 0, 1, 0), 0);
    let with_text = |words: &[(Word, u16)]| {
        let mut code = code(words);
        code.consts = [Const::Int(1), Const::None, Const::Str(b"t"[..].into())].into();
        code
    };
    assert_eq!(verify(&with_text(&[eq, jump, end()])), Ok(()));
    let not = (Word::abc(Op::JumpNotEq, FB, 0, 1, 0), 0);
    refused(&with_text(&[eq, not, end()]), "breaks its own rule");
    let number = (Word::abx(Op::LoadKEq, X0, 1, 0), 0);
    refused(&with_text(&[number, jump, end()]), "breaks its own rule");
    let get = (Word::abc(Op::StepAttr, 0, 1, 0, 0), 0);
    let add = (Word::abc(Op::AddI, FB, 1, 1, 1), 0);
    let set = |object| (Word::abc(Op::SetAttr, FB, object, 1, 0), 0);
    assert_eq!(verify(&code(&[get, add, set(0), end()])), Ok(()));
    refused(&code(&[get, set(0), end()]), "breaks its own rule");
    refused(&code(&[get, add, set(2), end()]), "breaks its own rule");
}

#[test]
fn handlers_have_to_be_sound() {
    let with = |handler| {
        let mut code = code(&[
            (Word::abc(Op::GetAttr, 0, 1, 0, 0), 0),
            (Word::abc(Op::Return, FA, 1, 0, 0), 0),
            (Word::abc(Op::Reraise, 0, 1, 0, 0), 0),
        ]);
        code.handlers = [handler].into();
        code
    };
    let good = Handler { start: 0, end: 3, target: 4, depth: 0 };
    assert_eq!(verify(&with(good)), Ok(()));
    refused(&with(Handler { start: 1, ..good }), "no proper range");
    refused(&with(Handler { end: 9, ..good }), "no proper range");
    refused(&with(Handler { target: 1, ..good }), "goes nowhere");
    refused(&with(Handler { depth: 3, ..good }), "no place for its exception");
    refused(&with(Handler { depth: 1, ..good }), "keeps more than is alive");
}

#[test]
fn nested_code_is_checked_too() {
    let mut inner = code(&[end()]);
    inner.registers = 0;
    let mut outer = code(&[end()]);
    outer.consts = [Const::Code(Arc::new(Arc::new(inner).into()))].into();
    refused(&outer, "more locals than registers");
}
