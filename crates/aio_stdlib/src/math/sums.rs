//! Sums and products of math: exact ones of floats, and those that fall back to the operators of the numbers.

use aio_vm::{Args, Binary, Def, R, Value, Vm, function};

pub(super) static FUNCTIONS: &[Def] = &[
    function("fsum(seq, /)", fsum, "Return an accurate floating-point sum of values in the iterable seq."),
    function("prod(iterable, /, *, start=1)", prod, "Calculate the product of all the elements in the input iterable."),
    function("sumprod(p, q, /)", sumprod, "Return the sum of products of values from two iterables p and q."),
];

/// Sum and what its rounding lost.
fn two_sum(a: f64, b: f64) -> (f64, f64) {
    let s = a + b;
    let t = s - a;
    (s, (a - (s - t)) + (b - t))
}

/// Numbers that do not overlap, in growing order, whose sum is exact.
#[derive(Default)]
pub(super) struct Partials(Vec<f64>);

impl Partials {
    /// Adds a number; false if it overflows.
    pub(super) fn add(&mut self, x: f64) -> bool {
        let mut x = x;
        let mut kept = 0;
        for i in 0..self.0.len() {
            let y = self.0[i];
            let (high, low) = if x.abs() < y.abs() { two_sum(y, x) } else { two_sum(x, y) };
            if low != 0.0 {
                self.0[kept] = low;
                kept += 1;
            }
            x = high;
        }
        self.0.truncate(kept);
        self.0.push(x);
        x.is_finite()
    }

    /// The sum, rounded once.
    pub(super) fn total(&self) -> f64 {
        let mut parts = self.0.iter().rev().copied();
        let Some(mut high) = parts.next() else { return 0.0 };
        let mut low = 0.0;
        for y in parts.by_ref() {
            (high, low) = two_sum(high, y);
            if low != 0.0 {
                break;
            }
        }
        // Halfway cases go by the sign of what follows.
        if low != 0.0
            && let Some(next) = parts.next()
            && (low < 0.0) == (next < 0.0)
        {
            let doubled = low * 2.0;
            let up = high + doubled;
            if doubled == up - high {
                return up;
            }
        }
        high
    }
}

fn fsum(vm: &Vm, a: &Args) -> R {
    let mut partials = Partials::default();
    let (mut special, mut infinities) = (0.0, 0.0);
    let mut overflow = false;
    vm.each(&a[0], |v| {
        let x = vm.to_f64(&v)?;
        if !x.is_finite() {
            special += x;
            if x.is_infinite() {
                infinities += x;
            }
        } else if !overflow && special == 0.0 && !partials.add(x) {
            overflow = true;
        }
        if overflow {
            return Err(vm.overflow_error("intermediate overflow in fsum"));
        }
        vm.tick()
    })?;
    if special != 0.0 || special.is_nan() {
        if infinities.is_nan() {
            return Err(vm.value_error("-inf + inf in fsum"));
        }
        return Ok(Value::float(special));
    }
    Ok(Value::float(partials.total()))
}

fn prod(vm: &Vm, a: &Args) -> R {
    let mut result = a.get(1).cloned().unwrap_or(Value::small(1));
    vm.each(&a[0], |v| {
        result = match (result.as_float(), v.as_float()) {
            (Some(x), Some(y)) => Value::float(x * y),
            _ => vm.binary(Binary::Mul, &result, &v)?,
        };
        vm.tick()
    })?;
    Ok(result)
}

/// The float of a float, or of an integer beside one.
fn plain_float(vm: &Vm, v: &Value) -> Option<f64> {
    match v.as_float() {
        Some(x) => Some(x),
        None if v.is_int() => vm.int_to_f64(v).ok(),
        None => None,
    }
}

fn sumprod(vm: &Vm, a: &Args) -> R {
    let (p, q) = (vm.iter(&a[0])?, vm.iter(&a[1])?);
    let mut total = Value::small(0);
    let mut floats: Option<Partials> = None;
    let mut exact = true;
    loop {
        let (x, y) = (vm.next(&p)?, vm.next(&q)?);
        let (x, y) = match (x, y) {
            (Some(x), Some(y)) => (x, y),
            (None, None) => break,
            _ => return Err(vm.value_error("Inputs are not the same length")),
        };
        vm.tick()?;
        let has_float = x.is_float() || y.is_float();
        if exact && has_float {
            if let (Some(fx), Some(fy)) = (plain_float(vm, &x), plain_float(vm, &y)) {
                let high = fx * fy;
                let low = fx.mul_add(fy, -high);
                let partials = floats.get_or_insert_default();
                if high.is_finite() && low.is_finite() && partials.add(low) && partials.add(high) {
                    continue;
                }
                if high.is_finite() {
                    return Ok(Value::float(f64::INFINITY.copysign(high)));
                }
            }
            exact = false;
        } else if floats.is_some() {
            exact = false;
        }
        if let Some(partials) = floats.take() {
            total = vm.binary(Binary::Add, &total, &Value::float(partials.total()))?;
        }
        let product = vm.binary(Binary::Mul, &x, &y)?;
        total = vm.binary(Binary::Add, &total, &product)?;
    }
    match floats {
        Some(partials) => vm.binary(Binary::Add, &total, &Value::float(partials.total())),
        None => Ok(total),
    }
}
