//! The module _hashlib: digests of bytes.

use aio_vm::{Args, Def, ModuleDef, Payload, R, TypeTable, Value, Vm, function, getter, method};
use blake2::{Blake2b512, Blake2s256};
use digest::{DynDigest, ExtendableOutput, Update, XofReader};
use shake::{Shake128, Shake256};
use std::cell::{OnceCell, RefCell};

static FUNCTIONS: &[Def] = &[
    function("md5(data=b'', *, usedforsecurity=True, string=None)", md5, "Return an md5 hash object."),
    function("sha1(data=b'', *, usedforsecurity=True, string=None)", sha1, "Return a sha1 hash object."),
    function("sha224(data=b'', *, usedforsecurity=True, string=None)", sha224, "Return a sha224 hash object."),
    function("sha256(data=b'', *, usedforsecurity=True, string=None)", sha256, "Return a sha256 hash object."),
    function("sha384(data=b'', *, usedforsecurity=True, string=None)", sha384, "Return a sha384 hash object."),
    function("sha512(data=b'', *, usedforsecurity=True, string=None)", sha512, "Return a sha512 hash object."),
    function("sha3_224(data=b'', *, usedforsecurity=True, string=None)", sha3_224, "Return a sha3-224 hash object."),
    function("sha3_256(data=b'', *, usedforsecurity=True, string=None)", sha3_256, "Return a sha3-256 hash object."),
    function("sha3_384(data=b'', *, usedforsecurity=True, string=None)", sha3_384, "Return a sha3-384 hash object."),
    function("sha3_512(data=b'', *, usedforsecurity=True, string=None)", sha3_512, "Return a sha3-512 hash object."),
    function(
        "shake_128(data=b'', *, usedforsecurity=True, string=None)",
        shake_128,
        "Return a shake-128 variable hash object.",
    ),
    function(
        "shake_256(data=b'', *, usedforsecurity=True, string=None)",
        shake_256,
        "Return a shake-256 variable hash object.",
    ),
    function("_blake2(big, size, key, data, /)", blake2, "A blake2 hash object."),
    function(
        "compare_digest(a, b, /)",
        compare_digest,
        "Return 'a == b', in a time that does not depend on the contents.",
    ),
];

macro_rules! rows {
    ($digest:literal, $hexdigest:literal) => {
        &[
            method("update(self, obj, /)", update, "Update this hash object's state with the provided string."),
            method($digest, digest, "Return the digest value as a bytes object."),
            method($hexdigest, hexdigest, "Return the digest value as a string of hexadecimal digits."),
            method("copy(self, /)", copy, "Return a copy of the hash object."),
            method("__repr__(self, /)", repr, "Return repr(self)."),
            getter("digest_size(self)", digest_size, "the number of bytes of a digest"),
            getter("block_size(self)", block_size, "the number of bytes of a block"),
            getter("name(self)", name, "the name of the algorithm"),
        ]
    };
}

static HASH: TypeTable = TypeTable {
    doc: "A hash is an object used to calculate a checksum of a string of information.",
    rows: rows!("digest(self, /)", "hexdigest(self, /)"),
    next: None,
};

static XOF: TypeTable = TypeTable {
    doc: "A hash whose digests have any length.",
    rows: rows!("digest(self, /, length)", "hexdigest(self, /, length)"),
    next: None,
};

static MODULE: ModuleDef = ModuleDef { name: "_hashlib", init };

/// Makes the module known.
pub fn install(vm: &Vm) {
    vm.add_module(&MODULE);
}

#[derive(Default)]
struct Classes {
    hash: OnceCell<Value>,
    xof: OnceCell<Value>,
}

fn hash_class(vm: &Vm, xof: bool) -> &Value {
    let classes = vm.state::<Classes>();
    let object = vm.types.object.get();
    if xof {
        classes.xof.get_or_init(|| vm.native_class("_hashlib", "HASHXOF", object, 0, &XOF))
    } else {
        classes.hash.get_or_init(|| vm.native_class("_hashlib", "HASH", object, 0, &HASH))
    }
}

