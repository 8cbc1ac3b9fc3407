//! Which comparison an operation asks for.

use crate::protocol::compare::Compare;
use aio_bytecode::ops::number as op;

/// The comparison of an operation that compares.
pub(super) const fn comparison(number: u8) -> Compare {
    match number {
        op::Eq | op::JumpEq | op::JumpNotEq | op::JumpEqI | op::JumpNotEqI => Compare::Eq,
        op::Ne | op::JumpNe | op::JumpNotNe | op::JumpNeI | op::JumpNotNeI => Compare::Ne,
        op::Lt | op::JumpLt | op::JumpNotLt | op::JumpLtI | op::JumpNotLtI => Compare::Lt,
        op::Le | op::JumpLe | op::JumpNotLe | op::JumpLeI | op::JumpNotLeI => Compare::Le,
        op::Gt | op::JumpGt | op::JumpNotGt | op::JumpGtI | op::JumpNotGtI => Compare::Gt,
        op::Ge | op::JumpGe | op::JumpNotGe | op::JumpGeI | op::JumpNotGeI => Compare::Ge,
        _ => panic!("the operation does not compare"),
    }
}

/// Whether a comparing jump is taken when its comparison holds; else it is taken when that does not hold.
pub(super) const fn jumps_if_it_holds(number: u8) -> bool {
    !matches!(
        number,
        op::JumpNotEq
            | op::JumpNotNe
            | op::JumpNotLt
            | op::JumpNotLe
            | op::JumpNotGt
            | op::JumpNotGe
            | op::JumpNotEqI
            | op::JumpNotNeI
            | op::JumpNotLtI
            | op::JumpNotLeI
            | op::JumpNotGtI
            | op::JumpNotGeI
    )
}

#[cfg(test)]
mod tests {
    use super::{comparison, jumps_if_it_holds};
    use aio_bytecode::ops::OPS;

    #[test]
    fn the_names_of_the_operations_say_the_same() {
        for (number, info) in OPS.iter().enumerate() {
            let jump = info.name.strip_prefix("Jump");
            let (not, rest) = match jump.and_then(|name| name.strip_prefix("Not")) {
                Some(rest) => (true, rest),
                None => (false, jump.unwrap_or(info.name)),
            };
            let rest = rest.strip_suffix('I').unwrap_or(rest);
            if ["Eq", "Ne", "Lt", "Le", "Gt", "Ge"].contains(&rest) {
                let number = u8::try_from(number).expect("there are few operations");
                assert_eq!(format!("{:?}", comparison(number)), rest, "{}", info.name);
                assert!(jump.is_none() || jumps_if_it_holds(number) != not, "{}", info.name);
            }
        }
    }
}
