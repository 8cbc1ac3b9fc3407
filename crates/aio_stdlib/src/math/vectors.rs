//! Lengths of vectors: math.hypot and math.dist.

use aio_vm::{Args, Def, R, Value, Vm, function};

pub(super) static FUNCTIONS: &[Def] = &[
    function("dist(p, q, /)", dist, "Return the Euclidean distance between two points p and q."),
    function("hypot(*coordinates)", hypot, "Multidimensional Euclidean distance from the origin to a point."),
];

/// The length of a vector with one rounding or nearly so: squares are added with what their rounding loses.
fn length(parts: &[f64]) -> f64 {
    let largest = parts.iter().fold(0f64, |m, x| m.max(x.abs()));
    if parts.iter().any(|x| x.is_infinite()) {
        return f64::INFINITY;
    }
    if parts.iter().any(|x| x.is_nan()) {
        return f64::NAN;
    }
    if largest == 0.0 || parts.len() == 1 {
        return largest;
    }
    // Scaled by a power of two, so that squares neither overflow nor vanish.
    let (_, exponent) = libm::frexp(largest);
    let (mut high, mut low) = (0f64, 0f64);
    for x in parts {
        let x = libm::ldexp(x.abs(), -exponent);
        let square = x * x;
        let lost = x.mul_add(x, -square);
        let sum = high + square;
        let t = sum - high;
        low += (high - (sum - t)) + (square - t) + lost;
        high = sum;
    }
    let root = (high + low).sqrt();
    let rest = (-root).mul_add(root, high) + low;
    libm::ldexp(root + rest / (2.0 * root), exponent)
}

fn hypot(vm: &Vm, a: &Args) -> R {
    let parts = a.rest.iter().map(|v| vm.to_f64(v)).collect::<R<Vec<f64>>>()?;
    Ok(Value::float(length(&parts)))
}

fn point(vm: &Vm, v: &Value) -> R<Vec<Value>> {
    match v.as_tuple() {
        Some(t) => Ok(t.items().to_vec()),
        None => vm.collect(v),
    }
}

fn dist(vm: &Vm, a: &Args) -> R {
    let (p, q) = (point(vm, &a[0])?, point(vm, &a[1])?);
    if p.len() != q.len() {
        return Err(vm.value_error("both points must have the same number of dimensions"));
    }
    let mut parts = Vec::with_capacity(p.len());
    for (x, y) in p.iter().zip(&q) {
        parts.push(vm.to_f64(x)? - vm.to_f64(y)?);
    }
    Ok(Value::float(length(&parts)))
}
