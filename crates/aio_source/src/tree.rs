//! A syntax tree as plain data, in the shape of Python's module `ast`: what scripts get that look at programs.

/// Where a node stands: first line and column, last line and column; lines from 1, columns in bytes from 0.
pub type Place = [u32; 4];

/// A node, or what its fields hold.
#[derive(Debug, Clone, PartialEq)]
pub enum Tree {
    /// `None`
    None,
    /// `True` or `False`
    Bool(bool),
    /// A small number.
    Int(i64),
    /// A number in hexadecimal digits.
    BigInt(Box<str>),
    /// A number with a fraction.
    Float(f64),
    /// An imaginary number.
    Imag(f64),
    /// Text, in WTF-8.
    Str(Box<[u8]>),
    /// Bytes.
    Bytes(Box<[u8]>),
    /// `...`
    Ellipsis,
    /// Several of them.
    List(Vec<Tree>),
    /// An instance of a class of `ast`.
    Node(Box<Node>),
}

/// An instance of a class of `ast`.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// The class.
    pub class: &'static str,
    /// The fields, in the order of the class.
    pub fields: Vec<(&'static str, Tree)>,
    /// Where it stands, if nodes of its class say so.
    pub place: Option<Place>,
}

impl Tree {
    /// Text that is no literal.
    pub fn name(text: &str) -> Tree {
        Tree::Str(text.as_bytes().into())
    }

    /// A node.
    pub fn node(class: &'static str, fields: Vec<(&'static str, Tree)>, place: Option<Place>) -> Tree {
        Tree::Node(Box::new(Node { class, fields, place }))
    }
}
