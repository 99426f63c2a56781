//! `#[botmatic::action]`, `#[botmatic::on]` and `#[botmatic::settings]` when they run by themselves.
//!
//! `#[botmatic::integration]` reads the markers and removes them before the compiler gets to them. So if one of
//! them runs, it stands where nobody reads it, and the method would never be called: this file says so and gives
//! the item back. What a marker means is left to `integration`.

use proc_macro2::{Span, TokenStream};

use crate::emit::{self, Errors};

/// Which of them ran.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Marker {
    Action,
    On,
    Settings,
}

impl Marker {
    fn name(self) -> &'static str {
        match self {
            Self::Action => "#[botmatic::action]",
            Self::On => "#[botmatic::on]",
            Self::Settings => "#[botmatic::settings]",
        }
    }

    fn example(self) -> &'static str {
        match self {
            Self::Action => "#[botmatic::action(\"name\")]",
            Self::On => "#[botmatic::on(install)]",
            Self::Settings => "#[botmatic::settings(\"/settings\")]",
        }
    }
}

/// Gives the item back with the reason why its marker has no effect.
pub(crate) fn misplaced(marker: Marker, item: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    errors.at_span(Span::call_site(), message(marker));
    emit::finish(item, &errors, TokenStream::new())
}

fn message(marker: Marker) -> String {
    let (name, example) = (marker.name(), marker.example());
    format!(
        "`{name}` only works on a method inside `#[botmatic::integration] impl …`; put `#[botmatic::integration]` \
         on the impl block and write the marker on its method exactly as `{example}`, since one that comes from \
         `cfg_attr`, from a macro call inside the block or under another path is not seen there (to make a method \
         conditional, use `#[cfg(…)]`)"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::snapshot::messages;

    #[test]
    fn a_marker_on_its_own_gives_the_item_back_and_explains() {
        let output = misplaced(
            Marker::Action,
            quote::quote!(
                async fn find_jobs() {}
            ),
        );
        assert!(output.to_string().starts_with("async fn find_jobs () { }"), "{output}");
        let [message] = &messages(&output)[..] else { panic!("{output}") };
        assert!(message.starts_with(
            "`#[botmatic::action]` only works on a method inside `#[botmatic::integration] impl …`"
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
        assert!(message.starts_with("`#[botmatic::on]` only works"));
        assert!(message.contains("`#[botmatic::on(install)]`"));
    }
}
