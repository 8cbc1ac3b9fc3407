//! Tree in, bytecode out: scopes, then emission.
