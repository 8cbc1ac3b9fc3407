//! The op table: every instruction once, with its operands and its meaning; all else is derived from these rows.
//!
//! An instruction is one 64-bit word, little end first: `op:8 | flags:8 | a:16 | b:16 | c:16`.
//! Forms with one wide operand read `b` and `c` together as `bx:32`. Inline caches follow as extra words.
//! Sixteen-bit operands were chosen over the 32-bit words of the first prototypes because they make every
//! wide form unnecessary: 65,535 registers and names need no second encoding anywhere.
//!
//! # Registers
//! `r[0 .. locals]` are locals and are always either a live value or `UNDEF`; they are dropped when the frame ends.
//! `r[locals .. registers]` are temporaries under stack discipline: a dead temporary holds garbage, is never dropped
//! and may be overwritten without a look. Each operand says its role:
//! * `Dst`: written. Flag bit set: the register is a local, its old value is dropped.
//! * `Src`: read. Flag bit set: the register is a dying temporary, the instruction takes its reference
//!   (also when it raises). Flag clear: borrowed.
//! * `Win`: first register of a window of temporaries that the instruction takes and, where it says so, writes.
//! * `Mod`: a temporary that stays alive and is changed in place.
//!
//! Flag bit 0 belongs to `a`, bit 1 to `b`, bit 2 to `c`; bits 3 to 7 are the instruction's own (`X0` to `X4`).

/// Flag of operand `a`.
pub const FA: u8 = 1;
/// Flag of operand `b`.
pub const FB: u8 = 2;
/// Flag of operand `c`.
pub const FC: u8 = 4;
/// First flag of the instruction's own.
pub const X0: u8 = 8;
/// Second flag of the instruction's own.
pub const X1: u8 = 16;
/// Third flag of the instruction's own.
pub const X2: u8 = 32;
/// Fourth flag of the instruction's own.
pub const X3: u8 = 64;

/// What an operand field means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operand {
    /// Not used, zero.
    No,
    /// Register written.
    Dst,
    /// Register read.
    Src,
    /// First register of a window.
    Win,
    /// Register of a live temporary that is changed in place.
    Mod,
    /// Register of a local (never a temporary).
    Local,
    /// Index into the name table.
    Name,
    /// Index into the constant table.
    Const,
    /// A count or other small unsigned number.
    Num,
    /// A signed 16-bit number.
    Imm,
    /// A signed 16-bit jump distance in words, from the word after the instruction and its caches.
    Jump,
    /// Index of a free variable of the running function.
    Free,
    /// `b` and `c` together: signed 32-bit jump distance, likewise.
    JumpX,
    /// `b` and `c` together: index into the name table.
    NameX,
    /// `b` and `c` together: index into the constant table.
    ConstX,
}

