//! F-strings: texts between fields, joined.

use super::Export;
use crate::ast::*;
use aio_source::tree::Tree;

impl Export<'_> {
    /// `JoinedStr`: neighbouring texts, those of `{x=}` included, are one constant.
    pub(super) fn joined(&self, pieces: &[FPiece], span: Span) -> Tree {
        let mut values = Vec::new();
        let mut text: Vec<u8> = Vec::new();
        // Texts have no place of their own in the tree: they reach from one field to the next.
        let (opener, closer) = self.quotes(span);
        let mut start = span.lo + opener;
        for piece in pieces {
            match piece {
                FPiece::Lit(lit) => text.extend_from_slice(lit),
                FPiece::Field(field) => {
                    if let Some(debug) = &field.debug {
                        text.extend_from_slice(debug);
                    }
                    self.constant(&mut values, &mut text, Span::new(start, field.span.lo));
                    values.push(self.field(field));
                    start = field.span.hi;
                }
            }
        }
        self.constant(&mut values, &mut text, Span::new(start, span.hi - closer));
        self.node("JoinedStr", vec![("values", Tree::List(values))], span)
    }

    /// How long the quotes of a literal are, the first ones with the letters before them; nothing in a format
    /// specification, which has none.
    fn quotes(&self, span: Span) -> (u32, u32) {
        let text = span.text(self.source);
        let inside = text.trim_start_matches(|c: char| c.is_ascii_alphabetic());
        let letters = text.len() - inside.len();
        let quotes = match inside.as_bytes() {
            [a @ (b'"' | b'\''), b, c, ..] if a == b && b == c && inside.len() >= 6 => 3,
            [b'"' | b'\'', ..] => 1,
            _ => return (0, 0),
        };
        ((letters + quotes) as u32, quotes as u32)
    }

    fn constant(&self, values: &mut Vec<Tree>, text: &mut Vec<u8>, span: Span) {
        if !text.is_empty() {
            let value = Tree::Str(std::mem::take(text).into());
            values.push(self.node("Constant", vec![("value", value), ("kind", Tree::None)], span));
        }
    }

    fn field(&self, field: &FField) -> Tree {
        let conversion = match field.conv {
            Conversion::None => -1,
            Conversion::Str => i64::from(b's'),
            Conversion::Repr => i64::from(b'r'),
            Conversion::Ascii => i64::from(b'a'),
        };
        let spec = match &field.spec {
            None => Tree::None,
            Some(pieces) => {
                let colon = self.before(field.span.hi, ":").max(field.expr.span.hi);
                self.joined(pieces, Span::new(colon, field.span.hi.saturating_sub(1)))
            }
        };
        let fields =
            vec![("value", self.expr(&field.expr)), ("conversion", Tree::Int(conversion)), ("format_spec", spec)];
        self.node("FormattedValue", fields, field.span)
    }
}
