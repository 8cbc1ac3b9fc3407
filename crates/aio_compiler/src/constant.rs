//! Constants: loading them, and computing what can be computed before the script runs.

use crate::builder::Dst;
use crate::module::Compiler;
use crate::scope::strip;
use aio_bytecode::{Const, Op};
use aio_syntax::ast::*;

/// The longest string, bytes or tuple that folding makes.
const MAX_FOLDED: usize = 4096;

/// Deeper trees are left to the machine, so that every node of a deep one is not looked at from
/// every node above it.
const MAX_DEPTH_FOLDED: u32 = 64;

impl<'a> Compiler<'a> {
    /// Loads a constant.
    pub fn constant(&mut self, value: Const, dst: Dst) {
        let number = if self.u.reachable { self.u.pool.constant(value) } else { 0 };
        self.u.op_x(Op::LoadK, 0, dst, number);
    }

    /// Loads a text.
    pub fn text(&mut self, text: &str, dst: Dst) {
        self.constant(Const::Str(text.as_bytes().to_vec().into()), dst);
    }

    /// The text of a name as a constant.
    pub fn name_const(&self, sym: Sym) -> Const {
        Const::Str(self.names.text(sym).as_bytes().to_vec().into())
    }

    /// The value of an expression that is the same each time.
    pub fn fold(&self, e: &Expr) -> Option<Const> {
        if e.depth > MAX_DEPTH_FOLDED {
            return None;
        }
        match &e.kind {
            ExprKind::Name(sym) if *sym == self.names.known.debug => Some(Const::True),
            ExprKind::Bin(op, left, right) => {
                // The right operand is mostly a leaf, so chains that are not constant end at once.
                let right = self.fold(right)?;
                let left = self.fold(left)?;
                binary(*op, &left, &right)
            }
            ExprKind::Un(op, operand) => unary(*op, self.fold(operand)?),
            ExprKind::Tuple(items) => {
                let items: Option<Vec<Const>> = items.iter().map(|item| self.fold(item)).collect();
                Some(Const::Tuple(items?.into()))
            }
            ExprKind::Paren(inner) => self.fold(inner),
            _ => literal(e),
        }
    }

    /// Whether the truth of an expression is the same each time.
    pub fn fold_truth(&self, e: &Expr) -> Option<bool> {
        self.fold(e).as_ref().and_then(truth)
    }

    /// A small integer that fits an instruction.
    pub fn small_int(&self, e: &Expr) -> Option<i16> {
        match self.fold(e)? {
            Const::Int(value) => i16::try_from(value).ok(),
            _ => None,
        }
    }
}

/// The value of a literal.
pub(crate) fn literal(e: &Expr) -> Option<Const> {
    Some(match &e.kind {
        ExprKind::Int(int) => match int {
            IntLit::Small(value) => Const::Int(*value),
            IntLit::Big(digits) => Const::BigInt(digits.to_string().into()),
        },
        ExprKind::Float(value) => Const::Float(*value),
        ExprKind::Imag(value) => Const::Imag(*value),
        ExprKind::Str(text) => Const::Str(text.value.to_vec().into()),
        ExprKind::Bytes(bytes) => Const::Bytes(bytes.to_vec().into()),
        ExprKind::None => Const::None,
        ExprKind::True => Const::True,
        ExprKind::False => Const::False,
        ExprKind::Ellipsis => Const::Ellipsis,
        _ => return None,
    })
}

/// Whether an expression is a literal, perhaps in parentheses.
pub(crate) fn is_literal(e: &Expr) -> bool {
    matches!(
        strip(e).kind,
        ExprKind::Int(_)
            | ExprKind::Float(_)
            | ExprKind::Imag(_)
            | ExprKind::Str(_)
            | ExprKind::Bytes(_)
            | ExprKind::None
            | ExprKind::True
            | ExprKind::False
            | ExprKind::Ellipsis
    )
}

/// The truth of a constant.
fn truth(value: &Const) -> Option<bool> {
    Some(match value {
        Const::None | Const::False => false,
        Const::True | Const::Ellipsis | Const::BigInt(_) | Const::Code(_) => true,
        Const::Int(value) => *value != 0,
        Const::Float(value) | Const::Imag(value) => *value != 0.0,
        Const::Str(bytes) | Const::Bytes(bytes) => !bytes.is_empty(),
        Const::Tuple(items) | Const::FrozenSet(items) => !items.is_empty(),
        Const::Undef => return None,
    })
}

fn unary(op: UnOp, value: Const) -> Option<Const> {
    Some(match (op, value) {
        (UnOp::Not, value) => match truth(&value)? {
            true => Const::False,
            false => Const::True,
        },
        (UnOp::Neg, Const::Int(value)) => Const::Int(value.checked_neg()?),
        (UnOp::Neg, Const::Float(value)) => Const::Float(-value),
        (UnOp::Pos, Const::Int(value)) => Const::Int(value),
        (UnOp::Pos, Const::Float(value)) => Const::Float(value),
        (UnOp::Invert, Const::Int(value)) => Const::Int(!value),
        _ => return None,
    })
}