fn init(vm: &Vm, module: &Value) -> R<()> {
    crate::fill::define(vm, module, FUNCTIONS);
    crate::fill::set(vm, module, "HASH", hash_class(vm, false).clone());
    crate::fill::set(vm, module, "HASHXOF", hash_class(vm, true).clone());
    Ok(())
}

/// A digest under way.
enum State {
    Fixed(Box<dyn DynDigest>),
    Shake128(Shake128),
    Shake256(Shake256),
}

struct Hash {
    name: &'static str,
    block: usize,
    state: RefCell<State>,
}

impl Payload for Hash {}

impl State {
    fn update(&mut self, data: &[u8]) {
        match self {
            State::Fixed(d) => d.update(data),
            State::Shake128(d) => Update::update(d, data),
            State::Shake256(d) => Update::update(d, data),
        }
    }

    fn copy(&self) -> State {
        match self {
            State::Fixed(d) => State::Fixed(d.box_clone()),
            State::Shake128(d) => State::Shake128(d.clone()),
            State::Shake256(d) => State::Shake256(d.clone()),
        }
    }

    fn output(&self, length: usize) -> Vec<u8> {
        let mut out = vec![0; length];
        match self.copy() {
            State::Fixed(d) => return d.finalize().into_vec(),
            State::Shake128(d) => d.finalize_xof().read(&mut out),
            State::Shake256(d) => d.finalize_xof().read(&mut out),
        }
        out
    }
}

fn data_of(vm: &Vm, v: &Value) -> R<Vec<u8>> {
    if v.as_str().is_some() {
        return Err(vm.type_error("Strings must be encoded before hashing"));
    }
    let data = vm.bytes_like(v).map_err(|_| vm.type_error("object supporting the buffer API required"))?;
    vm.note_bytes(data.len() * 4);
    Ok(data)
}

fn start(vm: &Vm, a: &Args, name: &'static str, block: usize, mut state: State) -> R {
    let given = match (a.get(0), a.some(2)) {
        (Some(_), Some(_)) => {
            return Err(vm.type_error("'data' and 'string' are mutually exclusive and support for 'string' keyword parameter is slated for removal in a future version."));
        }
        (data, string) => data.or(string),
    };
    if let Some(v) = given {
        state.update(&data_of(vm, v)?);
    }
    made(vm, name, block, state)
}

fn made(vm: &Vm, name: &'static str, block: usize, state: State) -> R {
    let xof = !matches!(state, State::Fixed(_));
    match hash_class(vm, xof).as_class() {
        Some(class) => Ok(vm.opaque(class, Hash { name, block, state: RefCell::new(state) })),
        None => Err(vm.system_error("_hashlib has no class")),
    }
}

macro_rules! starters {
    ($($name:ident $title:literal $block:literal $state:expr;)*) => {
        $(
            fn $name(vm: &Vm, a: &Args) -> R {
                start(vm, a, $title, $block, $state)
            }
        )*
    };
}

starters! {
    md5 "md5" 64 State::Fixed(Box::<md5::Md5>::default());
    sha1 "sha1" 64 State::Fixed(Box::<sha1::Sha1>::default());
    sha224 "sha224" 64 State::Fixed(Box::<sha2::Sha224>::default());
    sha256 "sha256" 64 State::Fixed(Box::<sha2::Sha256>::default());
    sha384 "sha384" 128 State::Fixed(Box::<sha2::Sha384>::default());
    sha512 "sha512" 128 State::Fixed(Box::<sha2::Sha512>::default());
    sha3_224 "sha3_224" 144 State::Fixed(Box::<sha3::Sha3_224>::default());
    sha3_256 "sha3_256" 136 State::Fixed(Box::<sha3::Sha3_256>::default());
    sha3_384 "sha3_384" 104 State::Fixed(Box::<sha3::Sha3_384>::default());
    sha3_512 "sha3_512" 72 State::Fixed(Box::<sha3::Sha3_512>::default());
    shake_128 "shake_128" 168 State::Shake128(Shake128::default());
    shake_256 "shake_256" 136 State::Shake256(Shake256::default());
}

