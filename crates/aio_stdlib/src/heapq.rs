//! `_heapq`: the operations on heaps in lists.

use aio_vm::object::ListObj;
use aio_vm::{Args, Def, ModuleDef, R, Value, Vm, function};

static FUNCTIONS: &[Def] = &[
    function("heappush(heap, item, /)", push, "Push item onto heap, maintaining the heap invariant."),
    function("heappop(heap, /)", pop, "Pop the smallest item off the heap, maintaining the heap invariant."),
    function(
        "heapreplace(heap, item, /)",
        replace,
        "Pop and return the current smallest value, and add the new item.\n\nThis is more efficient than heappop() \
         followed by heappush(), and can be\nmore appropriate when using a fixed-size heap.  Note that the \
         value\nreturned may be larger than item!  That constrains reasonable uses of\nthis routine unless written as \
         part of a conditional replacement:\n\n    if item > heap[0]:\n        item = heapreplace(heap, item)",
    ),
    function(
        "heappushpop(heap, item, /)",
        pushpop,
        "Push item on the heap, then pop and return the smallest item from the heap.\n\nThe combined action runs more \
         efficiently than heappush() followed by\na separate call to heappop().",
    ),
    function("heapify(heap, /)", heapify, "Transform list into a heap, in-place, in O(len(heap)) time."),
    function("_heappop_max(heap, /)", pop_max, "Maxheap variant of heappop."),
    function("_heapreplace_max(heap, item, /)", replace_max, "Maxheap variant of heapreplace."),
    function("_heapify_max(heap, /)", heapify_max, "Maxheap variant of heapify."),
];

static MODULE: ModuleDef = ModuleDef { name: "_heapq", init: fill };

/// Makes the module known.
pub fn install(vm: &Vm) {
    vm.add_module(&MODULE);
}

fn fill(vm: &Vm, module: &Value) -> R<()> {
    crate::fill::define(vm, module, FUNCTIONS);
    Ok(())
}

/// A list as a heap with the least (or the greatest) item in front.
struct Heap<'a> {
    vm: &'a Vm,
    list: &'a ListObj,
    greatest_first: bool,
}

impl<'a> Heap<'a> {
    fn of(vm: &'a Vm, v: &'a Value, name: &str, greatest_first: bool) -> R<Heap<'a>> {
        match v.as_list() {
            Some(list) => Ok(Heap { vm, list, greatest_first }),
            None => Err(vm.bad_argument(&format!("{name}() argument"), "list", v)),
        }
    }

    fn item(&self, i: usize) -> R {
        self.list.get(i).ok_or_else(|| self.vm.index_error("list index out of range"))
    }

    /// Whether `x` belongs in front of `y`. Comparing may run a script, which may change the list's length.
    fn before(&self, x: &Value, y: &Value) -> R<bool> {
        let n = self.list.len();
        let (x, y) = if self.greatest_first { (y, x) } else { (x, y) };
        let answer = self.vm.lt(x, y)?;
        if self.list.len() != n {
            return Err(self.vm.runtime_error("list changed size during iteration"));
        }
        Ok(answer)
    }

    fn swap(&self, i: usize, k: usize) -> R<()> {
        let (x, y) = (self.item(i)?, self.item(k)?);
        drop(self.list.set(i, y));
        drop(self.list.set(k, x));
        Ok(())
    }

    /// Moves the item at `i` towards the front, down to `start` at most.
    fn to_front(&self, start: usize, mut i: usize) -> R<()> {
        while i > start {
            let parent = (i - 1) / 2;
            if !self.before(&self.item(i)?, &self.item(parent)?)? {
                break;
            }
            self.swap(i, parent)?;
            i = parent;
        }
        Ok(())
    }

    /// Lets the item at `i` sink to a leaf along the better children, and from there rise to its place.
    fn sink(&self, mut i: usize) -> R<()> {
        let (start, n) = (i, self.list.len());
        while 2 * i + 1 < n {
            let mut child = 2 * i + 1;
            if child + 1 < n && !self.before(&self.item(child)?, &self.item(child + 1)?)? {
                child += 1;
            }
            self.swap(i, child)?;
            i = child;
        }
        self.to_front(start, i)
    }

    fn order(&self) -> R<()> {
        for i in (0..self.list.len() / 2).rev() {
            self.vm.tick()?;
            self.sink(i)?;
        }
        Ok(())
    }

    fn pop(&self) -> R {
        let Some(last) = self.list.pop() else { return Err(self.vm.index_error("index out of range")) };
        if self.list.is_empty() {
            return Ok(last);
        }
        let first = self.list.set(0, last).unwrap_or_default();
        self.sink(0)?;
        Ok(first)
    }

    fn replace(&self, item: &Value) -> R {
        if self.list.is_empty() {
            return Err(self.vm.index_error("index out of range"));
        }
        let first = self.list.set(0, item.clone()).unwrap_or_default();
        self.sink(0)?;
        Ok(first)
    }
}

/// Adds an item to a heap.
pub(crate) fn add(vm: &Vm, list: &ListObj, item: Value) -> R<()> {
    list.push(item);
    Heap { vm, list, greatest_first: false }.to_front(0, list.len().saturating_sub(1))
}

/// Takes the least item of a heap.
pub(crate) fn take_least(vm: &Vm, list: &ListObj) -> R {
    Heap { vm, list, greatest_first: false }.pop()
}

fn push(vm: &Vm, a: &Args) -> R {
    add(vm, Heap::of(vm, &a[0], "heappush", false)?.list, a[1].clone())?;
    Ok(Value::NONE)
}

fn pop(vm: &Vm, a: &Args) -> R {
    Heap::of(vm, &a[0], "heappop", false)?.pop()
}

fn replace(vm: &Vm, a: &Args) -> R {
    Heap::of(vm, &a[0], "heapreplace", false)?.replace(&a[1])
}

fn pushpop(vm: &Vm, a: &Args) -> R {
    let heap = Heap::of(vm, &a[0], "heappushpop", false)?;
    let Some(first) = heap.list.get(0) else { return Ok(a[1].clone()) };
    // The comparison may have emptied the list: replacing says so.
    if vm.lt(&first, &a[1])? { heap.replace(&a[1]) } else { Ok(a[1].clone()) }
}

fn heapify(vm: &Vm, a: &Args) -> R {
    Heap::of(vm, &a[0], "heapify", false)?.order()?;
    Ok(Value::NONE)
}

fn pop_max(vm: &Vm, a: &Args) -> R {
    Heap::of(vm, &a[0], "_heappop_max", true)?.pop()
}

fn replace_max(vm: &Vm, a: &Args) -> R {
    Heap::of(vm, &a[0], "_heapreplace_max", true)?.replace(&a[1])
}

fn heapify_max(vm: &Vm, a: &Args) -> R {
    Heap::of(vm, &a[0], "_heapify_max", true)?.order()?;
    Ok(Value::NONE)
}