fn binary(op: BinOp, left: &Const, right: &Const) -> Option<Const> {
    match (left, right) {
        (Const::Int(_) | Const::BigInt(_), Const::Int(_) | Const::BigInt(_)) => integers(op, word(left)?, word(right)?),
        (Const::Float(a), Const::Float(b)) => floats(op, *a, *b),
        (Const::Int(a), Const::Float(b)) => floats(op, exact(*a)?, *b),
        (Const::Float(a), Const::Int(b)) => floats(op, *a, exact(*b)?),
        (Const::Str(a), Const::Str(b)) if op == BinOp::Add => {
            // Two surrogates that meet would have to become one character: left to the machine.
            let split = a.iter().rev().nth(2) == Some(&0xed);
            (!split && a.len() + b.len() <= MAX_FOLDED).then(|| Const::Str([&a[..], b].concat().into()))
        }
        (Const::Bytes(a), Const::Bytes(b)) if op == BinOp::Add => {
            (a.len() + b.len() <= MAX_FOLDED).then(|| Const::Bytes([&a[..], b].concat().into()))
        }
        (Const::Str(a), Const::Int(n)) if op == BinOp::Mul => repeated(a, *n).map(|bytes| Const::Str(bytes.into())),
        (Const::Bytes(a), Const::Int(n)) if op == BinOp::Mul => repeated(a, *n).map(|bytes| Const::Bytes(bytes.into())),
        _ => None,
    }
}

fn repeated(bytes: &[u8], times: i64) -> Option<Vec<u8>> {
    let times = usize::try_from(times).ok()?;
    let size = bytes.len().checked_mul(times)?;
    (size <= MAX_FOLDED).then(|| bytes.repeat(times))
}

/// An integer as a float, where that loses nothing.
fn exact(value: i64) -> Option<f64> {
    (value.unsigned_abs() < 1 << 53).then_some(value as f64)
}

/// An integer of up to 127 bits.
fn word(value: &Const) -> Option<i128> {
    match value {
        Const::Int(value) => Some((*value).into()),
        Const::BigInt(digits) => i128::from_str_radix(digits, 16).ok(),
        _ => None,
    }
}

/// Folds what CPython folds: it judges by the bits of the operands whether a result stays within 128 bits.
fn integers(op: BinOp, a: i128, b: i128) -> Option<Const> {
    let bits = |value: i128| i128::from(i128::BITS - value.unsigned_abs().leading_zeros());
    let expected = match op {
        BinOp::Mul => bits(a) + bits(b),
        BinOp::Pow if a != 0 => bits(a).checked_mul(b)?,
        BinOp::LShift => bits(a).checked_add(b)?,
        _ => 0,
    };
    if expected > 128 {
        return None;
    }
    let value = match op {
        BinOp::Add => a.checked_add(b)?,
        BinOp::Sub => a.checked_sub(b)?,
        BinOp::Mul => a.checked_mul(b)?,
        BinOp::FloorDiv => {
            let quotient = a.checked_div(b)?;
            let inexact = a.checked_rem(b)? != 0;
            if inexact && (a < 0) != (b < 0) { quotient - 1 } else { quotient }
        }
        BinOp::Mod => {
            let rest = a.checked_rem(b)?;
            if rest != 0 && (rest < 0) != (b < 0) { rest + b } else { rest }
        }
        BinOp::Pow => a.checked_pow(u32::try_from(b).ok()?)?,
        BinOp::LShift => {
            let shift = u32::try_from(b).ok().filter(|&n| n < i128::BITS)?;
            let shifted = a << shift;
            (shifted >> shift == a).then_some(shifted)?
        }
        BinOp::RShift => a >> u32::try_from(b).ok()?.min(i128::BITS - 1),
        BinOp::BitAnd => a & b,
        BinOp::BitOr => a | b,
        BinOp::BitXor => a ^ b,
        BinOp::Div => {
            let (a, b) = (exact(i64::try_from(a).ok()?)?, exact(i64::try_from(b).ok()?)?);
            return (b != 0.0).then(|| Const::Float(a / b));
        }
        BinOp::MatMul => return None,
    };
    match i64::try_from(value) {
        Ok(value) => Some(Const::Int(value)),
        Err(_) => (value > 0).then(|| Const::BigInt(format!("{value:x}").into())),
    }
}

fn floats(op: BinOp, a: f64, b: f64) -> Option<Const> {
    let value = match op {
        BinOp::Add => a + b,
        BinOp::Sub => a - b,
        BinOp::Mul => a * b,
        BinOp::Div if b != 0.0 => a / b,
        _ => return None,
    };
    // The sign and payload of a NaN are the processor's business; the machine shall make it.
    (!value.is_nan()).then_some(Const::Float(value))
}
