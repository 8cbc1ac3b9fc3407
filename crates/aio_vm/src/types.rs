//! The built-in classes, one row each, and how they come to be.

use crate::native::{Def, DefKind, TypeTable};
use crate::object::class::*;
use crate::object::header::Kind;
use crate::value::Value;
use crate::vm::Vm;
use std::cell::Cell;

/// A pointer to a built-in class, set while the machine starts and never changed after.
pub struct TypeRef(Cell<*const ClassObj>);

impl TypeRef {
    /// The class.
    #[inline(always)]
    pub fn get(&self) -> &ClassObj {
        // SAFETY: set at start, before anything can ask; built-in classes live as long as the machine.
        unsafe { &*self.0.get() }
    }

    /// The class as a value.
    pub fn value(&self) -> Value {
        self.get().value()
    }
}

macro_rules! types {
    ($( $field:ident $name:literal $base:ident $kind:ident $flags:expr; )*) => {
        /// All built-in classes.
        #[allow(missing_docs, reason = "each field is the class of that name")]
        pub struct Types { $( pub $field: TypeRef, )* }

        impl Types {
            pub(crate) fn unset() -> Types {
                Types { $( $field: TypeRef(Cell::new(std::ptr::null())), )* }
            }

            /// Makes all classes without names, bases and dicts: those are objects of classes made here.
            pub(crate) fn create_raw(vm: &Vm) {
                $(
                    let v = vm.raw_class(Kind::$kind, ($flags) | IMMUTABLE);
                    vm.types.$field.0.set(v.addr() as *const ClassObj);
                    // Built-in classes are never freed: this reference stays.
                    std::mem::forget(v);
                )*
                let meta = vm.types.type_.get();
                $( vm.types.$field.get().set_meta(meta); )*
            }

            /// Gives all classes their names, bases and dicts.
            pub(crate) fn name_all(vm: &Vm) {
                $(
                    let c = vm.types.$field.get();
                    let first = stringify!($field) == stringify!($base);
                    let bases = if first { vm.empty_tuple() } else { vm.tuple([vm.types.$base.value()]) };
                    c.name.set(vm.intern($name));
                    c.qualname.set(vm.intern($name));
                    c.bases.set(bases);
                    c.dict.set(vm.dict());
                )*
            }

            /// Calls `f` with each class and the name of its field.
            pub(crate) fn each(&self, mut f: impl FnMut(&ClassObj, &'static str)) {
                $( f(self.$field.get(), stringify!($field)); )*
            }
        }
    };
}

types! {
    object "object" object Instance 0;
    type_ "type" object Class HAS_DICT | METACLASS | WEAKREFABLE;
    none_type "NoneType" object Instance FINAL | NO_NEW;
    ellipsis "ellipsis" object Instance FINAL;
    not_implemented "NotImplementedType" object Instance FINAL;
    int "int" object Int 0;
    bool "bool" int Int FINAL;
    float "float" object Float 0;
    complex "complex" object Complex 0;
    str "str" object Str 0;
    bytes "bytes" object Bytes 0;
    bytearray "bytearray" object ByteArray 0;
    memoryview "memoryview" object MemoryView FINAL | SEQUENCE;
    list "list" object List SEQUENCE;
    tuple "tuple" object Tuple SEQUENCE;
    dict "dict" object Dict MAPPING;
    set "set" object Set WEAKREFABLE;
    frozenset "frozenset" object FrozenSet WEAKREFABLE;
    range "range" object Range FINAL | SEQUENCE;
    slice "slice" object Slice FINAL;
    function "function" object Function FINAL | NO_NEW | HAS_DICT | WEAKREFABLE;
    builtin_function "builtin_function_or_method" object Native FINAL | NO_NEW | WEAKREFABLE;
    method_descriptor "method_descriptor" object Native FINAL | NO_NEW;
    wrapper_descriptor "wrapper_descriptor" object Native FINAL | NO_NEW;
    getset_descriptor "getset_descriptor" object Native FINAL | NO_NEW;
    classmethod_descriptor "classmethod_descriptor" object Native FINAL | NO_NEW;
    member_descriptor "member_descriptor" object Member FINAL | NO_NEW;
    method "method" object BoundMethod FINAL | WEAKREFABLE;
    method_wrapper "method-wrapper" object BoundMethod FINAL | NO_NEW;
    cell "cell" object Cell FINAL;
    code "code" object Code FINAL | WEAKREFABLE;
    generator "generator" object Coro FINAL | NO_NEW | WEAKREFABLE;
    coroutine "coroutine" object Coro FINAL | NO_NEW | WEAKREFABLE;
    async_generator "async_generator" object Coro FINAL | NO_NEW | WEAKREFABLE;
    async_generator_asend "async_generator_asend" object Opaque FINAL | NO_NEW;
    async_generator_athrow "async_generator_athrow" object Opaque FINAL | NO_NEW;
    anext_awaitable "anext_awaitable" object Opaque FINAL | NO_NEW;
    coroutine_wrapper "coroutine_wrapper" object Opaque FINAL | NO_NEW;
    module "module" object Module HAS_DICT | WEAKREFABLE;
    property "property" object Property 0;
    classmethod "classmethod" object ClassMethod HAS_DICT;
    staticmethod "staticmethod" object StaticMethod HAS_DICT;
    super_ "super" object Super 0;
    traceback "traceback" object Traceback FINAL;
    frame "frame" object Frame FINAL | NO_NEW;
    weakref "ReferenceType" object Weakref 0;
    weakproxy "ProxyType" object Weakref FINAL;
    list_iterator "list_iterator" object Iter FINAL | NO_NEW;
    list_reverseiterator "list_reverseiterator" object Iter FINAL | NO_NEW;
    tuple_iterator "tuple_iterator" object Iter FINAL | NO_NEW;
    range_iterator "range_iterator" object Iter FINAL | NO_NEW;
    longrange_iterator "longrange_iterator" object Iter FINAL | NO_NEW;
    str_ascii_iterator "str_ascii_iterator" object Iter FINAL | NO_NEW;
    str_iterator "str_iterator" object Iter FINAL | NO_NEW;
    bytes_iterator "bytes_iterator" object Iter FINAL | NO_NEW;
    bytearray_iterator "bytearray_iterator" object Iter FINAL | NO_NEW;
    dict_keyiterator "dict_keyiterator" object Iter FINAL | NO_NEW;
    dict_valueiterator "dict_valueiterator" object Iter FINAL | NO_NEW;
    dict_itemiterator "dict_itemiterator" object Iter FINAL | NO_NEW;
    dict_reversekeyiterator "dict_reversekeyiterator" object Iter FINAL | NO_NEW;
    dict_reversevalueiterator "dict_reversevalueiterator" object Iter FINAL | NO_NEW;
    dict_reverseitemiterator "dict_reverseitemiterator" object Iter FINAL | NO_NEW;
    set_iterator "set_iterator" object Iter FINAL | NO_NEW;
    memory_iterator "memory_iterator" object Iter FINAL | NO_NEW;
    callable_iterator "callable_iterator" object Iter FINAL | NO_NEW;
    iterator "iterator" object Iter FINAL | NO_NEW;
    reversed "reversed" object Iter 0;
    enumerate "enumerate" object Opaque 0;
    zip "zip" object Opaque 0;
    map "map" object Opaque 0;
    filter "filter" object Opaque 0;
    dict_keys "dict_keys" object View FINAL | NO_NEW;
    dict_values "dict_values" object View FINAL | NO_NEW;
    dict_items "dict_items" object View FINAL | NO_NEW;
    mappingproxy "mappingproxy" object View FINAL | MAPPING;
    generic_alias "GenericAlias" object Opaque WEAKREFABLE;
    union_type "UnionType" object Opaque FINAL | NO_NEW | WEAKREFABLE;
    simple_namespace "SimpleNamespace" object Instance HAS_DICT;
    base_exception "BaseException" object Exception 0;
    exception "Exception" base_exception Exception 0;
    system_exit "SystemExit" base_exception Exception 0;
    keyboard_interrupt "KeyboardInterrupt" base_exception Exception 0;
    generator_exit "GeneratorExit" base_exception Exception 0;
    base_exception_group "BaseExceptionGroup" base_exception Exception 0;
    cancelled_error "CancelledError" base_exception Exception 0;
    stop_iteration "StopIteration" exception Exception 0;
    stop_async_iteration "StopAsyncIteration" exception Exception 0;
    arithmetic_error "ArithmeticError" exception Exception 0;
    floating_point_error "FloatingPointError" arithmetic_error Exception 0;
    overflow_error "OverflowError" arithmetic_error Exception 0;
    zero_division_error "ZeroDivisionError" arithmetic_error Exception 0;
    assertion_error "AssertionError" exception Exception 0;
    attribute_error "AttributeError" exception Exception 0;
    buffer_error "BufferError" exception Exception 0;
    eof_error "EOFError" exception Exception 0;
    import_error "ImportError" exception Exception 0;
    module_not_found_error "ModuleNotFoundError" import_error Exception 0;
    lookup_error "LookupError" exception Exception 0;
    index_error "IndexError" lookup_error Exception 0;
    key_error "KeyError" lookup_error Exception 0;
    memory_error "MemoryError" exception Exception 0;
    name_error "NameError" exception Exception 0;
    unbound_local_error "UnboundLocalError" name_error Exception 0;
    os_error "OSError" exception Exception 0;
    blocking_io_error "BlockingIOError" os_error Exception 0;
    child_process_error "ChildProcessError" os_error Exception 0;
    connection_error "ConnectionError" os_error Exception 0;
    broken_pipe_error "BrokenPipeError" connection_error Exception 0;
    connection_aborted_error "ConnectionAbortedError" connection_error Exception 0;
    connection_refused_error "ConnectionRefusedError" connection_error Exception 0;
    connection_reset_error "ConnectionResetError" connection_error Exception 0;
    file_exists_error "FileExistsError" os_error Exception 0;
    file_not_found_error "FileNotFoundError" os_error Exception 0;
    interrupted_error "InterruptedError" os_error Exception 0;
    is_a_directory_error "IsADirectoryError" os_error Exception 0;
    not_a_directory_error "NotADirectoryError" os_error Exception 0;
    permission_error "PermissionError" os_error Exception 0;
    process_lookup_error "ProcessLookupError" os_error Exception 0;
    timeout_error "TimeoutError" os_error Exception 0;
    reference_error "ReferenceError" exception Exception 0;
    runtime_error "RuntimeError" exception Exception 0;
    not_implemented_error "NotImplementedError" runtime_error Exception 0;
    python_finalization_error "PythonFinalizationError" runtime_error Exception 0;
    recursion_error "RecursionError" runtime_error Exception 0;
    syntax_error "SyntaxError" exception Exception 0;
    indentation_error "IndentationError" syntax_error Exception 0;
    incomplete_input_error "_IncompleteInputError" syntax_error Exception 0;
    tab_error "TabError" indentation_error Exception 0;
    system_error "SystemError" exception Exception 0;
    type_error "TypeError" exception Exception 0;
    value_error "ValueError" exception Exception 0;
    unicode_error "UnicodeError" value_error Exception 0;
    unicode_decode_error "UnicodeDecodeError" unicode_error Exception 0;
    unicode_encode_error "UnicodeEncodeError" unicode_error Exception 0;
    unicode_translate_error "UnicodeTranslateError" unicode_error Exception 0;
    exception_group "ExceptionGroup" exception Exception 0;
    warning "Warning" exception Exception 0;
    bytes_warning "BytesWarning" warning Exception 0;
    deprecation_warning "DeprecationWarning" warning Exception 0;
    encoding_warning "EncodingWarning" warning Exception 0;
    future_warning "FutureWarning" warning Exception 0;
    import_warning "ImportWarning" warning Exception 0;
    pending_deprecation_warning "PendingDeprecationWarning" warning Exception 0;
    resource_warning "ResourceWarning" warning Exception 0;
    runtime_warning "RuntimeWarning" warning Exception 0;
    syntax_warning "SyntaxWarning" warning Exception 0;
    unicode_warning "UnicodeWarning" warning Exception 0;
    user_warning "UserWarning" warning Exception 0;
}

/// Methods with two underscores that no operation of the language calls by its slot.
const PLAIN_DUNDERS: &[&str] = &[
    "__class_getitem__",
    "__format__",
    "__dir__",
    "__sizeof__",
    "__reduce__",
    "__reduce_ex__",
    "__getstate__",
    "__setstate__",
    "__getnewargs__",
    "__getnewargs_ex__",
    "__copy__",
    "__deepcopy__",
    "__instancecheck__",
    "__subclasscheck__",
    "__subclasses__",
    "__reversed__",
    "__length_hint__",
    "__round__",
    "__trunc__",
    "__floor__",
    "__ceil__",
    "__complex__",
    "__bytes__",
    "__enter__",
    "__exit__",
    "__aenter__",
    "__aexit__",
    "__mro_entries__",
    "__replace__",
];

/// Methods that CPython's types list beside the slot that does the same.
const PLAIN_BESIDE_SLOT: &[(&str, &[&str])] = &[
    ("list", &["__getitem__"]),
    ("dict", &["__getitem__", "__contains__"]),
    ("set", &["__contains__"]),
    ("frozenset", &["__contains__"]),
];

fn is_plain(class: &str, method: &str) -> bool {
    PLAIN_DUNDERS.contains(&method)
        || PLAIN_BESIDE_SLOT.iter().any(|(of, methods)| *of == class && methods.contains(&method))
}

impl Vm {
    /// Fills the rows of a table into a built-in class.
    pub fn install(&self, class: &ClassObj, table: &'static TypeTable) {
        let dict = class.dict.get();
        let Some(d) = dict.as_dict() else { return };
        for def in table.rows {
            d.set_text(self, def.name(), self.row(class, def, Value::UNDEF));
        }
        // A table with a row `__doc__` describes its instances by it.
        let row = table.rows.iter().any(|r| r.name() == "__doc__");
        if !table.doc.is_empty() && !row {
            d.set_text(self, "__doc__", self.str(table.doc));
        }
        if let Some(next) = table.next {
            class.next.set(Some(next));
        }
    }

    /// A row of a class as the object that is looked up in it; `receiver` is what a closure of the host carries.
    fn row(&self, class: &ClassObj, def: &'static Def, receiver: Value) -> Value {
        let (t, name) = (&self.types, def.name());
        let of = |shown: &ClassObj| self.native_of(shown, def, receiver, Some(class));
        match def.kind {
            DefKind::Method | DefKind::Function if name.starts_with("__") && !is_plain(&class.name_text(), name) => {
                of(t.wrapper_descriptor.get())
            }
            DefKind::Method | DefKind::Function => of(t.method_descriptor.get()),
            DefKind::Static if name == "__new__" => of(t.builtin_function.get()),
            DefKind::Static => self.static_method(of(t.builtin_function.get())),
            DefKind::Class => of(t.classmethod_descriptor.get()),
            DefKind::Getter | DefKind::Property => of(t.getset_descriptor.get()),
        }
    }

    /// Adds a row to a class that the host makes at run time. The class must live as long as the machine.
    pub fn add_row(&self, class: &ClassObj, def: &'static Def, receiver: Value) {
        if let Some(d) = class.dict.get().as_dict() {
            d.set_text(self, def.name(), self.row(class, def, receiver));
        }
        class.touch();
    }

    /// A class of a library module, not open to change by scripts.
    pub fn native_class(
        &self,
        module: &str,
        name: &str,
        base: &ClassObj,
        flags: u32,
        table: &'static TypeTable,
    ) -> Value {
        let kind = if base.instance.get() == Kind::Instance { Kind::Opaque } else { base.instance.get() };
        let inherited = base.flags.get() & (EXCEPTION | SEQUENCE | MAPPING | HAS_DICT | WEAKREFABLE);
        let class = self.class_cell(
            self.types.type_.get(),
            name,
            self.tuple([base.value()]),
            self.dict(),
            kind,
            flags | inherited | IMMUTABLE,
        );
        // The order of one base is always consistent.
        let _ = self.finish_class(&class);
        if let Some(c) = class.as_class() {
            c.next.set(base.next.get());
            self.install(c, table);
            if flags & HAS_DICT != 0 && !base.is(HAS_DICT) {
                self.add_dict_row(c);
            }
            if let Some(d) = c.dict.get().as_dict() {
                d.set_text(self, "__module__", self.intern(module));
            }
            c.touch();
        }
        class
    }
}
