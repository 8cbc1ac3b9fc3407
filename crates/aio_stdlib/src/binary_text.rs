//! The module _binary_text: base64, checksums and deflate for binascii and zlib.

use aio_vm::{Args, Def, ModuleDef, R, Value, Vm, function};
use flate2::{Compress, Compression, Crc, Decompress, FlushCompress, FlushDecompress, Status};

static FUNCTIONS: &[Def] = &[
    function("b2a_base64(data, newline, /)", b2a_base64, "Base64-code a line of data."),
    function(
        "a2b_base64(data, strict, /)",
        a2b_base64,
        "Decode a line of base64 data: the bytes, or the words of an error.",
    ),
    function("crc32(data, crc=0, /)", crc32, "Compute CRC-32 incrementally."),
    function("adler32(data, value=1, /)", adler32, "Compute an Adler-32 checksum of data."),
    function("deflate(data, level, wbits, /)", deflate, "Compressed data."),
    function(
        "inflate(data, wbits, limit, /)",
        inflate,
        "Data, how much was used, whether it ended; or the words of an error.",
    ),
];

static MODULE: ModuleDef = ModuleDef { name: "_binary_text", init };

/// Makes the module known.
pub fn install(vm: &Vm) {
    vm.add_module(&MODULE);
}

fn init(vm: &Vm, module: &Value) -> R<()> {
    crate::fill::define(vm, module, FUNCTIONS);
    Ok(())
}

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

fn b2a_base64(vm: &Vm, a: &Args) -> R {
    let data = vm.bytes_like(&a[0])?;
    let newline = vm.truth(&a[1])?;
    let mut out = Vec::with_capacity(data.len() / 3 * 4 + 5);
    for part in data.chunks(3) {
        let byte = |i: usize| part.get(i).copied().unwrap_or(0) as usize;
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for i in 0..4 {
            let sextet = bits >> (18 - 6 * i) & 63;
            out.push(if i <= part.len() { ALPHABET[sextet] } else { b'=' });
        }
    }
    if newline {
        out.push(b'\n');
    }
    Ok(vm.bytes(&out))
}

fn sextet(b: u8) -> Option<u32> {
    Some(match b {
        b'A'..=b'Z' => b - b'A',
        b'a'..=b'z' => b - b'a' + 26,
        b'0'..=b'9' => b - b'0' + 52,
        b'+' => 62,
        b'/' => 63,
        _ => return None,
    } as u32)
}

/// Decodes; other characters than those of the alphabet are skipped unless `strict`.
fn decode(data: &[u8], strict: bool) -> Result<Vec<u8>, String> {
    if strict && data.first() == Some(&b'=') {
        return Err("Leading padding not allowed".to_owned());
    }
    let mut out = Vec::with_capacity(data.len() / 4 * 3 + 3);
    let (mut left, mut place, mut pads) = (0u32, 0, 0);
    let mut chars = 0usize;
    for (i, &b) in data.iter().enumerate() {
        if b == b'=' {
            pads += 1;
            if place >= 2 && place + pads >= 4 {
                if strict && i + 1 < data.len() {
                    return Err("Excess data after padding".to_owned());
                }
                return Ok(out);
            }
            if strict && place < 2 {
                return Err(if place == 0 && pads == 1 {
                    "Excess padding not allowed"
                } else {
                    "Discontinuous padding not allowed"
                }
                .to_owned());
            }
            continue;
        }
        let Some(bits) = sextet(b) else {
            if strict {
                return Err("Only base64 data is allowed".to_owned());
            }
            continue;
        };
        if strict && pads > 0 {
            return Err("Discontinuous padding not allowed".to_owned());
        }
        pads = 0;
        chars += 1;
        match place {
            0 => (place, left) = (1, bits),
            1 => {
                out.push((left << 2 | bits >> 4) as u8);
                (place, left) = (2, bits & 15);
            }
            2 => {
                out.push((left << 4 | bits >> 2) as u8);
                (place, left) = (3, bits & 3);
            }
            _ => {
                out.push((left << 6 | bits) as u8);
                (place, left) = (0, 0);
            }
        }
    }
    match place {
        0 => Ok(out),
        1 => Err(format!(
            "Invalid base64-encoded string: number of data characters ({chars}) cannot be 1 more than a multiple of 4"
        )),
        _ => Err("Incorrect padding".to_owned()),
    }
}

