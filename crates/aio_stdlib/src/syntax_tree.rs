//! The module _syntax_tree: the parser's tree as instances of the classes that `ast` makes.

use aio_vm::tree::{Node, Tree};
use aio_vm::{Args, CompileMode, Def, ModuleDef, R, Value, Vm, function};

static FUNCTIONS: &[Def] = &[function(
    "parse(source, filename, mode, classes, /)",
    parse,
    "The tree of a text, as instances of these classes.",
)];
static MODULE: ModuleDef = ModuleDef { name: "_syntax_tree", init };

/// Makes the module known.
pub fn install(vm: &Vm) {
    vm.add_module(&MODULE);
}

fn init(vm: &Vm, module: &Value) -> R<()> {
    crate::fill::define(vm, module, FUNCTIONS);
    Ok(())
}

fn parse(vm: &Vm, a: &Args) -> R {
    let source = vm.source_text(&a[0], "compile")?;
    let filename = vm.to_text(&a[1])?;
    let mode = match vm.to_text(&a[2])?.as_str() {
        "eval" => CompileMode::Eval,
        "single" => CompileMode::Interactive,
        _ => CompileMode::Module,
    };
    let tree = vm.parse(&source, &filename, mode)?;
    Builder { vm, classes: &a[3], contexts: Default::default() }.build(&tree)
}

const ATTRIBUTES: [&str; 4] = ["lineno", "col_offset", "end_lineno", "end_col_offset"];

struct Builder<'v> {
    vm: &'v Vm,
    classes: &'v Value,
    /// Nodes without fields and place: CPython has one instance of each, too.
    contexts: std::cell::RefCell<Vec<(&'static str, Value)>>,
}

impl Builder<'_> {
    fn build(&self, tree: &Tree) -> R {
        let vm = self.vm;
        Ok(match tree {
            Tree::None => Value::NONE,
            Tree::Bool(b) => Value::bool(*b),
            Tree::Int(n) => vm.int(*n),
            Tree::BigInt(hex) => {
                num_bigint::BigInt::parse_bytes(hex.as_bytes(), 16).map_or(Value::NONE, |n| vm.bigint(n))
            }
            Tree::Float(x) => Value::float(*x),
            Tree::Imag(x) => vm.complex(0.0, *x),
            Tree::Str(text) if text.len() <= 64 => vm.intern_wtf8(text),
            Tree::Str(text) => vm.str_wtf8(text),
            Tree::Bytes(data) => vm.bytes(data),
            Tree::Ellipsis => Value::ELLIPSIS,
            Tree::List(items) => {
                let items: Vec<Value> = items.iter().map(|item| self.build(item)).collect::<R<_>>()?;
                vm.list(items)
            }
            Tree::Node(node) => stacker::maybe_grow(RED_ZONE, SEGMENT, || self.node(node))?,
        })
    }

    fn node(&self, node: &Node) -> R {
        let vm = self.vm;
        let shared = node.fields.is_empty() && node.place.is_none();
        if shared && let Some((_, known)) = self.contexts.borrow().iter().find(|(class, _)| *class == node.class) {
            return Ok(known.clone());
        }
        let class = vm.get_item(self.classes, &vm.intern(node.class))?;
        let made = match class.as_class() {
            Some(class) => vm.instance(class),
            None => return Err(vm.type_error("a class is expected")),
        };
        for (name, value) in &node.fields {
            vm.set_attr(&made, &vm.intern(name), Some(self.build(value)?))?;
        }
        for (name, number) in ATTRIBUTES.iter().zip(node.place.iter().flatten()) {
            vm.set_attr(&made, &vm.intern(name), Some(vm.int(i64::from(*number))))?;
        }
        if shared {
            self.contexts.borrow_mut().push((node.class, made.clone()));
        }
        Ok(made)
    }
}

/// So much stack has to be left, or so much more is taken: trees are as deep as the parser allows.
const RED_ZONE: usize = 128 << 10;
const SEGMENT: usize = 1 << 20;
