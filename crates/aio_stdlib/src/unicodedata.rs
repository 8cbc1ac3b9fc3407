//! `unicodedata`: what Unicode 15.1 says of characters. Nothing is built at start; all tables are constant data.

mod normal;
mod tables;

use aio_vm::text::{chars, wtf8};
use aio_vm::{Args, Def, ModuleDef, R, Value, Vm, function};

static FUNCTIONS: &[Def] = &[
    function(
        "bidirectional(chr, /)",
        bidirectional,
        "Returns the bidirectional class assigned to the character chr as string.\n\nIf no such value is defined, an \
         empty string is returned.",
    ),
    function("category(chr, /)", category, "Returns the general category assigned to the character chr as string."),
    function(
        "combining(chr, /)",
        combining,
        "Returns the canonical combining class assigned to the character chr as integer.\n\nReturns 0 if no combining \
         class is defined.",
    ),
    function(
        "decimal(chr, default=<unrepresentable>, /)",
        decimal,
        "Converts a Unicode character into its equivalent decimal value.\n\nReturns the decimal value assigned to the \
         character chr as integer.\nIf no such value is defined, default is returned, or, if not given,\nValueError is \
         raised.",
    ),
    function(
        "decomposition(chr, /)",
        decomposition,
        "Returns the character decomposition mapping assigned to the character chr as string.\n\nAn empty string is \
         returned in case no such mapping is defined.",
    ),
    function(
        "digit(chr, default=<unrepresentable>, /)",
        digit,
        "Converts a Unicode character into its equivalent digit value.\n\nReturns the digit value assigned to the \
         character chr as integer.\nIf no such value is defined, default is returned, or, if not given,\nValueError is \
         raised.",
    ),
    function(
        "east_asian_width(chr, /)",
        east_asian_width,
        "Returns the east asian width assigned to the character chr as string.",
    ),
    function(
        "is_normalized(form, unistr, /)",
        is_normalized,
        "Return whether the Unicode string unistr is in the normal form 'form'.\n\nValid values for form are 'NFC', \
         'NFKC', 'NFD', and 'NFKD'.",
    ),
    function(
        "lookup(name, /)",
        lookup,
        "Look up character by name.\n\nIf a character with the given name is found, return the\ncorresponding \
         character.  If not found, KeyError is raised.",
    ),
    function(
        "mirrored(chr, /)",
        mirrored,
        "Returns the mirrored property assigned to the character chr as integer.\n\nReturns 1 if the character has been \
         identified as a \"mirrored\"\ncharacter in bidirectional text, 0 otherwise.",
    ),
    function(
        "name(chr, default=<unrepresentable>, /)",
        name,
        "Returns the name assigned to the character chr as a string.\n\nIf no name is defined, default is returned, or, \
         if not given,\nValueError is raised.",
    ),
    function(
        "normalize(form, unistr, /)",
        normalize,
        "Return the normal form 'form' for the Unicode string unistr.\n\nValid values for form are 'NFC', 'NFKC', 'NFD', \
         and 'NFKD'.",
    ),
    function(
        "numeric(chr, default=<unrepresentable>, /)",
        numeric,
        "Converts a Unicode character into its equivalent numeric value.\n\nReturns the numeric value assigned to the \
         character chr as float.\nIf no such value is defined, default is returned, or, if not given,\nValueError is \
         raised.",
    ),
];

static MODULE: ModuleDef = ModuleDef { name: "unicodedata", init };

/// Makes the module known.
pub fn install(vm: &Vm) {
    vm.add_module(&MODULE);
}

fn init(vm: &Vm, module: &Value) -> R<()> {
    crate::fill::define(vm, module, FUNCTIONS);
    crate::fill::set(vm, module, "unidata_version", vm.str("15.1.0"));
    let doc = "This module provides access to the Unicode Character Database which defines character\nproperties for \
               all Unicode characters, as of version 15.1.0.";
    crate::fill::set(vm, module, "__doc__", vm.str(doc));
    Ok(())
}

/// What characters with the same properties have in common.
struct Properties {
    category: &'static str,
    direction: &'static str,
    width: &'static str,
    class: u8,
    mirrored: bool,
}

fn properties(code: u32) -> &'static Properties {
    let after = tables::RUNS.partition_point(|&run| run >> 8 <= code);
    let run = after.checked_sub(1).and_then(|i| tables::RUNS.get(i)).copied().unwrap_or(0);
    &tables::RECORDS[(run & 0xFF) as usize]
}

/// Whether Unicode 15.1 has the character.
fn is_assigned(code: u32) -> bool {
    properties(code).category != "Cn"
}

/// Lines that begin with the code of a character, in their order.
struct Lines(&'static str);

static DECOMPOSITIONS: Lines = Lines(include_str!("unicodedata/decompositions.txt"));
/// The value as a digit or `-`, and the value as a number.
static NUMBERS: Lines = Lines(include_str!("unicodedata/numbers.txt"));

impl Lines {
    /// What stands behind the code of a character.
    fn find(&self, code: u32) -> Option<&'static str> {
        let (mut low, mut high) = (0, self.0.len());
        while low < high {
            let middle = low + (high - low) / 2;
            let start = self.0[..middle].rfind('\n').map_or(0, |at| at + 1);
            let end = self.0[middle..].find('\n').map_or(self.0.len(), |at| middle + at);
            let (own, rest) = self.0[start..end].split_once(' ')?;
            match u32::from_str_radix(own, 16).ok()?.cmp(&code) {
                std::cmp::Ordering::Equal => return Some(rest),
                std::cmp::Ordering::Less => low = end + 1,
                std::cmp::Ordering::Greater => high = start,
            }
        }
        None
    }
}

