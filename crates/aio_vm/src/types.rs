//! The built-in classes, one row each, and how they come to be.

mod repeated;

use crate::native::{Def, DefKind, TypeTable};
use crate::object::class::*;
use crate::object::header::Kind;
use crate::value::Value;
use crate::vm::Vm;
use std::cell::Cell;

/// A built-in class. It is made when it is first asked for: an isolate has only those that its scripts need.
pub struct TypeRef(Cell<*const ClassObj>);

/// Marks the address of the machine in a `TypeRef` whose class has not been made.
const UNMADE: usize = 1;

impl TypeRef {
    /// The class.
    #[inline(always)]
    pub fn get(&self) -> &ClassObj {
        let p = self.0.get();
        if p.addr() & UNMADE != 0 {
            return self.make();
        }
        // SAFETY: built-in classes live as long as the machine.
        unsafe { &*p }
    }

    /// Whether this is that class. It does not make the class.
    #[inline(always)]
    pub(crate) fn is(&self, class: &ClassObj) -> bool {
        std::ptr::eq(self.0.get(), class)
    }

    /// The class as a value.
    pub fn value(&self) -> Value {
        self.get().value()
    }

    #[cold]
    #[inline(never)]
    fn make(&self) -> &ClassObj {
        // SAFETY: `Types::belong_to` has put the machine's address here, and it is a field of that machine.
        let vm = unsafe { &*(self.0.get().map_addr(|a| a & !UNMADE) as *const Vm) };
        vm.make_class(
            self,
            (std::ptr::from_ref(self).addr() - std::ptr::from_ref(&vm.types).addr()) / size_of::<TypeRef>(),
        );
        self.get()
    }
}

/// A row of the table of built-in classes.
pub(crate) struct Row {
    name: &'static str,
    /// The place of the base in the table.
    base: usize,
    kind: Kind,
    flags: u32,
    contents: Contents,
}

/// What a built-in class has beyond its layout.
struct Contents {
    tables: &'static [&'static TypeTable],
    unhashable: bool,
    dict_row: bool,
    module: &'static str,
    /// BaseExceptionGroup is a base, too, before the other.
    behind_groups: bool,
}

impl Contents {
    const fn of(tables: &'static [&'static TypeTable]) -> Contents {
        Contents { tables, unhashable: false, dict_row: false, module: "", behind_groups: false }
    }

    /// `__hash__` is None.
    const fn unhashable(self) -> Contents {
        Contents { unhashable: true, ..self }
    }

    /// There is a row `__dict__`.
    const fn with_dict(self) -> Contents {
        Contents { dict_row: true, ..self }
    }

    /// `__module__` is an entry. (Classes of the language itself have no such entry: they answer "builtins" without.)
    const fn of_module(self, module: &'static str) -> Contents {
        Contents { module, ..self }
    }

    const fn behind_groups(self) -> Contents {
        Contents { behind_groups: true, ..self }
    }
}

macro_rules! types {
    ($( $field:ident $name:literal $base:ident $kind:ident $flags:expr
        $( => [$( $($table:ident)::+ ),*] $( $with:ident($($arg:literal)?) )* )?; )*) => {
        /// All built-in classes.
        #[allow(missing_docs, reason = "each field is the class of that name")]
        #[repr(C)]
        pub struct Types { $( pub $field: TypeRef, )* }

        static ROWS: &[Row] = &[$( Row {
            name: crate::names::own(concat!($name, "\0")),
            base: std::mem::offset_of!(Types, $base) / size_of::<TypeRef>(),
            kind: Kind::$kind,
            flags: ($flags) | IMMUTABLE,
            contents: Contents::of(&[$($( &crate::builtins::$($table)::+ ),*)?])$($( .$with($($arg)?) )*)?,
        }, )*];

        impl Types {
            pub(crate) fn unset() -> Types {
                Types { $( $field: TypeRef(Cell::new(std::ptr::null())), )* }
            }

        }
    };
}

impl Types {
    /// The classes in the order of the table.
    fn all(&self) -> &[TypeRef] {
        // SAFETY: the fields are of this type, in the order of the rows, and there is nothing else.
        unsafe { std::slice::from_raw_parts(std::ptr::from_ref(self).cast(), ROWS.len()) }
    }

