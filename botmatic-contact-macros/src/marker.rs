//! `#[botmatic::action]`, `#[botmatic::on]` and `#[botmatic::settings]` by name, and where they have no meaning.
//!
//! `#[botmatic::integration]` reads the markers of its block and removes them before the compiler gets to them. One that
//! runs by itself stands on a free function, on a whole block, or where nobody reads it: then the method would never be
//! called, and this file says so and gives the item back. What a marker means is left to `integration`.

use proc_macro2::{Span, TokenStream};
use syn::Path;

use crate::emit::{self, Errors};
use crate::options;

/// Which of them ran.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Marker {
    Action,
    On,
    Settings,
}

impl Marker {
    /// The marker that is written with this path.
    pub(crate) fn of(path: &Path) -> Option<Self> {
        match options::path_text(path).as_str() {
            "botmatic::action" => Some(Self::Action),
            "botmatic::on" => Some(Self::On),
            "botmatic::settings" => Some(Self::Settings),
            _ => None,
        }
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Action => "#[botmatic::action]",
            Self::On => "#[botmatic::on]",
            Self::Settings => "#[botmatic::settings]",
        }
    }

    pub(crate) fn example(self) -> &'static str {
        match self {
            Self::Action => "#[botmatic::action(\"name\")]",
            Self::On => "#[botmatic::on(install)]",
            Self::Settings => "#[botmatic::settings(\"/settings\")]",
        }
    }
}

/// Gives a method back with the reason why its marker has no effect.
pub(crate) fn outside_of_a_block(marker: Marker, item: TokenStream) -> TokenStream {
    let (name, example) = (marker.name(), marker.example());
    without_effect(
        item,
        &format!(
            "`{name}` on a method only works inside `#[botmatic::integration] impl …`; put `#[botmatic::integration]` \
             on the impl block and write the marker on its method exactly as `{example}`, since one that comes from \
             `cfg_attr`, from a macro call inside the block or under another path is not seen there (to make a method \
             conditional, use `#[cfg(…)]`)"
        ),
    )
}

/// The same for what can have no marker anywhere.
pub(crate) fn misplaced(marker: Marker, item: TokenStream) -> TokenStream {
    let (name, example) = (marker.name(), marker.example());
    without_effect(
        item,
        &format!(
            "`{name}` stands on a method inside `#[botmatic::integration] impl …`, on a free `async fn`, or on an \
             `impl` with one `async fn`; write `{example}` above one of these"
        ),
    )
}

fn without_effect(item: TokenStream, message: &str) -> TokenStream {
    let mut errors = Errors::default();
    errors.at_span(Span::call_site(), message);
    emit::finish(item, &errors, TokenStream::new())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::snapshot::messages;

    #[test]
    fn a_marker_on_its_own_gives_the_item_back_and_explains() {
        let output = outside_of_a_block(
            Marker::Action,
            quote::quote!(
                async fn find_jobs(&self) {}
            ),
        );
        assert!(output.to_string().starts_with("async fn find_jobs (& self) { }"), "{output}");
        let [message] = &messages(&output)[..] else { panic!("{output}") };
        assert!(message.starts_with(
            "`#[botmatic::action]` on a method only works inside `#[botmatic::integration] impl …`"
        ));
        assert!(message.contains("cfg_attr"));
        assert!(message.contains("`#[botmatic::action(\"name\")]`"));

        let output = misplaced(
            Marker::On,
            quote::quote!(
                const LIMIT: u8 = 3;
            ),
        );
        let [message] = &messages(&output)[..] else { panic!("{output}") };
        assert!(message.starts_with("`#[botmatic::on]` stands on"));
        assert!(message.contains("`#[botmatic::on(install)]`"));
    }
}
