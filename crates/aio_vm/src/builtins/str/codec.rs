//! Encoding and decoding with the codecs and error policies of Python, and with handlers that a script registered.

use super::receiver;
use crate::error::{R, Raised};
use crate::native::Args;
use crate::text::codecs::{self, Codec, Policy, Replacement, Substitute};
use crate::text::{TextError, UnicodeError};
use crate::value::Value;
use crate::vm::Vm;
use std::cell::RefCell;
use std::collections::HashMap;

/// The error handlers of `codecs.register_error`, by name.
#[derive(Default)]
pub struct ErrorHandlers(pub RefCell<HashMap<String, Value>>);

/// Why a codec stopped: its own error, or an exception of a handler.
enum Failure {
    Text(TextError),
    Raised(Raised),
}

impl From<TextError> for Failure {
    fn from(e: TextError) -> Failure {
        Failure::Text(e)
    }
}

impl From<Raised> for Failure {
    fn from(e: Raised) -> Failure {
        Failure::Raised(e)
    }
}

/// The text of an argument that must be a str.
fn name_of(vm: &Vm, v: Option<&Value>, default: &str, function: &str, parameter: &str) -> R<String> {
    let Some(v) = v else { return Ok(default.to_owned()) };
    match v.as_str() {
        Some(s) if s.bytes().contains(&0) => Err(vm.value_error("embedded null character")),
        Some(s) => match s.as_utf8() {
            Some(name) => Ok(name.to_owned()),
            // Lone surrogates: the encoder has the words for it.
            None => vm.call_method(v, "encode", &[]).map(|_| default.to_owned()),
        },
        None => Err(vm.bad_argument(&format!("{function}() argument '{parameter}'"), "str", v)),
    }
}

pub(super) fn encode(vm: &Vm, a: &Args) -> R {
    let s = receiver(vm, a)?;
    if a.get(1).is_none() && a.get(2).is_none() && s.is_ascii() {
        return Ok(vm.bytes(s.bytes()));
    }
    let encoding = name_of(vm, a.get(1), "utf-8", "encode", "encoding")?;
    let errors = name_of(vm, a.get(2), "strict", "encode", "errors")?;
    let data = vm.encode_text(&a[0], &encoding, &errors)?;
    Ok(vm.bytes(&data))
}

/// `str(object, encoding, errors)`.
pub(super) fn decode_object(vm: &Vm, v: Option<&Value>, encoding: Option<&Value>, errors: Option<&Value>) -> R {
    let encoding = name_of(vm, encoding, "utf-8", "str", "encoding")?;
    let errors = name_of(vm, errors, "strict", "str", "errors")?;
    let Some(v) = v else { return Ok(vm.empty_str()) };
    if v.as_str().is_some() {
        return Err(vm.type_error("decoding str is not supported"));
    }
    if v.byte_data().is_none() && v.as_memoryview().is_none() {
        let given = vm.type_name(v);
        return Err(vm.type_error(format!("decoding to str: need a bytes-like object, {given} found")));
    }
    decode_value(vm, v, &encoding, &errors)
}

/// The method `decode` of bytes and bytearray.
pub(crate) fn decode(vm: &Vm, a: &Args) -> R {
    let encoding = name_of(vm, a.get(1), "utf-8", "decode", "encoding")?;
    let errors = name_of(vm, a.get(2), "strict", "decode", "errors")?;
    decode_value(vm, &a[0], &encoding, &errors)
}

fn decode_value(vm: &Vm, v: &Value, encoding: &str, errors: &str) -> R {
    // Nothing needs no codec, so its name may be anything.
    if v.byte_data().is_some_and(<[u8]>::is_empty) {
        return Ok(vm.empty_str());
    }
    match v.as_bytes() {
        Some(b) => vm.decode_bytes(b.data(), encoding, errors),
        None => vm.decode_bytes(&vm.bytes_like(v)?, encoding, errors),
    }
}

impl Vm {
    /// `text.encode(encoding, errors)`; `text` is a str.
    pub fn encode_text(&self, text: &Value, encoding: &str, errors: &str) -> R<Vec<u8>> {
        let codec = self.checked(Codec::find(encoding))?;
        let bytes = text.as_str().map_or(&[][..], |s| s.bytes());
        let encoded = match Policy::find(errors) {
            Some(policy) => codecs::encode(codec, bytes, policy).map_err(Failure::Text),
            None => codecs::encode_with(codec, bytes, &mut |e, _| self.handled_encode(e, text, errors)),
        };
        encoded.map_err(|e| self.codec_failure(e, || text.clone()))
    }

    /// `data.decode(encoding, errors)`.
    pub fn decode_bytes(&self, data: &[u8], encoding: &str, errors: &str) -> R {
        let codec = self.checked(Codec::find(encoding))?;
        if codec == Codec::Utf8
            && let Ok(text) = std::str::from_utf8(data)
        {
            return Ok(self.str(text));
        }
        let decoded = match Policy::find(errors) {
            Some(policy) => codecs::decode(codec, data, policy).map_err(Failure::Text),
            None => codecs::decode_with(codec, data, &mut |e, data| self.handled_decode(e, data, errors)),
        };
        let text = decoded.map_err(|e| self.codec_failure(e, || self.bytes(data)))?;
        Ok(self.str_wtf8(&text))
    }