    /// Tells where to make the classes. The machine stays at its place from now on.
    pub(crate) fn belong_to(vm: &Vm) {
        let mark = std::ptr::from_ref(vm).map_addr(|a| a | UNMADE) as *const ClassObj;
        vm.types.all().iter().for_each(|t| t.0.set(mark));
    }

    /// Makes the classes that have not been needed yet.
    pub(crate) fn make_all(&self) {
        self.all().iter().for_each(|t| _ = t.get());
    }

    /// The classes that scripts find under their names in the module `builtins`.
    pub(crate) fn public(&self) -> impl Iterator<Item = (&'static str, &TypeRef)> {
        let rows = ROWS.iter().zip(self.all());
        rows.filter(|(row, _)| row.flags & NO_NEW == 0 && !HIDDEN.contains(&row.name)).map(|(row, t)| (row.name, t))
    }
}

/// Classes that have a name and can be called, but are not names of `builtins`.
const HIDDEN: &[&str] = &[
    "ellipsis",
    "NotImplementedType",
    "cell",
    "code",
    "module",
    "traceback",
    "ReferenceType",
    "ProxyType",
    "mappingproxy",
    "GenericAlias",
    "SimpleNamespace",
    "CancelledError",
    "method",
    "function",
    "NoneType",
    "_IncompleteInputError",
];

