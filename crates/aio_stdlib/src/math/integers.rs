//! Functions of math on integers: divisors, factorials, roots and counts of choices.

use aio_vm::{Args, Def, R, Value, Vm, function};
use num_bigint::{BigInt, BigUint, Sign};
use num_integer::Integer;
use num_traits::{One, ToPrimitive, Zero};

pub(super) static FUNCTIONS: &[Def] = &[
    function(
        "comb(n, k, /)",
        comb,
        "Number of ways to choose k items from n items without repetition and without order.",
    ),
    function("factorial(n, /)", factorial, "Find n!."),
    function("gcd(*integers)", gcd, "Greatest Common Divisor."),
    function("isqrt(n, /)", isqrt, "Return the integer part of the square root of the input."),
    function("lcm(*integers)", lcm, "Least Common Multiple."),
    function(
        "perm(n, k=None, /)",
        perm,
        "Number of ways to choose k items from n items without repetition and with order.",
    ),
];

fn integer(vm: &Vm, v: &Value) -> R<BigInt> {
    Ok(vm.index_value(v)?.as_bigint().unwrap_or_default())
}

fn gcd(vm: &Vm, a: &Args) -> R {
    let mut small = 0u64;
    let mut big: Option<BigInt> = None;
    for v in a.rest {
        let n = vm.index_value(v)?;
        match (n.as_i64(), &mut big) {
            (Some(n), None) => small = small.gcd(&n.unsigned_abs()),
            _ => {
                let (x, y) = (big.unwrap_or_else(|| BigInt::from(small)), n.as_bigint().unwrap_or_default());
                pay_gcd(vm, &x, &y)?;
                big = Some(x.gcd(&y));
            }
        }
    }
    Ok(big.map_or_else(|| vm.uint(small), |b| vm.bigint(b)))
}

/// Each bit costs a step for each word.
fn pay_gcd(vm: &Vm, x: &BigInt, y: &BigInt) -> R<()> {
    vm.pay_square(x.bits(), y.bits(), 64.0)
}

fn lcm(vm: &Vm, a: &Args) -> R {
    let mut result = BigInt::one();
    for v in a.rest {
        let n = integer(vm, v)?;
        pay_gcd(vm, &result, &n)?;
        result = result.lcm(&n);
    }
    let sign = result.sign();
    Ok(vm.bigint(if sign == Sign::Minus { -result } else { result }))
}

fn isqrt(vm: &Vm, a: &Args) -> R {
    let n = vm.index_value(&a[0])?;
    if let Some(n) = n.as_i64() {
        if n < 0 {
            return Err(vm.value_error("isqrt() argument must be nonnegative"));
        }
        return Ok(vm.int(n.isqrt()));
    }
    let n = n.as_bigint().unwrap_or_default();
    if n.sign() == Sign::Minus {
        return Err(vm.value_error("isqrt() argument must be nonnegative"));
    }
    vm.pay_square(n.bits(), n.bits(), 2.0)?;
    Ok(vm.bigint(n.sqrt()))
}

/// The product of all integers from `low` to `high`, multiplied in pairs of like size.
fn product(vm: &Vm, low: u64, high: u64) -> R<BigUint> {
    if low > high {
        return Ok(BigUint::one());
    }
    if high - low < 16 {
        return Ok((low..=high).fold(BigUint::one(), |p, n| p * n));
    }
    vm.tick()?;
    let middle = low + (high - low) / 2;
    let (x, y) = (product(vm, low, middle)?, product(vm, middle + 1, high)?);
    vm.pay_product(x.bits(), y.bits())?;
    Ok(x * y)
}

fn factorial(vm: &Vm, a: &Args) -> R {
    let n = vm.index_value(&a[0])?;
    match n.as_i64() {
        Some(n) if n < 0 => Err(vm.value_error("factorial() not defined for negative values")),
        Some(n) => {
            vm.alloc_check(n as usize, 4)?;
            Ok(vm.bigint(BigInt::from(product(vm, 2, n as u64)?)))
        }
        None if n.as_bigint().is_some_and(|n| n.sign() == Sign::Minus) => {
            Err(vm.value_error("factorial() not defined for negative values"))
        }
        None => Err(vm.overflow_error(format!("factorial() argument should not exceed {}", i64::MAX))),
    }
}

/// n * (n-1) * ... of k factors.
fn falling(vm: &Vm, n: &BigInt, k: u64) -> R<BigUint> {
    if let Some(n) = n.to_u64() {
        return if k > n { Ok(BigUint::zero()) } else { product(vm, n - k + 1, n) };
    }
    let mut result = BigUint::one();
    let mut factor = n.magnitude().clone();
    for _ in 0..k {
        vm.tick()?;
        vm.pay_product(result.bits(), factor.bits())?;
        result *= &factor;
        factor -= 1u32;
    }
    Ok(result)
}

fn counts(vm: &Vm, a: &Args) -> R<(BigInt, BigInt)> {
    let n = integer(vm, &a[0])?;
    let k = a.some(1).map_or(Ok(n.clone()), |k| integer(vm, k))?;
    if n.sign() == Sign::Minus {
        return Err(vm.value_error("n must be a non-negative integer"));
    }
    if k.sign() == Sign::Minus {
        return Err(vm.value_error("k must be a non-negative integer"));
    }
    Ok((n, k))
}

fn perm(vm: &Vm, a: &Args) -> R {
    if a.some(1).is_none() {
        return factorial(vm, a);
    }
    let (n, k) = counts(vm, a)?;
    if k > n {
        return Ok(Value::small(0));
    }
    match k.to_i64() {
        Some(k) => Ok(vm.bigint(BigInt::from(falling(vm, &n, k as u64)?))),
        None => Err(vm.overflow_error(format!("k must not exceed {}", i64::MAX))),
    }
}

fn comb(vm: &Vm, a: &Args) -> R {
    let (n, k) = counts(vm, a)?;
    if k > n {
        return Ok(Value::small(0));
    }
    let k = k.clone().min(&n - &k);
    match k.to_i64() {
        Some(k) => {
            let top = falling(vm, &n, k as u64)?;
            Ok(vm.bigint(BigInt::from(top / product(vm, 2, k as u64)?)))
        }
        None => Err(vm.overflow_error(format!("min(n - k, k) must not exceed {}", i64::MAX))),
    }
}