/// The one character of the first argument; `which` is how the message calls the argument.
fn character(vm: &Vm, a: &Args, function: &str, which: &str) -> R<u32> {
    if let Some(text) = a[0].as_str() {
        let mut codes = wtf8::code_points(text.bytes());
        if let (Some(code), None) = (codes.next(), codes.next()) {
            return Ok(code);
        }
    }
    let given = vm.type_name(&a[0]);
    Err(vm.type_error(format!("{function}() {which} must be a unicode character, not {given}")))
}

fn properties_of(vm: &Vm, a: &Args, function: &str) -> R<&'static Properties> {
    character(vm, a, function, "argument").map(properties)
}

fn bidirectional(vm: &Vm, a: &Args) -> R {
    Ok(vm.intern(properties_of(vm, a, "bidirectional")?.direction))
}

fn category(vm: &Vm, a: &Args) -> R {
    Ok(vm.intern(properties_of(vm, a, "category")?.category))
}

fn combining(vm: &Vm, a: &Args) -> R {
    Ok(vm.int(properties_of(vm, a, "combining")?.class as i64))
}

fn east_asian_width(vm: &Vm, a: &Args) -> R {
    Ok(vm.intern(properties_of(vm, a, "east_asian_width")?.width))
}

fn mirrored(vm: &Vm, a: &Args) -> R {
    Ok(vm.int(properties_of(vm, a, "mirrored")?.mirrored as i64))
}

fn decomposition(vm: &Vm, a: &Args) -> R {
    let code = character(vm, a, "decomposition", "argument")?;
    Ok(vm.str(DECOMPOSITIONS.find(code).unwrap_or_default()))
}

/// The value found, or the default, or a ValueError.
fn or_default(vm: &Vm, a: &Args, found: Option<Value>, missing: &str) -> R {
    match found.or_else(|| a.get(1).cloned()) {
        Some(v) => Ok(v),
        None => Err(vm.value_error(missing)),
    }
}

fn decimal(vm: &Vm, a: &Args) -> R {
    let code = character(vm, a, "decimal", "argument 1")?;
    or_default(vm, a, chars::decimal_value(code).map(|n| vm.int(n as i64)), "not a decimal")
}

fn digit(vm: &Vm, a: &Args) -> R {
    let code = character(vm, a, "digit", "argument 1")?;
    let listed = || NUMBERS.find(code)?.split_once(' ')?.0.parse().ok();
    let value = chars::decimal_value(code).map(i64::from).or_else(listed);
    or_default(vm, a, value.map(|n| vm.int(n)), "not a digit")
}

fn numeric(vm: &Vm, a: &Args) -> R {
    let code = character(vm, a, "numeric", "argument 1")?;
    let listed = || {
        let (_, number) = NUMBERS.find(code)?.split_once(' ')?;
        let (above, below) = number.split_once('/').unwrap_or((number, "1"));
        Some(above.parse::<f64>().ok()? / below.parse::<f64>().ok()?)
    };
    let value = chars::decimal_value(code).map(f64::from).or_else(listed);
    or_default(vm, a, value.map(Value::float), "not a numeric character")
}

fn name(vm: &Vm, a: &Args) -> R {
    let code = character(vm, a, "name", "argument 1")?;
    let found = char::from_u32(code).and_then(aio_vm::text::char_name::name);
    or_default(vm, a, found.map(|name| vm.str(&name)), "no such name")
}

/// Longer names are refused without looking.
const LONGEST_NAME: usize = 256;

fn lookup(vm: &Vm, a: &Args) -> R {
    let wanted = match a[0].as_str() {
        Some(text) if text.as_utf8().is_none() => return vm.call_method(&a[0], "encode", &[]),
        Some(text) => text.bytes().to_vec(),
        None => vm.bytes_like(&a[0])?,
    };
    if wanted.len() > LONGEST_NAME {
        return Err(vm.key_error(&vm.str("name too long")));
    }
    let wanted = String::from_utf8_lossy(&wanted);
    if let Some(c) = aio_vm::text::char_name::character(&wanted) {
        return Ok(vm.str(c.encode_utf8(&mut [0; 4])));
    }
    match sequence(&wanted) {
        Some(text) => Ok(vm.str(&text)),
        None => Err(vm.key_error(&vm.str(&format!("undefined character name '{wanted}'")))),
    }
}

/// The characters of a named sequence.
fn sequence(name: &str) -> Option<String> {
    let lines = include_str!("unicodedata/sequences.txt").lines();
    let codes = lines.filter_map(|line| line.split_once(';')).find(|(own, _)| own.eq_ignore_ascii_case(name))?.1;
    codes.split(' ').map(|code| u32::from_str_radix(code, 16).ok().and_then(char::from_u32)).collect()
}

/// The normal form of the second argument that the first one names.
fn normalized(vm: &Vm, a: &Args, function: &str) -> R<Vec<u8>> {
    let text = |i: usize| {
        a[i].as_str().ok_or_else(|| {
            vm.type_error(format!("{function}() argument {} must be str, not {}", i + 1, vm.type_name(&a[i])))
        })
    };
    let (form, text) = (text(0)?, text(1)?);
    if text.is_empty() {
        return Ok(Vec::new());
    }
    let form = form.as_utf8().and_then(normal::Form::named);
    Ok(form.ok_or_else(|| vm.value_error("invalid normalization form"))?.of(text.bytes()))
}

fn normalize(vm: &Vm, a: &Args) -> R {
    Ok(vm.str_wtf8(&normalized(vm, a, "normalize")?))
}

fn is_normalized(vm: &Vm, a: &Args) -> R {
    let form = normalized(vm, a, "is_normalized")?;
    Ok(Value::bool(a[1].as_str().is_some_and(|text| text.bytes() == form)))
}
