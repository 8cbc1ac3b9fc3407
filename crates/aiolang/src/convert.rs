//! Values of scripts as Rust types and back.

mod data;
mod from_script;
mod serde_data;
mod serde_value;
mod to_script;

pub use data::Data;
pub use from_script::{Bytes, FromScript};
pub use serde_data::{Serde, from_data, to_data};
pub use serde_value::{from_value, to_value};
pub use to_script::{ArgList, Args, IntoArgs, ToScript};