types! {
    object "object" object Instance 0 => [object::TABLE];
    type_ "type" object Class HAS_DICT | METACLASS | WEAKREFABLE => [type_::TABLE];
    none_type "NoneType" object Instance FINAL => [singletons::NONE];
    ellipsis "ellipsis" object Instance FINAL => [singletons::ELLIPSIS];
    not_implemented "NotImplementedType" object Instance FINAL => [singletons::NOT_IMPLEMENTED];
    int "int" object Int 0 => [int::TABLE];
    bool "bool" int Int FINAL => [bool::TABLE];
    float "float" object Float 0 => [float::TABLE];
    complex "complex" object Complex 0 => [complex::TABLE];
    str "str" object Str 0 => [str::TABLE];
    bytes "bytes" object Bytes 0 => [bytes::TABLE, bytes::SHARED];
    bytearray "bytearray" object ByteArray 0 => [bytearray::TABLE, bytes::SHARED] unhashable();
    memoryview "memoryview" object MemoryView FINAL | SEQUENCE => [memoryview::TABLE];
    list "list" object List SEQUENCE => [list::TABLE] unhashable();
    tuple "tuple" object Tuple SEQUENCE => [tuple::TABLE];
    dict "dict" object Dict MAPPING => [dict::TABLE] unhashable();
    set "set" object Set WEAKREFABLE => [set::SET] unhashable();
    frozenset "frozenset" object FrozenSet WEAKREFABLE => [set::FROZENSET];
    range "range" object Range FINAL | SEQUENCE => [range::TABLE];
    slice "slice" object Slice FINAL => [slice::TABLE];
    function "function" object Function FINAL | HAS_DICT | WEAKREFABLE => [function::FUNCTION] with_dict();
    builtin_function "builtin_function_or_method" object Native FINAL | NO_NEW | WEAKREFABLE => [function::native::BUILTIN];
    method_descriptor "method_descriptor" object Native FINAL | NO_NEW => [function::native::METHOD_DESCRIPTOR];
    wrapper_descriptor "wrapper_descriptor" object Native FINAL | NO_NEW => [function::native::WRAPPER_DESCRIPTOR];
    getset_descriptor "getset_descriptor" object Native FINAL | NO_NEW => [function::native::GETSET];
    classmethod_descriptor "classmethod_descriptor" object Native FINAL | NO_NEW => [function::native::CLASS_METHOD];
    member_descriptor "member_descriptor" object Member FINAL | NO_NEW => [descriptors::member::TABLE];
    method "method" object BoundMethod FINAL | WEAKREFABLE | CUSTOM_GETATTRIBUTE => [function::METHOD];
    method_wrapper "method-wrapper" object BoundMethod FINAL | NO_NEW => [function::native::METHOD_WRAPPER];
    cell "cell" object Cell FINAL => [function::cell::TABLE];
    code "code" object Code FINAL | WEAKREFABLE => [function::code::TABLE];
    generator "generator" object Coro FINAL | NO_NEW | WEAKREFABLE => [generator::GENERATOR];
    coroutine "coroutine" object Coro FINAL | NO_NEW | WEAKREFABLE => [generator::COROUTINE];
    async_generator "async_generator" object Coro FINAL | NO_NEW | WEAKREFABLE => [generator::ASYNC_GENERATOR];
    async_generator_asend "async_generator_asend" object Opaque FINAL | NO_NEW | HAS_DEL => [generator::async_step::STEP];
    async_generator_athrow "async_generator_athrow" object Opaque FINAL | NO_NEW | HAS_DEL => [generator::async_step::STEP];
    anext_awaitable "anext_awaitable" object Opaque FINAL | NO_NEW => [generator::anext::ANEXT];
    coroutine_wrapper "coroutine_wrapper" object Opaque FINAL | NO_NEW => [generator::WRAPPER];
    module "module" object Module HAS_DICT | WEAKREFABLE => [module::TABLE] with_dict();
    property "property" object Property 0 => [descriptors::property::TABLE];
    classmethod "classmethod" object ClassMethod HAS_DICT => [descriptors::wrapper::CLASS_METHOD] with_dict();
    staticmethod "staticmethod" object StaticMethod HAS_DICT => [descriptors::wrapper::STATIC_METHOD] with_dict();
    super_ "super" object Super 0 => [descriptors::super_::TABLE];
    traceback "traceback" object Traceback FINAL => [function::frame::TRACEBACK];
    frame "frame" object Frame FINAL | NO_NEW => [function::frame::FRAME];
    weakref "ReferenceType" object Weakref 0 => [weakref::REFERENCE] of_module("weakref");
    weakproxy "ProxyType" object Weakref FINAL | CUSTOM_GETATTRIBUTE | CUSTOM_SETATTR => [weakref::proxy::TABLE] unhashable() of_module("weakref");
    list_iterator "list_iterator" object Iter FINAL | NO_NEW => [iterators::PLACED];
    list_reverseiterator "list_reverseiterator" object Iter FINAL | NO_NEW => [iterators::PLACED];
    tuple_iterator "tuple_iterator" object Iter FINAL | NO_NEW => [iterators::PLACED];
    range_iterator "range_iterator" object Iter FINAL | NO_NEW => [iterators::PLACED];
    longrange_iterator "longrange_iterator" object Iter FINAL | NO_NEW => [iterators::PLACED];
    str_ascii_iterator "str_ascii_iterator" object Iter FINAL | NO_NEW => [iterators::PLACED];
    str_iterator "str_iterator" object Iter FINAL | NO_NEW => [iterators::PLACED];
    bytes_iterator "bytes_iterator" object Iter FINAL | NO_NEW => [iterators::PLACED];
    bytearray_iterator "bytearray_iterator" object Iter FINAL | NO_NEW => [iterators::PLACED];
    dict_keyiterator "dict_keyiterator" object Iter FINAL | NO_NEW => [iterators::HINTED];
    dict_valueiterator "dict_valueiterator" object Iter FINAL | NO_NEW => [iterators::HINTED];
    dict_itemiterator "dict_itemiterator" object Iter FINAL | NO_NEW => [iterators::HINTED];
    dict_reversekeyiterator "dict_reversekeyiterator" object Iter FINAL | NO_NEW => [iterators::HINTED];
    dict_reversevalueiterator "dict_reversevalueiterator" object Iter FINAL | NO_NEW => [iterators::HINTED];
    dict_reverseitemiterator "dict_reverseitemiterator" object Iter FINAL | NO_NEW => [iterators::HINTED];
    set_iterator "set_iterator" object Iter FINAL | NO_NEW => [iterators::HINTED];
    memory_iterator "memory_iterator" object Iter FINAL | NO_NEW => [iterators::PLACED];
    callable_iterator "callable_iterator" object Iter FINAL | NO_NEW => [iterators::PLAIN];
    iterator "iterator" object Iter FINAL | NO_NEW => [iterators::PLACED];
    reversed "reversed" object Iter 0 => [iterators::reversed::TABLE];
    enumerate "enumerate" object Opaque 0 => [iterators::lazy::ENUMERATE];
    zip "zip" object Opaque 0 => [iterators::lazy::ZIP];
    map "map" object Opaque 0 => [iterators::lazy::MAP];
    filter "filter" object Opaque 0 => [iterators::lazy::FILTER];
    dict_keys "dict_keys" object View FINAL | NO_NEW => [views::SETS] unhashable();
    dict_values "dict_values" object View FINAL | NO_NEW => [views::VALUES];
    dict_items "dict_items" object View FINAL | NO_NEW => [views::SETS] unhashable();
    mappingproxy "mappingproxy" object View FINAL | MAPPING => [views::proxy::TABLE];
    generic_alias "GenericAlias" object Opaque WEAKREFABLE | CUSTOM_GETATTRIBUTE => [alias::generic::TABLE] of_module("types");
    union_type "UnionType" object Opaque FINAL | NO_NEW | WEAKREFABLE => [alias::union::TABLE] of_module("types");
    simple_namespace "SimpleNamespace" object Instance HAS_DICT => [module::namespace::TABLE] with_dict() of_module("types") unhashable();
    base_exception "BaseException" object Exception 0 => [exceptions::TABLE] with_dict();
    exception "Exception" base_exception Exception 0;
    system_exit "SystemExit" base_exception Exception 0 => [exceptions::fields::SYSTEM_EXIT];
    keyboard_interrupt "KeyboardInterrupt" base_exception Exception 0;
    generator_exit "GeneratorExit" base_exception Exception 0;
    base_exception_group "BaseExceptionGroup" base_exception Exception 0 => [groups::TABLE];
    cancelled_error "CancelledError" base_exception Exception 0 => [] of_module("asyncio.exceptions");
    stop_iteration "StopIteration" exception Exception 0 => [exceptions::fields::STOP_ITERATION];
    stop_async_iteration "StopAsyncIteration" exception Exception 0;
    arithmetic_error "ArithmeticError" exception Exception 0;
    floating_point_error "FloatingPointError" arithmetic_error Exception 0;
    overflow_error "OverflowError" arithmetic_error Exception 0;
    zero_division_error "ZeroDivisionError" arithmetic_error Exception 0;
    assertion_error "AssertionError" exception Exception 0;
    attribute_error "AttributeError" exception Exception 0 => [exceptions::fields::ATTRIBUTE_ERROR];
    buffer_error "BufferError" exception Exception 0;
    eof_error "EOFError" exception Exception 0;
    import_error "ImportError" exception Exception 0 => [exceptions::fields::IMPORT_ERROR];
    module_not_found_error "ModuleNotFoundError" import_error Exception 0;
    lookup_error "LookupError" exception Exception 0;
    index_error "IndexError" lookup_error Exception 0;
    key_error "KeyError" lookup_error Exception 0 => [exceptions::fields::KEY_ERROR];
    memory_error "MemoryError" exception Exception 0;
    name_error "NameError" exception Exception 0 => [exceptions::fields::NAME_ERROR];
    unbound_local_error "UnboundLocalError" name_error Exception 0;
    os_error "OSError" exception Exception 0 => [exceptions::os::TABLE];
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
    syntax_error "SyntaxError" exception Exception 0 => [exceptions::syntax::TABLE];
    indentation_error "IndentationError" syntax_error Exception 0;
    incomplete_input_error "_IncompleteInputError" syntax_error Exception 0;
    tab_error "TabError" indentation_error Exception 0;
    system_error "SystemError" exception Exception 0;
    type_error "TypeError" exception Exception 0;
    value_error "ValueError" exception Exception 0;
    unicode_error "UnicodeError" value_error Exception 0;
    unicode_decode_error "UnicodeDecodeError" unicode_error Exception 0 => [exceptions::unicode::DECODE];
    unicode_encode_error "UnicodeEncodeError" unicode_error Exception 0 => [exceptions::unicode::ENCODE];
    unicode_translate_error "UnicodeTranslateError" unicode_error Exception 0 => [exceptions::unicode::TRANSLATE];
    exception_group "ExceptionGroup" exception Exception 0 => [] behind_groups();
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

/// Whether the dict of a class has a name once it is filled, or may have it.
pub(crate) fn has_name(row: usize, name: &str) -> bool {
    let contents = &ROWS[row].contents;
    contents.tables.iter().any(|table| table.has(name))
        || match name {
            "__doc__" => true,
            "__hash__" => contents.unhashable,
            "__dict__" => contents.dict_row,
            "__module__" => !contents.module.is_empty(),
            _ => repeated::may_repeat(row, name),
        }
}

/// The places of a class's bases in the table, from itself to `object`.
fn line(mut at: usize) -> Vec<usize> {
    let mut line = vec![at];
    while ROWS[at].base != at {
        at = ROWS[at].base;
        line.push(at);
    }
    line
}

impl Vm {
    /// Makes the class of a row without a dict: that is filled when somebody looks into it.
    fn make_class(&self, place: &TypeRef, at: usize) {
        let row = &ROWS[at];
        let class = self.raw_class(row.kind, row.flags);
        place.0.set(class.addr() as *const ClassObj);
        // Built-in classes are never freed: this reference stays.
        std::mem::forget(class);
        // Other classes are made on the way, which may refer to this one. None needs more of it than its address.
        let (class, t) = (place.get(), &self.types);
        class.set_meta(t.type_.get());
        class.row.set(at as u16 + 1);
        let mut line = line(at);
        if row.contents.behind_groups {
            let groups = std::mem::offset_of!(Types, base_exception_group) / size_of::<TypeRef>();
            line.insert(1, groups);
        }
        let all = t.all();
        let inherited = line.iter().fold(0, |flags, &i| flags | ROWS[i].flags & (HAS_DICT | WEAKREFABLE));
        let is_exception = line.iter().any(|&i| std::ptr::eq(&all[i], &t.base_exception));
        class.set_flag(inherited | if is_exception { EXCEPTION | HAS_DICT } else { 0 }, true);
        class.next.set(line.iter().flat_map(|&i| ROWS[i].contents.tables).find_map(|table| table.next));
        class.set_order(line.iter().map(|&i| std::ptr::from_ref(all[i].get())).collect());
        class.name.set(self.intern(row.name));
        class.qualname.set(class.name.get());
        let bases = if row.contents.behind_groups { &line[1..3] } else { &line[1..line.len().min(2)] };
        class.bases.set(self.tuple(bases.iter().map(|&i| all[i].value())));
        class.announce();
    }

    /// Fills the dict of a class that `make_class` made.
    pub(crate) fn fill_class(&self, class: &ClassObj, row: usize) {
        let contents = &ROWS[row].contents;
        let dict = self.dict();
        class.set_dict(dict.clone());
        let Some(d) = dict.as_dict() else { return };
        contents.tables.iter().for_each(|table| self.install(class, table));
        self.repeat_slots(class, row, d);
        if contents.unhashable {
            d.set_name(self, &self.names.__hash__, Value::NONE);
        }
        if contents.dict_row {
            self.add_dict_row(class);
        }
        if !contents.module.is_empty() {
            d.set_name(self, &self.names.__module__, self.intern(contents.module));
        }
        if d.get_name(self, &self.names.__doc__).is_none() {
            d.set_name(self, &self.names.__doc__, Value::NONE);
        }
        debug_assert!(d.keys().iter().filter_map(Value::as_str).all(|name| has_name(row, &name.to_text())));
    }

    /// Fills the rows of a table into a built-in class.
    pub fn install(&self, class: &ClassObj, table: &'static TypeTable) {
        let dict = class.dict();
        let Some(d) = dict.as_dict() else { return };
        // Behind the rows come documentation, module and what is repeated.
        d.reserve(table.rows.len() + 3);
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
        if let Some(d) = class.dict().as_dict() {
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
            c.next.set(table.next.or(base.next.get()));
            if let Some(d) = c.dict().as_dict() {
                d.set_name(self, &self.names.__module__, self.intern(module));
            }
            base.version();
            c.set_flag(base.flags.get() & SPECIAL | if table.has("__del__") { HAS_DEL } else { 0 }, true);
            c.pending.set(Some(table));
            // These may have to be known without a look into the class.
            if ["__getattribute__", "__setattr__", "__delattr__"].iter().any(|name| table.has(name)) {
                c.dict();
            }
            c.touch();
        }
        class
    }

    /// Fills the dict of a class that `native_class` made.
    pub(crate) fn fill_native(&self, class: &ClassObj, table: &'static TypeTable) {
        let dict = class.dict();
        let Some(d) = dict.as_dict() else { return };
        let module = d.remove_name(self, &self.names.__module__);
        self.install(class, table);
        let bases = class.bases.get();
        let inherits =
            bases.as_tuple().into_iter().flat_map(|t| t.items()).any(|b| b.as_class().is_some_and(|b| b.is(HAS_DICT)));
        if class.is(HAS_DICT) && !inherits {
            self.add_dict_row(class);
        }
        if let Some(module) = module {
            d.set_name(self, &self.names.__module__, module);
        }
    }
}