macro_rules! ops {
    ($( $name:ident ($a:ident, $b:ident, $c:ident) $cache:literal $doc:literal; )*) => {
        /// One operation of the machine.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[repr(u8)]
        pub enum Op { $( #[doc = $doc] $name, )* }

        /// The numbers of the operations, for patterns.
        #[allow(non_upper_case_globals, reason = "named like the operations")]
        pub mod number {
            $( #[doc = $doc] pub const $name: u8 = super::Op::$name as u8; )*
        }

        /// Everything the tools need to know about an operation.
        #[derive(Debug)]
        pub struct OpInfo {
            /// The operation.
            pub op: Op,
            /// Its name.
            pub name: &'static str,
            /// Roles of the fields `a`, `b`, `c`.
            pub operands: [Operand; 3],
            /// Words of inline cache behind it.
            pub cache: u8,
            /// What it does.
            pub doc: &'static str,
        }

        /// All operations, indexed by their number.
        pub static OPS: &[OpInfo] = &[ $( OpInfo {
            op: Op::$name, name: stringify!($name),
            operands: [Operand::$a, Operand::$b, Operand::$c], cache: $cache, doc: $doc,
        }, )* ];
    };
}

ops! {
    // Moves and constants.
    Move(Dst, Src, No) 0 "r[a] = r[b].";
    LoadK(Dst, ConstX, No) 0 "r[a] = k[bx].";
    LoadKEq(Dst, ConstX, No) 0 "Like LoadK of a text that the next instruction, a jump, takes to compare with; X0: jumps if equal.";
    LoadKIn(Dst, ConstX, No) 0 "Like LoadK of a text that the next instruction, a jump, takes to look into.";
    Drop(Src, No, No) 0 "Drops the temporary r[a] (its flag is always set).";
    Unset(Local, No, No) 0 "Drops the local r[a] and leaves it UNDEF.";
    Check(Local, NameX, No) 0 "Raises UnboundLocalError for name bx if the local r[a] is UNDEF.";

    // Captured variables. A register of a captured local holds its cell from MakeCell on.
    MakeCell(Local, No, No) 0 "Puts r[a] (a value or UNDEF) into a new cell and the cell into r[a].";
    LoadCell(Dst, Local, Name) 0 "r[a] = content of the cell in r[b]; unbound raises UnboundLocalError for name c.";
    StoreCell(Local, Src, No) 0 "Content of the cell in r[a] = r[b].";
    UnsetCell(Local, No, Name) 0 "Empties the cell in r[a]; unbound raises UnboundLocalError for name c.";
    LoadFree(Dst, Free, Name) 0 "r[a] = content of free variable b of the running function; unbound raises NameError for name c.";
    StoreFree(Free, Src, No) 0 "Content of free variable a = r[b].";
    UnsetFree(Free, No, Name) 0 "Empties free variable a; unbound raises NameError for name c.";
    LoadFreeCell(Dst, Free, No) 0 "r[a] = the cell itself of free variable b.";

    // Names. A namespace body (class, exec with locals) keeps its namespace in r[0].
    LoadGlobal(Dst, NameX, No) 2 "r[a] = name bx of the module or, failing that, of the builtins.";
    StoreGlobal(Src, NameX, No) 1 "Name bx of the module = r[a].";
    UnsetGlobal(No, NameX, No) 0 "Deletes name bx of the module.";
    LoadName(Dst, NameX, No) 0 "r[a] = name bx of the namespace r[0], the module or the builtins.";
    StoreName(Src, NameX, No) 0 "Name bx of the namespace r[0] = r[a].";
    UnsetName(No, NameX, No) 0 "Deletes name bx of the namespace r[0].";
    LoadNameFree(Dst, Free, Name) 0 "r[a] = name c of the namespace r[0] or, failing that, free variable b.";

    // Attributes and items.
    GetAttr(Dst, Src, Name) 2 "r[a] = r[b].name.";
    StepAttr(Dst, Src, Name) 2 "Like GetAttr; the next two add a small number and set the attribute of the same object.";
    SetAttr(Src, Src, Name) 2 "r[a].name = r[b].";
    UnsetAttr(Src, NameX, No) 0 "del r[a].name.";
    GetMethod(Win, Src, Name) 2 "Looks r[b].name up for a call: r[a] = function and r[a+1] = receiver, or r[a] = any callable and r[a+1] = UNDEF.";
    GetSpecial(Win, Src, Name) 0 "Like GetMethod, but looks on the type of r[b] only; X0: an error names the context manager protocol, X1: the asynchronous one.";
    SuperAttr(Win, No, Name) 0 "r[a] = super, r[a+1] = class, r[a+2] = receiver, all taken: r[a] = super(class, receiver).name.";
    SuperMethod(Win, No, Name) 2 "Like SuperAttr, with a result as of GetMethod in r[a], r[a+1].";
    GetItem(Dst, Src, Src) 0 "r[a] = r[b][r[c]].";
    GetItemI(Dst, Src, Imm) 0 "r[a] = r[b][c].";
    SetItem(Src, Src, Src) 0 "r[a][r[b]] = r[c].";
    UnsetItem(Src, Src, No) 0 "del r[a][r[b]].";
    GetSlice(Win, No, No) 0 "r[a] = r[a][r[a+1]:r[a+2]].";
    MakeSlice(Win, No, No) 0 "r[a] = slice(r[a], r[a+1], r[a+2]).";

    // Arithmetic. X0 on a binary operation: the in-place form is tried first.
    Neg(Dst, Src, No) 0 "r[a] = -r[b].";
    Pos(Dst, Src, No) 0 "r[a] = +r[b].";
    Invert(Dst, Src, No) 0 "r[a] = ~r[b].";
    Not(Dst, Src, No) 0 "r[a] = not r[b].";
    Add(Dst, Src, Src) 0 "r[a] = r[b] + r[c].";
    Sub(Dst, Src, Src) 0 "r[a] = r[b] - r[c].";
    Mul(Dst, Src, Src) 0 "r[a] = r[b] * r[c].";
    Div(Dst, Src, Src) 0 "r[a] = r[b] / r[c].";
    FloorDiv(Dst, Src, Src) 0 "r[a] = r[b] // r[c].";
    Mod(Dst, Src, Src) 0 "r[a] = r[b] % r[c].";
    Pow(Dst, Src, Src) 0 "r[a] = r[b] ** r[c].";
    MatMul(Dst, Src, Src) 0 "r[a] = r[b] @ r[c].";
    LShift(Dst, Src, Src) 0 "r[a] = r[b] << r[c].";
    RShift(Dst, Src, Src) 0 "r[a] = r[b] >> r[c].";
    And(Dst, Src, Src) 0 "r[a] = r[b] & r[c].";
    Or(Dst, Src, Src) 0 "r[a] = r[b] | r[c].";
    Xor(Dst, Src, Src) 0 "r[a] = r[b] ^ r[c].";
    AddI(Dst, Src, Imm) 0 "r[a] = r[b] + c.";
    SubI(Dst, Src, Imm) 0 "r[a] = r[b] - c.";
    MulI(Dst, Src, Imm) 0 "r[a] = r[b] * c.";
    FloorDivI(Dst, Src, Imm) 0 "r[a] = r[b] // c; c is not 0.";
    ModI(Dst, Src, Imm) 0 "r[a] = r[b] % c; c is not 0.";
    AndI(Dst, Src, Imm) 0 "r[a] = r[b] & c.";
    LShiftI(Dst, Src, Imm) 0 "r[a] = r[b] << c; 0 <= c < 64.";
    RShiftI(Dst, Src, Imm) 0 "r[a] = r[b] >> c; 0 <= c < 64.";

    // Comparison.
    Eq(Dst, Src, Src) 0 "r[a] = r[b] == r[c].";
    Ne(Dst, Src, Src) 0 "r[a] = r[b] != r[c].";
    Lt(Dst, Src, Src) 0 "r[a] = r[b] < r[c].";
    Le(Dst, Src, Src) 0 "r[a] = r[b] <= r[c].";
    Gt(Dst, Src, Src) 0 "r[a] = r[b] > r[c].";
    Ge(Dst, Src, Src) 0 "r[a] = r[b] >= r[c].";
    Is(Dst, Src, Src) 0 "r[a] = r[b] is r[c].";
    IsNot(Dst, Src, Src) 0 "r[a] = r[b] is not r[c].";
    In(Dst, Src, Src) 0 "r[a] = r[b] in r[c].";
    NotIn(Dst, Src, Src) 0 "r[a] = r[b] not in r[c].";

    // Jumps.
    Jump(No, JumpX, No) 0 "Jumps forward.";
    Loop(No, JumpX, No) 0 "Jumps backward; counts fuel and looks for interrupts.";
    LoopIter(No, JumpX, No) 0 "Like Loop, to a ForIter.";
    JumpTrue(Src, JumpX, No) 0 "Jumps if r[a] is true.";
    JumpFalse(Src, JumpX, No) 0 "Jumps if r[a] is false.";
    JumpTrueKeep(Mod, JumpX, No) 0 "If r[a] is true jumps and keeps it, else drops it.";
    JumpFalseKeep(Mod, JumpX, No) 0 "If r[a] is false jumps and keeps it, else drops it.";
    JumpNone(Src, JumpX, No) 0 "Jumps if r[a] is None.";
    JumpNotNone(Src, JumpX, No) 0 "Jumps if r[a] is not None.";
    JumpEq(Src, Src, Jump) 0 "Jumps if r[a] == r[b].";
    JumpNe(Src, Src, Jump) 0 "Jumps if r[a] != r[b].";
    JumpLt(Src, Src, Jump) 0 "Jumps if r[a] < r[b].";
    JumpLe(Src, Src, Jump) 0 "Jumps if r[a] <= r[b].";
    JumpGt(Src, Src, Jump) 0 "Jumps if r[a] > r[b].";
    JumpGe(Src, Src, Jump) 0 "Jumps if r[a] >= r[b].";
    JumpNotEq(Src, Src, Jump) 0 "Jumps unless r[a] == r[b].";
    JumpNotNe(Src, Src, Jump) 0 "Jumps unless r[a] != r[b].";
    JumpNotLt(Src, Src, Jump) 0 "Jumps unless r[a] < r[b].";
    JumpNotLe(Src, Src, Jump) 0 "Jumps unless r[a] <= r[b].";
    JumpNotGt(Src, Src, Jump) 0 "Jumps unless r[a] > r[b].";
    JumpNotGe(Src, Src, Jump) 0 "Jumps unless r[a] >= r[b].";
    JumpEqI(Src, Imm, Jump) 0 "Jumps if r[a] == b.";
    JumpNeI(Src, Imm, Jump) 0 "Jumps if r[a] != b.";
    JumpLtI(Src, Imm, Jump) 0 "Jumps if r[a] < b.";
    JumpLeI(Src, Imm, Jump) 0 "Jumps if r[a] <= b.";
    JumpGtI(Src, Imm, Jump) 0 "Jumps if r[a] > b.";
    JumpGeI(Src, Imm, Jump) 0 "Jumps if r[a] >= b.";
    JumpNotEqI(Src, Imm, Jump) 0 "Jumps unless r[a] == b.";
    JumpNotNeI(Src, Imm, Jump) 0 "Jumps unless r[a] != b.";
    JumpNotLtI(Src, Imm, Jump) 0 "Jumps unless r[a] < b.";
    JumpNotLeI(Src, Imm, Jump) 0 "Jumps unless r[a] <= b.";
    JumpNotGtI(Src, Imm, Jump) 0 "Jumps unless r[a] > b.";
    JumpNotGeI(Src, Imm, Jump) 0 "Jumps unless r[a] >= b.";
    JumpIs(Src, Src, Jump) 0 "Jumps if r[a] is r[b].";
    JumpIsNot(Src, Src, Jump) 0 "Jumps if r[a] is not r[b].";
    JumpIn(Src, Src, Jump) 0 "Jumps if r[a] in r[b].";
    JumpNotIn(Src, Src, Jump) 0 "Jumps if r[a] not in r[b].";

    // Iteration.
    GetIter(Dst, Src, No) 0 "r[a] = iter(r[b]).";
    ForIter(Mod, Dst, Jump) 0 "r[b] = next item of the iterator in the temporary r[a]; at its end drops r[a] and jumps.";
    GetAIter(Dst, Src, No) 0 "r[a] = aiter(r[b]).";
    GetANext(Dst, Src, No) 0 "r[a] = the awaitable of r[b].__anext__() (b is not taken).";
    EndAsyncFor(Win, No, No) 0 "Drops the exception r[a] if it is StopAsyncIteration, else raises it again.";

    // Calls. The window begins with the callee; the result is put in its place.
    Call(Win, Num, No) 0 "r[a] = r[a](r[a+1] .. r[a+b]). X1: the next instruction is GetAwait r[a] r[a] and then Await r[a]; a script coroutine function runs in place and both are skipped.";
    CallKw(Win, Num, Const) 0 "Like Call; the last arguments have the names of the tuple k[c].";
    CallMethod(Win, Num, No) 0 "r[a] = r[a](r[a+1], r[a+2] .. r[a+1+b]), without r[a+1] if that is UNDEF. X1 as for Call.";
    CallMethodKw(Win, Num, Const) 0 "Like CallMethod; the last arguments have the names of the tuple k[c].";
    CallEx(Win, No, No) 0 "r[a] = r[a](*r[a+1]). X0: and **r[a+2], a dict. X1 as for Call.";
    MakeFunction(Win, ConstX, No) 0 "r[a] = function of code k[bx]. X0: defaults tuple in r[a]; X1: keyword defaults dict in r[a+1]; X2: annotations dict in r[a+2].";
    Return(Src, No, No) 0 "Ends the frame with r[a]; a local is moved out.";
    ReturnNone(No, No, No) 0 "Ends the frame with None.";

    // Suspension.
    Yield(Dst, Src, No) 0 "Suspends the generator with r[b]; what is sent arrives in r[a]. X0: the next instruction drops it.";
    GetYieldFrom(Dst, Src, No) 0 "r[a] = the iterator that `yield from r[b]` delegates to; a is a temporary and r[a+1] is reserved for Await.";
    GetAwait(Dst, Src, No) 0 "r[a] = the iterator that `await r[b]` drives; a is a temporary and r[a+1] is reserved for Await. X0: the message is of __aenter__, X1: of __aexit__, X2: of __anext__.";
    Await(Win, No, No) 0 "Drives the iterator r[a] to its end, suspending at each of its values; then r[a] = its result. r[a+1] holds what is sent meanwhile.";

    // Exceptions.
    Raise(Src, No, No) 0 "raise r[a].";
    RaiseFrom(Src, Src, No) 0 "raise r[a] from r[b].";
    RaiseAgain(No, No, No) 0 "A bare raise: raises the exception being handled.";
    Reraise(Win, No, No) 0 "Goes on with raising the exception r[a], as it is.";
    PushHandled(Dst, Src, No) 0 "r[a] = the exception being handled so far (or UNDEF); the one being handled = r[b], which is borrowed.";
    PopHandled(Win, No, No) 0 "The exception being handled = r[a], taken.";
    JumpNotMatch(Src, Src, Jump) 0 "Jumps unless the exception r[a] (borrowed) is of the class or classes r[b].";
    StarMatch(Win, No, No) 0 "except*: r[a] = exception, r[a+1] = classes, both taken: r[a] = rest or None, r[a+1] = the matching group or None.";
    StarEnd(Win, No, No) 0 "except*: r[a] = the original exception, r[a+1] = list of what the handlers raised and what is left: r[a] = exception to raise or None.";
    ExcArgs(Win, Src, No) 0 "r[a], r[a+1], r[a+2] = type, value, traceback of the exception r[b] (borrowed).";

    // Building.
    MakeTuple(Win, Num, No) 0 "r[a] = tuple of r[a] .. r[a+b-1].";
    MakeList(Win, Num, No) 0 "r[a] = list of r[a] .. r[a+b-1].";
    MakeSet(Win, Num, No) 0 "r[a] = set of r[a] .. r[a+b-1].";
    MakeDict(Win, Num, No) 0 "r[a] = dict of b pairs from r[a] on.";
    MakeStr(Win, Num, No) 0 "r[a] = concatenation of the strings r[a] .. r[a+b-1]; integers among them are written in decimal.";
    Format(Dst, Src, Src) 0 "r[a] = format(r[b], r[c]). X0: no spec, c is unused; X1: str() first; X2: repr() first; X1 and X2: ascii() first; X3: an integer may stay one, because MakeStr follows.";
    ListAppend(Mod, Src, No) 0 "r[a].append(r[b]).";
    ListExtend(Mod, Src, No) 0 "r[a].extend(r[b]).";
    ListToTuple(Mod, No, No) 0 "r[a] = tuple of the list r[a].";
    SetAdd(Mod, Src, No) 0 "r[a].add(r[b]).";
    SetUpdate(Mod, Src, No) 0 "r[a].update(r[b]).";
    DictSet(Mod, Src, Src) 0 "r[a][r[b]] = r[c] on the dict r[a].";
    DictUpdate(Mod, Src, No) 0 "r[a].update(r[b]) for `**` in a display.";
    DictMerge(Mod, Src, Src) 0 "Merges the mapping r[b] into r[a] for `**` in a call of r[c] (borrowed); a key that is there already is a TypeError.";
    Unpack(Win, Src, Num) 0 "r[a] .. r[a+c-1] = the c items of r[b].";
    UnpackEx(Win, Src, Num) 0 "Like Unpack with a starred target: c = before | after << 8; the list is at r[a+before].";

    // Imports.
    Import(Win, NameX, No) 0 "r[a] = level, r[a+1] = names or None, both taken: r[a] = the module bx.";
    ImportFrom(Dst, Src, Name) 0 "r[a] = name c from the module r[b], which is borrowed.";
    ImportStar(Src, No, No) 0 "Binds all public names of the module r[a]; X0: in the namespace r[0], else in the module.";

    // Patterns. All subjects are borrowed.
    MatchSequence(Dst, Src, No) 0 "r[a] = whether r[b] is a sequence for patterns.";
    MatchMapping(Dst, Src, No) 0 "r[a] = whether r[b] is a mapping for patterns.";
    MatchKeys(Dst, Src, Src) 0 "r[a] = tuple of the values of r[b] at the keys of the tuple r[c] (borrowed), or None if one is missing.";
    MatchRest(Dst, Src, Src) 0 "r[a] = dict of r[b] without the keys of the tuple r[c] (borrowed).";
    MatchClass(Win, Num, Const) 0 "r[a] = subject, r[a+1] = class, both taken: r[a] = tuple of the b positional attributes and those named by the tuple k[c], or None.";
    Len(Dst, Src, No) 0 "r[a] = len(r[b]).";

    // Rare things.
    BuildClass(Dst, No, No) 0 "r[a] = builtins.__build_class__.";
    SetupAnnotations(No, No, No) 0 "Makes sure that __annotations__ is there; X0: in the namespace r[0], else in the module.";
    Intrinsic(Win, Num, Num) 0 "r[a] = intrinsic b of the c values from r[a] on (see `Intrinsic`).";
}

/// Operations too rare for an instruction of their own: the `b` of `Op::Intrinsic`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u16)]
pub enum Intrinsic {
    /// (value): shows a value as the REPL does (`sys.displayhook`); None.
    Display,
    /// (): the class AssertionError.
    AssertionError,
    /// (name, bound function or None, constraints function or None, default function or None): a TypeVar.
    TypeVar,
    /// (name, default function or None): a TypeVarTuple.
    TypeVarTuple,
    /// (name, default function or None): a ParamSpec.
    ParamSpec,
    /// (name, tuple of type parameters, function that evaluates the value): a TypeAliasType.
    TypeAlias,
    /// (tuple of type parameters): typing.Generic[*parameters], for the bases of a generic class.
    GenericBase,
    /// (function, tuple of type parameters): the function with `__type_params__` set.
    SetTypeParams,
    /// (left, right, operator, message if there is one): the AssertionError of a test, which shows the values.
    FailedAssertion,
}

/// All intrinsics, indexed by their number.
pub const INTRINSICS: &[Intrinsic] = &[
    Intrinsic::Display,
    Intrinsic::AssertionError,
    Intrinsic::TypeVar,
    Intrinsic::TypeVarTuple,
    Intrinsic::ParamSpec,
    Intrinsic::TypeAlias,
    Intrinsic::GenericBase,
    Intrinsic::SetTypeParams,
    Intrinsic::FailedAssertion,
];

impl Op {
    /// The operation with this number.
    #[inline]
    pub fn from_u8(n: u8) -> Option<Op> {
        OPS.get(n as usize).map(|i| i.op)
    }

    /// The row of the table.
    #[inline]
    pub fn info(self) -> &'static OpInfo {
        &OPS[self as usize]
    }
}

/// An instruction word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(transparent)]
pub struct Word(pub u64);

impl Word {
    /// An instruction with three 16-bit operands.
    pub fn abc(op: Op, flags: u8, a: u16, b: u16, c: u16) -> Word {
        Word(op as u64 | (flags as u64) << 8 | (a as u64) << 16 | (b as u64) << 32 | (c as u64) << 48)
    }

    /// An instruction with a 16-bit and a 32-bit operand.
    pub fn abx(op: Op, flags: u8, a: u16, bx: u32) -> Word {
        Word(op as u64 | (flags as u64) << 8 | (a as u64) << 16 | (bx as u64) << 32)
    }

    /// The number of the operation.
    #[inline(always)]
    pub fn op_number(self) -> u8 {
        self.0 as u8
    }

    /// The flags.
    #[inline(always)]
    pub fn flags(self) -> u8 {
        (self.0 >> 8) as u8
    }

    /// First operand.
    #[inline(always)]
    pub fn a(self) -> u16 {
        (self.0 >> 16) as u16
    }

    /// Second operand.
    #[inline(always)]
    pub fn b(self) -> u16 {
        (self.0 >> 32) as u16
    }

    /// Third operand.
    #[inline(always)]
    pub fn c(self) -> u16 {
        (self.0 >> 48) as u16
    }

    /// Second and third operand together.
    #[inline(always)]
    pub fn bx(self) -> u32 {
        (self.0 >> 32) as u32
    }
}
