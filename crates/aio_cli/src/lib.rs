//! The aio program: run, check, dis.
