//! The contract between compiler and VM: op table, code objects, verifier, disassembler.