fn a2b_base64(vm: &Vm, a: &Args) -> R {
    match decode(&vm.bytes_like(&a[0])?, vm.truth(&a[1])?) {
        Ok(out) => Ok(vm.bytes(&out)),
        Err(message) => Ok(vm.str(&message)),
    }
}

fn crc32(vm: &Vm, a: &Args) -> R {
    let data = vm.bytes_like(&a[0])?;
    let start = a.get(1).map_or(Ok(0), |v| masked(vm, v))?;
    let mut crc = Crc::new();
    crc.update(&data);
    if start == 0 {
        return Ok(vm.uint(crc.sum() as u64));
    }
    // One that goes on is computed bit by bit from the old remainder.
    let mut state = !start;
    for b in data {
        state ^= b as u32;
        for _ in 0..8 {
            state = if state & 1 == 0 { state >> 1 } else { state >> 1 ^ 0xedb8_8320 };
        }
    }
    Ok(vm.uint(!state as u64))
}

fn masked(vm: &Vm, v: &Value) -> R<u32> {
    let n = vm.index_value(v)?.as_bigint().unwrap_or_default();
    let low = n & num_bigint::BigInt::from(0xffff_ffffu32);
    Ok(u32::try_from(&low).unwrap_or(0))
}

fn adler32(vm: &Vm, a: &Args) -> R {
    let data = vm.bytes_like(&a[0])?;
    let start = a.get(1).map_or(Ok(1), |v| masked(vm, v))?;
    let (mut low, mut high) = (start & 0xffff, start >> 16);
    for part in data.chunks(4000) {
        for b in part {
            low += *b as u32;
            high += low;
        }
        low %= 65521;
        high %= 65521;
    }
    Ok(vm.uint((high << 16 | low) as u64))
}

fn deflate(vm: &Vm, a: &Args) -> R {
    let data = vm.bytes_like(&a[0])?;
    let level = vm.index(&a[1])?;
    let level = if level < 0 { Compression::default() } else { Compression::new(level.min(9) as u32) };
    let mut state = Compress::new(level, vm.index(&a[2])? > 0);
    let mut out = Vec::with_capacity(data.len() / 2 + 64);
    loop {
        let used = state.total_in() as usize;
        vm.note_bytes((data.len() - used.min(data.len())) * 16);
        vm.alloc_check(out.len(), 1)?;
        out.reserve(data.len() / 4 + 1024);
        let rest = data.get(used..).unwrap_or(&[]);
        match state.compress_vec(rest, &mut out, FlushCompress::Finish) {
            Ok(Status::StreamEnd) => return Ok(vm.bytes(&out)),
            Ok(_) => vm.tick()?,
            Err(e) => return Err(vm.value_error(e.to_string())),
        }
    }
}

fn inflate(vm: &Vm, a: &Args) -> R {
    let data = vm.bytes_like(&a[0])?;
    let limit = vm.index(&a[2])?;
    let limit = if limit <= 0 { usize::MAX } else { limit as usize };
    let mut state = Decompress::new(vm.index(&a[1])? > 0);
    let mut out = Vec::with_capacity(data.len().saturating_mul(3).min(limit).min(1 << 20) + 64);
    loop {
        let used = state.total_in() as usize;
        let before = (out.len(), used);
        vm.alloc_check(out.len(), 1)?;
        out.reserve(out.len().clamp(1024, 1 << 24));
        let rest = data.get(used..).unwrap_or(&[]);
        match state.decompress_vec(rest, &mut out, FlushDecompress::None) {
            Ok(status) => {
                vm.tick()?;
                vm.note_bytes((out.len() - before.0) * 4);
                let ended = matches!(status, Status::StreamEnd);
                let stuck = before == (out.len(), state.total_in() as usize);
                if ended || stuck || out.len() >= limit {
                    vm.alloc_check(out.len(), 1)?;
                    let used = vm.int(state.total_in() as i64);
                    return Ok(vm.tuple([vm.bytes(&out), used, Value::bool(ended)]));
                }
            }
            Err(e) => return Ok(vm.str(e.message().unwrap_or("invalid data"))),
        }
    }
}