    /// The text of data that may go on, how many bytes it was made of, and the name of the encoding of the rest.
    pub fn decode_bytes_part(&self, data: &[u8], encoding: &str, errors: &str) -> R<(Value, usize, &'static str)> {
        let codec = self.checked(Codec::find(encoding))?;
        if codec == Codec::Utf8
            && let Ok(text) = std::str::from_utf8(data)
        {
            return Ok((self.str(text), data.len(), codec.name()));
        }
        let decoded = match Policy::find(errors) {
            Some(policy) => codecs::decode_unfinished(codec, data, policy).map_err(Failure::Text),
            None => codecs::decode_part(codec, data, false, &mut |e, data| self.handled_decode(e, data, errors)),
        };
        let part = decoded.map_err(|e| self.codec_failure(e, || self.bytes(data)))?;
        Ok((self.str_wtf8(&part.text), part.consumed, part.next.name()))
    }

    /// The name that `codecs.lookup` gives an encoding.
    pub fn codec_name(&self, encoding: &str) -> R<&'static str> {
        self.checked(Codec::find(encoding)).map(Codec::name)
    }

    /// Whether an error policy is known: one of the language or one that a script registered.
    pub fn knows_error_policy(&self, name: &str) -> bool {
        Policy::find(name).is_some() || self.state::<ErrorHandlers>().0.borrow().contains_key(name)
    }

    /// Keeps a handler of errors under a name.
    pub fn register_error_policy(&self, name: &str, handler: Value) {
        self.state::<ErrorHandlers>().0.borrow_mut().insert(name.to_owned(), handler);
    }

    /// The handler that a script registered.
    pub fn registered_error_policy(&self, name: &str) -> Option<Value> {
        self.state::<ErrorHandlers>().0.borrow().get(name).cloned()
    }

    fn codec_failure(&self, e: Failure, object: impl FnOnce() -> Value) -> Raised {
        match e {
            Failure::Text(TextError::Unicode(e)) => self.unicode_error(&e, object()),
            Failure::Text(e) => self.text_error(e),
            Failure::Raised(e) => e,
        }
    }

    /// The handler that a script registered under a name.
    fn error_handler(&self, name: &str) -> Result<Value, Failure> {
        let known = self.state::<ErrorHandlers>().0.borrow().get(name).cloned();
        known.ok_or_else(|| Failure::Text(Policy::unknown(name)))
    }

    /// What a handler puts in place, and where it goes on, as it gave them.
    fn ask_handler(&self, e: &UnicodeError, object: Value, name: &str) -> Result<Option<(Value, i64)>, Failure> {
        let handler = self.error_handler(name)?;
        let exception = self.unicode_error(e, object).0;
        let answer = self.call(&handler, &[exception])?;
        let Some([with, resume]) = answer.as_tuple().map(|t| t.items()) else { return Ok(None) };
        if !resume.is_int() {
            return Ok(None);
        }
        Ok(Some((with.clone(), resume.as_i64().unwrap_or(i64::MAX))))
    }

    fn resume_at(&self, resume: i64, len: usize) -> Result<usize, Failure> {
        let at = if resume < 0 { resume.saturating_add(len as i64) } else { resume };
        match usize::try_from(at) {
            Ok(at) if at <= len => Ok(at),
            _ => {
                let message = format!("position {resume} from error handler out of bounds");
                Err(Failure::Raised(self.index_error(message)))
            }
        }
    }

    fn handled_encode(&self, e: &UnicodeError, text: &Value, name: &str) -> Result<Replacement, Failure> {
        let wrong = || Failure::Raised(self.type_error("encoding error handler must return (str/bytes, int) tuple"));
        let (with, resume) = self.ask_handler(e, text.clone(), name)?.ok_or_else(wrong)?;
        let with = match (with.as_str(), with.as_bytes()) {
            (Some(s), _) => Substitute::Text(s.bytes().to_vec()),
            (_, Some(b)) => Substitute::Bytes(b.data().to_vec()),
            _ => return Err(wrong()),
        };
        let len = text.as_str().map_or(0, |s| s.len());
        Ok(Replacement { with, resume: self.resume_at(resume, len)? })
    }

    fn handled_decode(&self, e: &UnicodeError, data: &[u8], name: &str) -> Result<(Vec<u8>, usize), Failure> {
        let wrong = || Failure::Raised(self.type_error("decoding error handler must return (str, int) tuple"));
        let (with, resume) = self.ask_handler(e, self.bytes(data), name)?.ok_or_else(wrong)?;
        let Some(s) = with.as_str() else { return Err(wrong()) };
        Ok((s.bytes().to_vec(), self.resume_at(resume, data.len())?))
    }
}
