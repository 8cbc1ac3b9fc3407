//! Aliases of characters, as far as `unicode_names2` does not find them: those of several words.

/// The character with an alias from the Unicode list `NameAliases.txt`, in any case of letters.
pub(super) fn lookup(name: &str) -> Option<char> {
    let name = name.to_ascii_uppercase();
    let found = ALIASES.binary_search_by(|(alias, _)| alias.cmp(&name.as_str()));
    found.ok().map(|i| ALIASES[i].1)
}

/// Sorted by name.
const ALIASES: &[(&str, char)] = &[];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted() {
        assert!(ALIASES.is_sorted());
        assert_eq!(lookup("line feed"), Some('\n'));
        assert_eq!(lookup("LINEFEED"), None);
    }
}
