//! Names that the machine itself looks up, interned once.

use crate::value::Value;

/// A text without its last character, which makes it differ from the same text anywhere else: else the linker's only copy of
/// a word like `set` may lie beside the texts of another crate, on a page that no start needs.
pub(crate) const fn own(text: &'static str) -> &'static str {
    text.split_at(text.len() - 1).0
}

macro_rules! names {
    ($($name:ident)*) => {
        /// Interned strings.
        #[allow(non_snake_case, reason = "the fields are spelled as in Python")]
        pub struct Names { $( #[doc = concat!("`", stringify!($name), "`")] pub $name: Value, )* }

        impl Names {
            pub(crate) fn new(mut intern: impl FnMut(&str) -> Value) -> Names {
                Names { $( $name: intern(own(concat!(stringify!($name), "\0"))), )* }
            }
        }
    };
}

names! {
    __abs__ __add__ __aenter__ __aexit__ __aiter__ __all__ __and__ __anext__ __annotations__ __await__ __bases__ __bool__
    __buffer__ __builtins__ __bytes__ __call__ __cause__ __ceil__ __class__ __class_getitem__ __classcell__ __complex__
    __contains__ __context__ __del__ __delattr__ __delete__ __delitem__ __dict__ __dir__ __divmod__ __doc__ __enter__
    __eq__ __exit__ __file__ __float__ __floor__ __floordiv__ __format__ __ge__ __get__ __getattr__ __getattribute__
    __getitem__ __gt__ __hash__ __iadd__ __iand__ __ifloordiv__ __ilshift__ __imatmul__ __imod__ __imul__ __index__
    __init__ __init_subclass__ __instancecheck__ __int__ __invert__ __ior__ __ipow__ __irshift__ __isub__ __iter__
    __itruediv__ __ixor__ __le__ __len__ __length_hint__ __loader__ __lshift__ __lt__ __main__ __match_args__ __matmul__
    __missing__ __mod__ __module__ __mro__ __mro_entries__ __mul__ __name__ __ne__ __neg__ __new__ __next__ __notes__
    __or__ __orig_bases__ __package__ __path__ __pos__ __pow__ __prepare__ __qualname__ __radd__ __rand__ __rdivmod__
    __reduce__ __reduce_ex__ __repr__ __reversed__ __rfloordiv__ __rlshift__ __rmatmul__ __rmod__ __rmul__ __ror__
    __round__ __rpow__ __rrshift__ __rshift__ __rsub__ __rtruediv__ __rxor__ __set__ __set_name__ __setattr__
    __setitem__ __setstate__ __getstate__ __slots__ __spec__ __static_attributes__ __firstlineno__ __str__ __sub__
    __subclasscheck__ __subclasses__ __suppress_context__ __traceback__ __truediv__ __trunc__ __type_params__
    __weakref__ __wrapped__ __xor__ __abstractmethods__ __isabstractmethod__ __import__ __build_class__ __self__ __func__
    __closure__ __code__ __defaults__ __kwdefaults__ __globals__ __fspath__ __index_error__ __origin__ __args__
    __parameters__ __typing_subst__ __unpacked__ __debug__
    close throw send keys items values get append extend add update copy sort join format encode decode read write flush
    readline metaclass name args msg path obj value code filename lineno offset text errno strerror cls
    stdout stderr stdin modules argv big little strict builtins sys key default end sep file func keywords
    result exception done cancel cancelled set_result set_exception call_soon add_done_callback get_loop
    _asyncio_future_blocking
}
