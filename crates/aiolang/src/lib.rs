//! The embedding API: engine, hosts, importer, rendering.
