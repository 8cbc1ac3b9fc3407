//! The suite runner.
