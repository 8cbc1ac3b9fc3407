//! The functions of the module builtins, and the module itself.

mod attributes;
mod console;
mod convert;
mod iterate;
mod numbers;

use crate::native::{Def, function};

pub(crate) static ROWS: &[Def] = &[
    function("abs(x, /)", numbers::abs, "Return the absolute value of the argument."),
    function(
        "aiter(async_iterable, /)",
        iterate::aiter,
        "Return an asynchronous iterator for an asynchronous iterable.",
    ),
    function("all(iterable, /)", iterate::all, "Return True if bool(x) is True for all values x in the iterable."),
    function("any(iterable, /)", iterate::any, "Return True if bool(x) is True for any x in the iterable."),
    function("ascii(obj, /)", convert::ascii, "Return the repr of an object with everything but ASCII escaped."),
    function("bin(number, /)", convert::bin, "Return the binary representation of an integer."),
    function("breakpoint(*args, **kws)", super::sys::breakpoint::breakpoint, "Call sys.breakpointhook(*args, **kws)."),
    function("callable(obj, /)", attributes::callable, "Return whether the object is callable."),
    function("chr(i, /)", convert::chr, "Return the string of one character with this code point."),
    function("delattr(obj, name, /)", attributes::delattr, "Deletes the named attribute from the given object."),
    function(
        "dir(object=<unrepresentable>, /)",
        attributes::dir,
        "Return the names of an object or of the current scope.",
    ),
    function("divmod(x, y, /)", numbers::divmod, "Return the tuple (x//y, x%y)."),
    function("exit(code=None)", console::exit, "Leave the program."),
    function("help(*args, **kwds)", console::help, "Show what is known of an object."),
    function("format(value, format_spec='', /)", convert::format, "Return type(value).__format__(value, format_spec)."),
    function("getattr(object, name, default=<unrepresentable>, /)", attributes::getattr, "Get a named attribute."),
    function("hasattr(obj, name, /)", attributes::hasattr, "Return whether the object has the named attribute."),
    function("hash(obj, /)", attributes::hash, "Return the hash value for the given object."),
    function("hex(number, /)", convert::hex, "Return the hexadecimal representation of an integer."),
    function("id(obj, /)", attributes::id, "Return the identity of an object."),
    function("input(prompt='', /)", console::input, "Read a line from standard input, without its end."),
    function(
        "isinstance(obj, class_or_tuple, /)",
        attributes::isinstance,
        "Return whether an object is an instance of a class.",
    )
    .usually(attributes::plain_isinstance),
    function(
        "issubclass(cls, class_or_tuple, /)",
        attributes::issubclass,
        "Return whether a class derives from another.",
    ),
    function("iter(object, sentinel=<unrepresentable>, /)", iterate::iter, "Get an iterator from an object."),
    function("len(obj, /)", attributes::len, "Return the number of items in a container.")
        .usually(attributes::plain_len),
    function("max(*args, key=None, default=<unrepresentable>)", iterate::max, "Return the biggest item or argument."),
    function("min(*args, key=None, default=<unrepresentable>)", iterate::min, "Return the smallest item or argument."),
    function("next(iterator, default=<unrepresentable>, /)", iterate::next, "Return the next item from the iterator."),
    function("oct(number, /)", convert::oct, "Return the octal representation of an integer."),
    function("ord(c, /)", convert::ord, "Return the code point of a string of one character.")
        .usually(convert::plain_ord),
    function(
        "pow(base, exp, mod=None)",
        numbers::pow,
        "Equivalent to base**exp with 2 arguments or base**exp % mod with 3.",
    ),
    function(
        "print(*args, sep=' ', end='\\n', file=None, flush=False)",
        console::print,
        "Print the values to a stream.",
    ),
    function("quit(code=None)", console::exit, "Leave the program."),
    function("repr(obj, /)", convert::repr, "Return the canonical string representation of the object."),
    function("round(number, ndigits=None)", numbers::round, "Round a number to a given precision in decimal digits."),
    function("setattr(obj, name, value, /)", attributes::setattr, "Sets the named attribute to the specified value."),
    function("sorted(iterable, /, *, key=None, reverse=False)", iterate::sorted, "Return a sorted list of the items."),
    function("sum(iterable, /, start=0)", numbers::sum, "Return the sum of a start value and an iterable of numbers."),
    function("vars(object=<unrepresentable>, /)", attributes::vars, "Return the __dict__ of an object, or locals()."),
];
