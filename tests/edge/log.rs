//! What was logged, for tests that read it.

use std::cell::RefCell;
use std::io;
use std::rc::Rc;
use std::sync::Once;

thread_local! {
    static TAKEN_DOWN: RefCell<Option<Text>> = const { RefCell::new(None) };
}

type Text = Rc<RefCell<Vec<u8>>>;

/// All that this thread logs at the finest level, until this is dropped.
pub(crate) struct Log(Text);

impl Log {
    /// There is one subscriber for all threads: what is of interest to one is decided for all of them.
    pub(crate) fn listen() -> Self {
        static SUBSCRIBED: Once = Once::new();
        SUBSCRIBED.call_once(|| {
            let subscriber = tracing_subscriber::fmt().with_env_filter("botmatic_contact=trace");
            subscriber.with_ansi(false).with_writer(|| Writer).init();
            // Some may have asked while it was being put in its place.
            tracing::callsite::rebuild_interest_cache();
        });
        let text = Text::default();
        TAKEN_DOWN.set(Some(Rc::clone(&text)));
        Self(text)
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.0.borrow().clone()).unwrap()
    }

    /// The lines with this text in them.
    pub(crate) fn lines_with(&self, part: &str) -> Vec<String> {
        self.text().lines().filter(|line| line.contains(part)).map(str::to_owned).collect()
    }
}

impl Drop for Log {
    fn drop(&mut self) {
        TAKEN_DOWN.set(None);
    }
}

struct Writer;

impl io::Write for Writer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        TAKEN_DOWN
            .with_borrow(|text| text.iter().for_each(|text| text.borrow_mut().extend_from_slice(bytes)));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
