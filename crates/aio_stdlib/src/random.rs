//! The module _random: the Mersenne Twister, seeded and stepped as CPython does.

use aio_vm::{Args, ModuleDef, Payload, R, TypeTable, Value, Vm, method, static_method};
use num_bigint::{BigInt, BigUint, Sign};
use std::cell::{OnceCell, RefCell};

const N: usize = 624;
const M: usize = 397;

static RANDOM: TypeTable = TypeTable {
    doc: "Random() -> create a random number generator with its own internal state.",
    rows: &[
        static_method("__new__(cls, /, *args, **kwargs)", new, "Create and return a new object."),
        method("__init__(self, seed=None, /)", init_object, "Initialize self."),
        method("random(self, /)", random, "random() -> x in the interval [0, 1)."),
        method(
            "seed(self, n=None, /)",
            seed,
            "seed([n]) -> None.\n\nDefaults to use urandom and falls back to a combination\nof the current time and the process identifier.",
        ),
        method("getstate(self, /)", getstate, "getstate() -> tuple containing the current state."),
        method("setstate(self, state, /)", setstate, "setstate(state) -> None.  Restores generator state."),
        method("getrandbits(self, k, /)", getrandbits, "getrandbits(k) -> x.  Generates an int with k random bits."),
    ],
    next: None,
};

static MODULE: ModuleDef = ModuleDef { name: "_random", init };

/// Makes the module known.
pub fn install(vm: &Vm) {
    vm.add_module(&MODULE);
}

#[derive(Default)]
struct Classes {
    random: OnceCell<Value>,
}

fn init(vm: &Vm, module: &Value) -> R<()> {
    let class = vm
        .state::<Classes>()
        .random
        .get_or_init(|| vm.native_class("_random", "Random", vm.types.object.get(), 0, &RANDOM));
    crate::fill::set(vm, module, "Random", class.clone());
    crate::fill::set(vm, module, "__doc__", vm.str("Module implements the Mersenne Twister random number generator."));
    Ok(())
}

struct Twister {
    words: [u32; N],
    at: usize,
}

impl Twister {
    fn seeded(seed: u32) -> Twister {
        let mut words = [0u32; N];
        words[0] = seed;
        for i in 1..N {
            let before = words[i - 1];
            words[i] = 1_812_433_253u32.wrapping_mul(before ^ (before >> 30)).wrapping_add(i as u32);
        }
        Twister { words, at: N }
    }

    /// Seeding by an array of words, as the authors of the method define it.
    fn seeded_by(key: &[u32]) -> Twister {
        let mut t = Twister::seeded(19_650_218);
        let w = &mut t.words;
        let (mut i, mut j) = (1, 0);
        for _ in 0..N.max(key.len()) {
            let before = w[i - 1];
            w[i] = (w[i] ^ (before ^ (before >> 30)).wrapping_mul(1_664_525))
                .wrapping_add(key.get(j).copied().unwrap_or(0))
                .wrapping_add(j as u32);
            i += 1;
            j = if j + 1 >= key.len() { 0 } else { j + 1 };
            if i >= N {
                w[0] = w[N - 1];
                i = 1;
            }
        }
        for _ in 0..N - 1 {
            let before = w[i - 1];
            w[i] = (w[i] ^ (before ^ (before >> 30)).wrapping_mul(1_566_083_941)).wrapping_sub(i as u32);
            i += 1;
            if i >= N {
                w[0] = w[N - 1];
                i = 1;
            }
        }
        w[0] = 0x8000_0000;
        t
    }

    fn next(&mut self) -> u32 {
        if self.at >= N {
            for k in 0..N {
                let y = (self.words[k] & 0x8000_0000) | (self.words[(k + 1) % N] & 0x7fff_ffff);
                let odd = if y & 1 == 0 { 0 } else { 0x9908_b0df };
                self.words[k] = self.words[(k + M) % N] ^ (y >> 1) ^ odd;
            }
            self.at = 0;
        }
        let mut y = self.words[self.at];
        self.at += 1;
        y ^= y >> 11;
        y ^= (y << 7) & 0x9d2c_5680;
        y ^= (y << 15) & 0xefc6_0000;
        y ^ (y >> 18)
    }
}