/// Blake2 of the full length, without a key. Other forms are computed in the library.
fn blake2(vm: &Vm, a: &Args) -> R {
    let (name, block, mut state) = if vm.truth(&a[0])? {
        ("blake2b", 128, State::Fixed(Box::<Blake2b512>::default() as Box<dyn DynDigest>))
    } else {
        ("blake2s", 64, State::Fixed(Box::<Blake2s256>::default() as Box<dyn DynDigest>))
    };
    state.update(&data_of(vm, &a[3])?);
    made(vm, name, block, state)
}

fn hash<'a>(vm: &Vm, v: &'a Value) -> R<&'a Hash> {
    v.payload::<Hash>().ok_or_else(|| vm.type_error("a hash object is expected"))
}

fn update(vm: &Vm, a: &Args) -> R {
    let data = data_of(vm, &a[1])?;
    hash(vm, &a[0])?.state.borrow_mut().update(&data);
    Ok(Value::NONE)
}

fn output(vm: &Vm, a: &Args) -> R<Vec<u8>> {
    let length = match a.get(1) {
        Some(v) => {
            let n = vm.index(v)?;
            if n < 0 {
                return Err(vm.value_error("value must be positive"));
            }
            if n >= 1 << 29 {
                return Err(vm.value_error("length is too large"));
            }
            n as usize
        }
        None => 0,
    };
    Ok(hash(vm, &a[0])?.state.borrow().output(length))
}

fn digest(vm: &Vm, a: &Args) -> R {
    Ok(vm.bytes(&output(vm, a)?))
}

fn hexdigest(vm: &Vm, a: &Args) -> R {
    let digits: String = output(vm, a)?.iter().map(|b| format!("{b:02x}")).collect();
    Ok(vm.str(&digits))
}

fn copy(vm: &Vm, a: &Args) -> R {
    let h = hash(vm, &a[0])?;
    let state = h.state.borrow().copy();
    made(vm, h.name, h.block, state)
}

fn repr(vm: &Vm, a: &Args) -> R {
    let h = hash(vm, &a[0])?;
    let class = vm.class_title(&vm.class_of(&a[0]).value());
    Ok(vm.str(&format!("<{} {class} object @ 0x{:x}>", h.name, vm.id_of(&a[0]))))
}

fn digest_size(vm: &Vm, a: &Args) -> R {
    let h = hash(vm, &a[0])?;
    let size = match &*h.state.borrow() {
        State::Fixed(d) => d.output_size(),
        _ => 0,
    };
    Ok(vm.int(size as i64))
}

fn block_size(vm: &Vm, a: &Args) -> R {
    Ok(vm.int(hash(vm, &a[0])?.block as i64))
}

fn name(vm: &Vm, a: &Args) -> R {
    Ok(vm.str(hash(vm, &a[0])?.name))
}

fn compare_digest(vm: &Vm, a: &Args) -> R {
    let (x, y) = match (a[0].as_str(), a[1].as_str()) {
        (Some(x), Some(y)) => {
            if !x.is_ascii() || !y.is_ascii() {
                return Err(vm.type_error("comparing strings with non-ASCII characters is not supported"));
            }
            (x.bytes().to_vec(), y.bytes().to_vec())
        }
        _ => (vm.bytes_like(&a[0])?, vm.bytes_like(&a[1])?),
    };
    let differs = x.len() != y.len() || x.iter().zip(&y).fold(0, |d, (p, q)| d | (p ^ q)) != 0;
    Ok(Value::bool(!differs))
}
