//! The module _traceback: which part of the text an instruction comes from, and what that part is made of.

use aio_vm::tree::{Node, Tree};
use aio_vm::{Args, CompileMode, Def, ModuleDef, R, Value, Vm, function};

static FUNCTIONS: &[Def] = &[
    function(
        "position(code, lasti, /)",
        position,
        "First line, last line, first column and the column behind the last one, in bytes; None each if it is not known.",
    ),
    function(
        "parts(text, /)",
        parts,
        "Of an operation, a subscript or a call: its kind, where its first part ends, the second begins, and the whole ends.",
    ),
    function(
        "plain_call(text, /)",
        plain_call,
        "Where the call stands whose result a statement returns or binds to a name; () if there is no statement.",
    ),
];
static MODULE: ModuleDef = ModuleDef { name: "_traceback", init };

/// Makes the module known.
pub fn install(vm: &Vm) {
    vm.add_module(&MODULE);
}

fn init(vm: &Vm, module: &Value) -> R<()> {
    crate::fill::define(vm, module, FUNCTIONS);
    Ok(())
}

fn numbers<const N: usize>(vm: &Vm, numbers: [u32; N]) -> Value {
    vm.tuple(numbers.map(|n| vm.int(n.into())))
}

fn position(vm: &Vm, a: &Args) -> R {
    let last = vm.index(&a[1])?;
    let Some(code) = a[0].as_code() else { return Err(vm.type_error("a code object is expected")) };
    let place = u32::try_from(last).ok().map(|last| (last / 2, code.template.position(last / 2)));
    Ok(match place {
        Some((_, Some(p))) => numbers(vm, [p.start.0, p.end.0, p.start.1, p.end.1]),
        Some((pc, None)) => vm.tuple([vm.int(code.line(pc).into()), Value::NONE, Value::NONE, Value::NONE]),
        None => vm.tuple([Value::NONE, Value::NONE, Value::NONE, Value::NONE]),
    })
}

fn node(tree: &Tree) -> Option<&Node> {
    match tree {
        Tree::Node(node) => Some(node),
        _ => None,
    }
}

/// The node in a field.
fn field<'a>(of: &'a Node, name: &str) -> Option<&'a Node> {
    of.fields.iter().find(|(field, _)| *field == name).and_then(|(_, tree)| node(tree))
}

/// The nodes in a field.
fn items<'a>(of: &'a Node, name: &str) -> &'a [Tree] {
    match of.fields.iter().find(|(field, _)| *field == name) {
        Some((_, Tree::List(items))) => items,
        _ => &[],
    }
}

/// The tree of a text, if it is right.
fn tree(vm: &Vm, text: &Value, around: [&str; 2], mode: CompileMode) -> R<Option<Tree>> {
    let text = vm.to_text(text)?;
    let [before, behind] = around;
    Ok(vm.parse(&format!("{before}{text}{behind}"), "<traceback>", mode).ok())
}

fn parts(vm: &Vm, a: &Args) -> R {
    // Within brackets an expression may go on in the next line; what is found moves up by the line in front.
    let tree = tree(vm, &a[0], ["(\n", "\n)"], CompileMode::Eval)?;
    let Some(root) = tree.as_ref().and_then(node).and_then(|root| field(root, "body")) else { return Ok(Value::NONE) };
    let (first, second) = match root.class {
        "BinOp" => ("left", "right"),
        "Subscript" => ("value", ""),
        "Call" => ("func", ""),
        _ => return Ok(Value::NONE),
    };
    let end = field(root, first).and_then(|first| first.place);
    let begin = field(root, second).unwrap_or(root).place;
    let (Some(end), Some(begin), Some(whole)) = (end, begin, root.place) else { return Ok(Value::NONE) };
    let place = |line: u32, column| numbers(vm, [line.saturating_sub(2), column]);
    let places = [place(end[2], end[3]), place(begin[0], begin[1]), place(whole[2], whole[3])];
    let [first, second, last] = places;
    Ok(vm.tuple([vm.intern(root.class), first, second, last]))
}

fn plain_call(vm: &Vm, a: &Args) -> R {
    let tree = tree(vm, &a[0], ["", ""], CompileMode::Module)?;
    let Some(root) = tree.as_ref().and_then(node) else { return Ok(Value::NONE) };
    let Some(statement) = items(root, "body").first().and_then(node) else { return Ok(vm.tuple([])) };
    let value = field(statement, "value").filter(|value| value.class == "Call");
    let name = |node: Option<&Node>| node.is_some_and(|node| node.class == "Name");
    let plain = value.filter(|value| match statement.class {
        "Return" => name(field(value, "func")),
        "Assign" => matches!(items(statement, "targets"), [only] if name(node(only))),
        _ => false,
    });
    Ok(plain.and_then(|value| value.place).map_or(Value::NONE, |place| numbers(vm, place)))
}