struct Generator(RefCell<Twister>);

impl Payload for Generator {}

fn generator<'a>(vm: &Vm, v: &'a Value) -> R<&'a Generator> {
    v.payload::<Generator>().ok_or_else(|| vm.type_error("a Random object is expected"))
}

fn fresh(vm: &Vm) -> Twister {
    let mut data = [0u8; 4 * N];
    vm.host.random(&mut data);
    let key: Vec<u32> = data.as_chunks::<4>().0.iter().map(|c| u32::from_le_bytes(*c)).collect();
    Twister::seeded_by(&key)
}

fn new(vm: &Vm, a: &Args) -> R {
    match a[0].as_class() {
        Some(class) => Ok(vm.opaque(class, Generator(RefCell::new(Twister::seeded(5489))))),
        None => Err(vm.type_error("Random.__new__(X): X is not a type object")),
    }
}

fn init_object(vm: &Vm, a: &Args) -> R {
    seed(vm, a)
}

fn seed(vm: &Vm, a: &Args) -> R {
    let g = generator(vm, &a[0])?;
    let twister = match a.some(1) {
        None => fresh(vm),
        Some(v) => {
            let n = match v.as_bigint() {
                Some(n) => n.magnitude().clone(),
                None => BigUint::from(vm.hash(v)? as u64),
            };
            let key = n.to_u32_digits();
            Twister::seeded_by(if key.is_empty() { &[0] } else { &key })
        }
    };
    *g.0.borrow_mut() = twister;
    Ok(Value::NONE)
}

fn random(vm: &Vm, a: &Args) -> R {
    let mut t = generator(vm, &a[0])?.0.borrow_mut();
    let (high, low) = ((t.next() >> 5) as f64, (t.next() >> 6) as f64);
    Ok(Value::float((high * 67_108_864.0 + low) * (1.0 / 9_007_199_254_740_992.0)))
}

fn getrandbits(vm: &Vm, a: &Args) -> R {
    let k = vm.index(&a[1])?;
    if k < 0 {
        return Err(vm.value_error("number of bits must be non-negative"));
    }
    if k == 0 {
        return Ok(Value::small(0));
    }
    let g = generator(vm, &a[0])?;
    if k <= 32 {
        return Ok(vm.uint((g.0.borrow_mut().next() >> (32 - k)) as u64));
    }
    let words = (k as usize).div_ceil(32);
    vm.alloc_check(words, 4)?;
    let mut t = g.0.borrow_mut();
    let mut digits: Vec<u32> = (0..words).map(|_| t.next()).collect();
    let over = words * 32 - k as usize;
    if let Some(last) = digits.last_mut() {
        *last >>= over;
    }
    Ok(vm.bigint(BigInt::from_slice(Sign::Plus, &digits)))
}

fn getstate(vm: &Vm, a: &Args) -> R {
    let t = generator(vm, &a[0])?.0.borrow();
    let mut items: Vec<Value> = t.words.iter().map(|w| vm.uint(*w as u64)).collect();
    items.push(vm.uint(t.at as u64));
    Ok(vm.tuple(items))
}

fn setstate(vm: &Vm, a: &Args) -> R {
    let Some(state) = a[1].as_tuple() else { return Err(vm.type_error("state vector must be a tuple")) };
    let items = state.items();
    if items.len() != N + 1 {
        return Err(vm.value_error("state vector is the wrong size"));
    }
    let mut words = [0u32; N];
    for (word, v) in words.iter_mut().zip(items) {
        let Some(n) = v.as_bigint() else { return Err(vm.type_error("an integer is required")) };
        match u64::try_from(&n) {
            Ok(n) => *word = n as u32,
            Err(_) if n.sign() == Sign::Minus => {
                return Err(vm.overflow_error("can't convert negative value to unsigned int"));
            }
            Err(_) => return Err(vm.overflow_error("Python int too large to convert to C unsigned long")),
        }
    }
    let at = vm.index(&items[N])?;
    if !(0..=N as i64).contains(&at) {
        return Err(vm.value_error("invalid state"));
    }
    *generator(vm, &a[0])?.0.borrow_mut() = Twister { words, at: at as usize };
    Ok(Value::NONE)
}
