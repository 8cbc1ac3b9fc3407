//! `str.format`, `str.format_map` and `str.__format__`.

use super::receiver;
use crate::error::R;
use crate::native::Args;
use crate::text::format_str::{self, Conversion, First, Numbering, Piece, Step};
use crate::text::{format_value, repr};
use crate::value::Value;
use crate::vm::Vm;

/// Where the fields of a template find their values.
enum Source<'a> {
    Arguments(&'a [Value], &'a [(Value, Value)]),
    Mapping(&'a Value),
}

pub(super) fn format(vm: &Vm, a: &Args) -> R {
    whole(vm, a, &Source::Arguments(a.rest, a.keywords))
}

pub(super) fn format_map(vm: &Vm, a: &Args) -> R {
    whole(vm, a, &Source::Mapping(&a[1]))
}

fn whole(vm: &Vm, a: &Args, source: &Source) -> R {
    let template = receiver(vm, a)?.bytes();
    if memchr::memchr2(b'{', b'}', template).is_none() {
        return Ok(a[0].clone());
    }
    let mut out = Vec::with_capacity(template.len() + 16);
    render(vm, template, source, &mut Numbering::default(), 0, &mut out)?;
    Ok(vm.str_wtf8(&out))
}

fn render(
    vm: &Vm,
    template: &[u8],
    source: &Source,
    numbering: &mut Numbering,
    depth: usize,
    out: &mut Vec<u8>,
) -> R<()> {
    if depth >= format_str::MAX_DEPTH {
        return Err(vm.text_error(format_str::too_deep()));
    }
    for piece in format_str::pieces(template) {
        vm.tick()?;
        let field = match vm.checked(piece)? {
            Piece::Literal(text) => {
                out.extend_from_slice(text);
                continue;
            }
            Piece::Field(field) => field,
        };
        let mut v = value_of(vm, field.name, source, numbering)?;
        if let Some(code) = field.conversion {
            v = vm.converted(&v, vm.checked(format_str::conversion_of(code))?)?;
        }
        let spec = if field.spec_has_fields {
            let mut spec = Vec::new();
            render(vm, field.spec, source, numbering, depth + 1, &mut spec)?;
            vm.str_wtf8(&spec)
        } else {
            vm.str_wtf8(field.spec)
        };
        let text = vm.format(&v, &spec)?;
        out.extend_from_slice(text.as_str().map_or(&[][..], |s| s.bytes()));
        if out.len() > vm.text_limit() {
            return Err(vm.no_memory());
        }
    }
    Ok(())
}

/// The value that a field name stands for.
fn value_of(vm: &Vm, name: &[u8], source: &Source, numbering: &mut Numbering) -> R {
    let (first, path) = vm.checked(format_str::split_name(name))?;
    let mut v = match (vm.checked(numbering.resolve(first))?, source) {
        (First::Index(n), Source::Arguments(args, _)) => args.get(n).cloned().ok_or_else(|| {
            vm.index_error(std::format!("Replacement index {n} out of range for positional args tuple"))
        })?,
        (First::Name(name), Source::Arguments(_, keywords)) => {
            let found = keywords.iter().find(|(k, _)| k.as_str().is_some_and(|k| k.bytes() == name));
            match found {
                Some((_, v)) => v.clone(),
                None => return Err(vm.key_error(&vm.str_wtf8(name))),
            }
        }
        (First::Name(name), Source::Mapping(m)) => vm.get_item(m, &vm.str_wtf8(name))?,
        (_, _) => return Err(vm.value_error("Format string contains positional fields")),
    };
    for step in path {
        v = match vm.checked(step)? {
            Step::Attribute(name) => vm.get_attr(&v, &vm.intern_wtf8(name))?,
            Step::Item(name) => vm.get_item(&v, &vm.str_wtf8(name))?,
            Step::Index(n) => vm.get_item(&v, &vm.int(n as i64))?,
        };
    }
    Ok(v)
}

impl Vm {
    /// What `!s`, `!r` and `!a` make of a value.
    pub(crate) fn converted(&self, v: &Value, how: Conversion) -> R {
        match how {
            Conversion::Str => self.to_str(v),
            Conversion::Repr => self.repr(v),
            Conversion::Ascii => self.ascii(v),
        }
    }

    /// `ascii(v)`.
    pub fn ascii(&self, v: &Value) -> R {
        let shown = self.repr(v)?;
        match shown.as_str() {
            Some(s) if !s.is_ascii() => Ok(self.str(&repr::ascii_of_repr(s.bytes()))),
            _ => Ok(shown),
        }
    }
}

pub(super) fn format_one(vm: &Vm, a: &Args) -> R {
    let s = receiver(vm, a)?;
    let spec = vm.format_spec(&a[1])?;
    if spec.is_empty() {
        return if vm.class_of(&a[0]).is_same(vm.types.str.get()) { Ok(a[0].clone()) } else { vm.to_str(&a[0]) };
    }
    let text =
        format_value::format_str(s.bytes(), s.is_ascii(), spec.bytes(), &|| vm.type_name(&a[0]), vm.text_limit());
    vm.checked(text).map(|t| vm.str_wtf8(&t))
}
