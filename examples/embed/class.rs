//! A Rust struct as a class of scripts: constructor, methods, a property, operators, something to await.

use aiolang::{Class, Engine, Error, New, This};

#[derive(Clone, Copy)]
struct Vector {
    x: f64,
    y: f64,
}

fn main() -> Result<(), Error> {
    let vector = Class::<Vector>::new("Vector")
        .doc("A vector in the plane.")
        .constructor("x=0.0, y=0.0", |x: f64, y: f64| Vector { x, y })
        .property(
            "x",
            "The first coordinate.",
            |this: This<Vector>| this.get().map(|v| v.x),
            |this: This<Vector>, x: f64| this.get_mut().map(|mut v| v.x = x),
        )
        .getter("length", "How long it is.", |this: This<Vector>| this.get().map(|v| v.x.hypot(v.y)))
        .method("__add__(self, other)", "Return self+other.", |a: This<Vector>, b: This<Vector>| {
            let (a, b) = (*a.get()?, *b.get()?);
            Ok::<_, Error>(New(Vector { x: a.x + b.x, y: a.y + b.y }))
        })
        .method("__repr__(self)", "Return repr(self).", |this: This<Vector>| {
            this.get().map(|v| format!("Vector({}, {})", v.x, v.y))
        })
        .async_method("settle(self)", "Wait until it is still.", |this: This<Vector>| {
            let length = this.get().map(|v| v.x.hypot(v.y));
            drop(this);
            async move { length.map(|l| format!("still after {l}")) }
        });
    let isolate = Engine::builder().build()?.isolate();
    isolate.register_class(&vector)?;
    isolate.run(
        "v = Vector(3, y=4)\nprint(v, v.length)\nv.x += 2\nprint(v + Vector(1, 1))\nprint(await v.settle())\nprint(Vector.__doc__)",
    )?;
    Ok(())
}
