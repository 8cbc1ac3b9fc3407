//! What every stage says about text: sources, spans, diagnostics as data.
