//! Layouts of heap cells, one file per concept. The only place, besides heap, segment and interpreter, that
//! touches cells by pointer; everything above works through the methods given here.

pub mod bytes;
pub mod charge;
pub mod class;
pub mod code;
pub mod coro;
pub mod descriptor;
pub mod dict;
pub mod exception;
pub(crate) mod fiber;
pub mod finalize;
pub mod function;
pub mod header;
mod index;
pub mod instance;
pub mod int;
pub mod iter;
pub mod list;
pub mod module;
pub mod opaque;
pub mod original;
pub mod range;
pub(crate) mod running;
pub mod set;
mod shown_name;
pub mod slot;
pub mod str;
pub mod tuple;
pub mod weakref;

pub use bytes::{ByteArrayObj, BytesObj, MemoryViewObj};
pub use charge::Charge;
pub use class::ClassObj;
pub use code::CodeObj;
pub use coro::CoroObj;
pub use descriptor::{BoundMethodObj, MemberObj, PropertyObj, SuperObj, WrapperObj};
pub use dict::{DictObj, Place, ViewObj};
pub use exception::{ExceptionObj, FrameObj, TracebackObj};
pub use function::{CellObj, FunctionObj, NativeObj};
pub use instance::InstanceObj;
pub use int::{ComplexObj, FloatObj, IntObj};
pub use iter::IterObj;
pub use list::ListObj;
pub use module::ModuleObj;
pub use opaque::OpaqueObj;
pub use range::{RangeObj, SliceObj};
pub use set::SetObj;
pub use slot::Slot;
pub use str::StrObj;
pub use tuple::TupleObj;
pub use weakref::WeakrefObj;

/// Checked views of a value as a cell of one kind. Instances of script subclasses of a built-in type pass too.
macro_rules! views {
    ($($name:ident -> $t:ty : $($kind:ident)|+;)*) => {
        impl crate::value::Value {
            $(
                #[doc = concat!("The value as a `", stringify!($t), "`.")]
                #[inline(always)]
                pub fn $name(&self) -> Option<&$t> {
                    let h = self.header()?;
                    match h.kind.get() {
                        // SAFETY: the kind names the layout, and the value keeps the cell alive.
                        $(header::Kind::$kind)|+ => Some(unsafe { &*(h as *const header::Header as *const $t) }),
                        _ => None,
                    }
                }
            )*
        }
    };
}

views! {
    as_instance -> InstanceObj: Instance;
    as_str -> StrObj: Str;
    as_int_obj -> IntObj: Int;
    as_float_obj -> FloatObj: Float;
    as_complex -> ComplexObj: Complex;
    as_bytes -> BytesObj: Bytes;
    as_bytearray -> ByteArrayObj: ByteArray;
    as_memoryview -> MemoryViewObj: MemoryView;
    as_list -> ListObj: List;
    as_tuple -> TupleObj: Tuple;
    as_dict -> DictObj: Dict;
    as_set -> SetObj: Set | FrozenSet;
    as_range -> RangeObj: Range;
    as_slice -> SliceObj: Slice;
    as_function -> FunctionObj: Function;
    as_native -> NativeObj: Native;
    as_bound_method -> BoundMethodObj: BoundMethod;
    as_cell -> CellObj: Cell;
    as_code -> CodeObj: Code;
    as_coro -> CoroObj: Coro;
    as_class -> ClassObj: Class;
    as_module -> ModuleObj: Module;
    as_property -> PropertyObj: Property;
    as_wrapper -> WrapperObj: ClassMethod | StaticMethod;
    as_super -> SuperObj: Super;
    as_exception -> ExceptionObj: Exception;
    as_traceback -> TracebackObj: Traceback;
    as_frame -> FrameObj: Frame;
    as_weakref -> WeakrefObj: Weakref;
    as_iter -> IterObj: Iter;
    as_view -> ViewObj: View;
    as_member -> MemberObj: Member;
    as_opaque -> OpaqueObj: Opaque;
}
